import { storageCasesFor } from "@openmls-ts/conformance";
import type { StorageProvider } from "@openmls-ts/traits";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";

/** The example in the README as it stands there, as a module. */
async function loadExample(): Promise<{ tinyStorage: () => StorageProvider }> {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = /```ts\n([^`]*export function tinyStorage[^`]*)```/.exec(readme)?.[1];
  if (code === undefined) {
    return expect.unreachable("the README has no example of a StorageProvider");
  }
  const traits = import.meta.resolve("@openmls-ts/traits");
  const script = stripTypeScriptTypes(code).replace('"@openmls-ts/traits"', JSON.stringify(traits));
  return (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as {
    tinyStorage: () => StorageProvider;
  };
}

const { tinyStorage } = await loadExample();
const context = { open: async (): Promise<StorageProvider> => tinyStorage() };

describe("the StorageProvider in the README", () => {
  it.each(storageCasesFor(context))("$name", async (storageCase) => {
    await expect(storageCase.run(context)).resolves.toBeUndefined();
  });
});
