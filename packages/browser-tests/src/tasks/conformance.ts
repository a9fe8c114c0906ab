import { storageCasesFor } from "@openmls-ts/conformance";
import { type IndexedDbDurability, indexedDbStorage } from "@openmls-ts/storage-indexeddb";
import { conformanceContext, freshName } from "@openmls-ts/storage-indexeddb/testing";

/** What became of some cases. */
export interface CaseReport {
  readonly passed: number;
  readonly failed: readonly string[];
}

/** All conformance cases of a storage provider, on the databases of this browser. */
export async function conformance(durability: IndexedDbDurability): Promise<CaseReport> {
  const context = conformanceContext(durability);
  const failed: string[] = [];
  let passed = 0;
  for (const storageCase of storageCasesFor(context)) {
    try {
      await storageCase.run(context);
      passed++;
    } catch (error) {
      failed.push(`${storageCase.name}: ${String(error)}`);
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
