import { wycheproofCases, wycheproofFiles } from "@openmls-ts/conformance";
import { readVectors } from "@openmls-ts/conformance/testing";
import { cipherSuiteParams } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { webDhGroup } from "./dh-group.ts";
import { webCrypto } from "./web-crypto.ts";

const provider = webCrypto();
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
    const group = webDhGroup(globalThis.crypto.subtle, params.kem);
    for (const wycheproofCase of wycheproofCases(file, vectors, params)) {
      await expect(wycheproofCase.run({ suite, group })).resolves.toBeUndefined();
    }
  });
});
