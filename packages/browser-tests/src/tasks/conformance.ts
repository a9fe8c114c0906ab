import {
  cryptoProviderCases,
  storageCasesFor,
  type StorageConformanceContext,
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

/** All conformance cases of a storage provider, on the databases of this browser. */
export async function conformance(durability: IndexedDbDurability): Promise<CaseReport> {
  return storageCases(conformanceContext(durability));
}

/** The same with storage-encrypted in between, under a key that the browser does not give away. */
export async function encryptedConformance(durability: IndexedDbDurability): Promise<CaseReport> {
  const algorithm = { name: "AES-GCM", length: 256 };
  const key = webCryptoKey(await crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]));
  const inner = conformanceContext(durability);
  const inners = new Map<StorageProvider, StorageProvider>();
  const over = async (store: StorageProvider): Promise<StorageProvider> => {
    const encrypted = await encryptedStorage(store, key);
    inners.set(encrypted, store);
    return encrypted;
  };
  return storageCases({
    open: async () => over(await inner.open()),
    reopen: async (store) => over(await inner.reopen!(inners.get(store)!)),
    openSecond: async (store) => over(await inner.openSecond!(inners.get(store)!)),
  });
}

/** All conformance cases of a crypto provider, in the suites that it has here. */
export async function cryptoConformance(
  name: ProviderName,
): Promise<CaseReport & { readonly suites: string }> {
  const provider = cryptoNamed(name);
  const suites = await provider.supportedCipherSuites();
  const cases = cryptoProviderCases.filter(({ name: title }) => {
    const [, suite] = /^suite (\d+):/.exec(title) ?? [];
    return suite === undefined || suites.includes(Number(suite));
  });
  const report = await runAll(cases, async (one) => one.run({ provider }));
  return { ...report, suites: suites.join(", ") };
}

async function storageCases(context: StorageConformanceContext): Promise<CaseReport> {
  return runAll(storageCasesFor(context), async (one) => one.run(context));
}

async function runAll<C extends { readonly name: string }>(
  cases: readonly C[],
  run: (one: C) => Promise<void>,
): Promise<CaseReport> {
  const failed: string[] = [];
  let passed = 0;
  for (const one of cases) {
    try {
      await run(one);
      passed++;
    } catch (error) {
      failed.push(`${one.name}: ${String(error)}`);
    }
  }
  return { passed, failed };
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
