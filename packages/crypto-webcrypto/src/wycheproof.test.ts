import { wycheproofCases, wycheproofFiles } from "@openmls-ts/conformance";
import { readVectors } from "@openmls-ts/conformance/testing";
import type { DhGroup } from "@openmls-ts/hpke";
import type { DhKemParams } from "@openmls-ts/traits";
import { cipherSuiteParams } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { montgomeryGroup, nistGroup } from "./dh-group.ts";
import { webCrypto } from "./web-crypto.ts";

const { subtle } = globalThis.crypto;
const provider = webCrypto();

function groupOf(params: DhKemParams): DhGroup {
  const { curve } = params;
  return curve === "X25519" || curve === "X448"
    ? montgomeryGroup(subtle, params, curve)
    : nistGroup(subtle, params, curve);
}

const supported = await provider.supportedCipherSuites();
// Every suite of Node.js 24; a runtime without X448 or Ed448 has nothing to test of theirs.
const files = wycheproofFiles.filter(({ suites }) => suites.every((id) => supported.includes(id)));

describe.each(files)("Wycheproof's $file", ({ file, suites }) => {
  const vectors = readVectors(`wycheproof/${file}`);
  if (vectors === undefined) {
    it("is not tested, because the vectors are missing", () => {
      expect(process.env["CI"]).toBeUndefined();
    });
    return;
  }

  it.each(suites)("passes on suite %i", async (id) => {
    const params = cipherSuiteParams(id) ?? expect.fail("unknown suite");
    const suite = await provider.cipherSuite(id);
    const group = groupOf(params.kem as DhKemParams);
    for (const wycheproofCase of wycheproofCases(file, vectors, params)) {
      await expect(wycheproofCase.run({ suite, group })).resolves.toBeUndefined();
    }
  });
});
