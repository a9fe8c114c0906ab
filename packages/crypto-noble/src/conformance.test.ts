import { cryptoProviderCases } from "@openmls-ts/conformance";
import { describe, expect, it } from "vitest";
import { nobleCrypto } from "./index.ts";

describe("noble meets the contract of a CryptoProvider", () => {
  const provider = nobleCrypto();

  it("has all suites", async () => {
    expect(await provider.supportedCipherSuites()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it.each(cryptoProviderCases)("$name", async (conformanceCase) => {
    await expect(conformanceCase.run({ provider })).resolves.toBeUndefined();
  });
});
