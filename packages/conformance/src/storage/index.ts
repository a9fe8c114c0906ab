import { batchCases } from "./batches.ts";
import type { StorageConformanceCase, StorageConformanceContext } from "./context.ts";
import { durabilityCases } from "./durability.ts";
import { isolationCases } from "./isolation.ts";
import { limitCases } from "./limits.ts";
import { orderCases } from "./order.ts";
import { recordCases } from "./records.ts";

export type { StorageConformanceCase, StorageConformanceContext } from "./context.ts";

/** Everything a `StorageProvider` promises, as cases that any test runner can run. */
export const storageProviderCases: readonly StorageConformanceCase[] = [
  ...recordCases,
  ...orderCases,
  ...isolationCases,
  ...batchCases,
  ...limitCases,
  ...durabilityCases,
];

/** The cases that a context can run: without `reopen` or `openSecond`, those for lasting or shared stores fall away. */
export function storageCasesFor(context: StorageConformanceContext): readonly StorageConformanceCase[] {
  return storageProviderCases.filter(({ needs }) => needs.every((need) => context[need] !== undefined));
}
