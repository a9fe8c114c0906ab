import {
  type ConformanceCase,
  cryptoProviderCases,
  type StorageConformanceContext,
  storageCasesFor,
} from "@openmls-ts/conformance";
import { encryptedStorage, webCryptoKey } from "@openmls-ts/storage-encrypted";
import { type IndexedDbDurability, indexedDbStorage } from "@openmls-ts/storage-indexeddb";
import { conformanceContext, freshName } from "@openmls-ts/storage-indexeddb/testing";
import type { StorageProvider } from "@openmls-ts/traits";
import { cryptoNamed, type ProviderName } from "./providers.ts";

/** What became of some cases. */
export interface CaseReport {
  readonly passed: number;
  readonly failed: readonly string[];
}

async function runAll<Context>(
  cases: readonly ConformanceCase<Context>[],
  context: Context,
): Promise<CaseReport> {
  const failed: string[] = [];
  let passed = 0;
  for (const each of cases) {
    try {
      await each.run(context);
      passed++;
    } catch (error) {
      failed.push(`${each.name}: ${String(error)}`);
    }
  }
  return { passed, failed };
}

/** All conformance cases of a storage provider, on the databases of this browser. */
export async function conformance(durability: IndexedDbDurability): Promise<CaseReport> {
  const context = conformanceContext(durability);
  return runAll(storageCasesFor(context), context);
}

/** The same, encrypted inside the databases with a key that nobody can read. */
export async function encryptedConformance(durability: IndexedDbDurability): Promise<CaseReport> {
  const inner = conformanceContext(durability);
  const key = webCryptoKey(
    await globalThis.crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]),
  );
  const inners = new Map<StorageProvider, StorageProvider>();
  const over = async (database: StorageProvider): Promise<StorageProvider> => {
    const store = await encryptedStorage(database, key);
    inners.set(store, database);
    return store;
  };
  const context: StorageConformanceContext = {
    open: async () => over(await inner.open()),
    reopen: async (store) => over(await inner.reopen!(inners.get(store)!)),
    openSecond: async (store) => over(await inner.openSecond!(inners.get(store)!)),
  };
  return runAll(storageCasesFor(context), context);
}

/** All conformance cases of a crypto provider in the suites that it has here, and which those are. */
export async function cryptoConformance(
  name: ProviderName,
): Promise<CaseReport & { readonly suites: readonly number[] }> {
  const provider = cryptoNamed(name);
  const suites = await provider.supportedCipherSuites();
  return { ...(await runAll(cryptoProviderCases, { provider })), suites };
}

/** Milliseconds that a batch of one small record takes, on average of 100, one after the other. */
export async function writeTime(durability: IndexedDbDurability): Promise<number> {
  const store = await indexedDbStorage({ name: freshName(), durability });
  const owner = new Uint8Array(16);
  const started = performance.now();
  for (let i = 0; i < 100; i++) {
    await store.write({ puts: [{ key: { table: "t", owner, id: owner }, value: new Uint8Array(100) }] });
  }
  store.close();
  return (performance.now() - started) / 100;
}
