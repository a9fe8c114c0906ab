import "fake-indexeddb/auto";
import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageConformanceContext } from "@openmls-ts/conformance";
import { describe, expect, it } from "vitest";
import { conformanceContext } from "./testing/context.ts";

describe.each(["strict", "relaxed"] as const)("indexedDbStorage, %s, is a StorageProvider", (durability) => {
  const context: StorageConformanceContext = conformanceContext(durability);
  it.each(storageCasesFor(context))("$name", async (storageCase) => {
    await expect(storageCase.run(context)).resolves.toBeUndefined();
  });
});
