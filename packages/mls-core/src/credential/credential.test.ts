import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../codec/index.ts";
import { CredentialType } from "../registry.ts";
import { mlsError } from "../testing/suites.ts";
import { basicCredential, credential, type Credential, encodeCredential } from "../wire/index.ts";

describe("credentials (RFC 9420 §5.3)", () => {
  it.each<readonly [string, Credential, readonly number[]]>([
    ["basic", basicCredential(utf8("ann")), [0, 1, 3, 0x61, 0x6e, 0x6e]],
    [
      "x509",
      { credentialType: CredentialType.x509, certificates: [Uint8Array.of(7), Uint8Array.of(8, 9)] },
      [0, 2, 5, 1, 7, 2, 8, 9],
    ],
    ["an empty chain", { credentialType: CredentialType.x509, certificates: [] }, [0, 2, 0]],
  ])("encode and decode: %s", (_, value, bytes) => {
    expect(encodeCredential(value)).toEqual(Uint8Array.from(bytes));
    expect(decode(credential, Uint8Array.from(bytes))).toEqual(value);
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(() => decode(credential, Uint8Array.from(bytes.slice(0, cut)))).toThrow(
        mlsError("ERR_MLS_DECODE"),
      );
    }
  });

  it.each([0, 3, 0x0a0a, 0xffff])("of type %i cannot be read", (type) => {
    const bytes = Uint8Array.of(type >>> 8, type & 0xff, 0);
    expect(() => decode(credential, bytes)).toThrow(mlsError("ERR_MLS_DECODE"));
  });

  it("own their identity", () => {
    const name = utf8("ann");
    const value = basicCredential(name);
    name.fill(0);
    expect(encode(credential, value)).toEqual(Uint8Array.of(0, 1, 3, 0x61, 0x6e, 0x6e));
  });
});
