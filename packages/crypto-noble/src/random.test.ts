import { CIPHER_SUITES } from "@openmls-ts/traits";
import { afterEach, describe, expect, it, vi } from "vitest";
import { nobleCrypto } from "./index.ts";

describe("a runtime without a random generator", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it.each(CIPHER_SUITES)("is named in the error of suite $id", async ({ id }) => {
    const suite = await nobleCrypto().cipherSuite(id);
    const { publicKey } = await suite.deriveKeyPair(new Uint8Array(32));
    vi.stubGlobal("crypto", undefined);
    const unsupported = expect.objectContaining({ code: "ERR_MLS_UNSUPPORTED_RUNTIME" }) as Error;
    expect(() => suite.randomBytes(1)).toThrow(unsupported);
    await expect(suite.generateSignatureKeys()).rejects.toThrow(unsupported);
    const seal = suite.hpkeSealContext(publicKey).seal(publicKey, publicKey, publicKey);
    await expect(seal).rejects.toThrow(unsupported);
  });
});
