import { wycheproofCases, wycheproofFiles } from "@openmls-ts/conformance";
import { readVectors } from "@openmls-ts/conformance/testing";
import type { DhKemParams } from "@openmls-ts/traits";
import { cipherSuiteParams } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { nobleCrypto } from "./index.ts";
import { NOBLE } from "./primitives.ts";

describe.each(wycheproofFiles)("Wycheproof's $file (trap34)", ({ file, suites }) => {
  const vectors = readVectors(`wycheproof/${file}`);
  if (vectors === undefined) {
    it("is not tested, because the vectors are missing", () => {
      expect(process.env["CI"]).toBeUndefined();
    });
    return;
  }

  it.each(suites)("passes on suite %i", async (id) => {
    const params = cipherSuiteParams(id) ?? expect.fail("unknown suite");
    const suite = await nobleCrypto().cipherSuite(id);
    const group =
      NOBLE.groups[params.kem.curve ?? ""]?.(params.kem as DhKemParams) ?? expect.fail("no group");
    for (const wycheproofCase of wycheproofCases(file, vectors, params)) {
      await expect(wycheproofCase.run({ suite, group })).resolves.toBeUndefined();
    }
  });
});
