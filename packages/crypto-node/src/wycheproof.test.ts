import { wycheproofCases, wycheproofFiles } from "@openmls-ts/conformance";
import { readVectors } from "@openmls-ts/conformance/testing";
import type { DhGroup } from "@openmls-ts/hpke";
import type { DhKemParams } from "@openmls-ts/traits";
import { cipherSuiteParams } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { montgomeryGroup, nistGroup } from "./dh-group.ts";
import { nodeCrypto } from "./node-crypto.ts";

function groupOf(params: DhKemParams): DhGroup {
  const { curve } = params;
  return curve === "X25519" || curve === "X448" ? montgomeryGroup(params, curve) : nistGroup(params, curve);
}

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
    const suite = await nodeCrypto().cipherSuite(id);
    const group = groupOf(params.kem as DhKemParams);
    for (const wycheproofCase of wycheproofCases(file, vectors, params)) {
      await expect(wycheproofCase.run({ suite, group })).resolves.toBeUndefined();
    }
  });
});
