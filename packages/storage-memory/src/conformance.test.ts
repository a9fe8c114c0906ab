import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageConformanceContext } from "@openmls-ts/conformance";
import { describe, expect, it } from "vitest";
import { memoryStorage } from "./index.ts";

const context: StorageConformanceContext = { open: async () => memoryStorage() };

describe("memoryStorage is a StorageProvider", () => {
  it.each(storageCasesFor(context))("$name", async (storageCase) => {
    await expect(storageCase.run(context)).resolves.toBeUndefined();
  });
});
