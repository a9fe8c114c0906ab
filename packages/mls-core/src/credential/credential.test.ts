import { identityOf, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../codec/index.ts";
import { CredentialType } from "../registry.ts";
import { mlsError } from "../testing/suites.ts";
import {
  basicCredential,
  credential,
  type Credential,
  customCredential,
  encodeCredential,
  x509Credential,
} from "../wire/index.ts";

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

  it.each([0, 3, 4, 0x0a0a, 0xf001, 0xffff])("of type %i are carried as they are (rfc118)", (type) => {
    const bytes = Uint8Array.of(type >>> 8, type & 0xff, 2, 7, 8);
    const value = decode(credential, bytes);
    expect(value).toEqual({ credentialType: type, content: Uint8Array.of(7, 8) });
    expect(encodeCredential(value)).toEqual(bytes);
    expect(identityOf(value)).toBeUndefined();
    expect(() => decode(credential, bytes.subarray(0, -1))).toThrow(mlsError("ERR_MLS_DECODE"));
  });

  it("are made for custom types, but not for GREASE (rfc117)", () => {
    const content = utf8("who");
    const value = customCredential(0xf001, content);
    content.fill(0);
    expect(value).toEqual({ credentialType: 0xf001, content: utf8("who") });
    for (const type of [1, 2, -1, 0x1_0000, Number.NaN]) {
      expect(() => customCredential(type, content)).toThrow(mlsError("ERR_MLS_USAGE"));
    }
    expect(() => customCredential(0x1a1a, content)).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc117"));
  });

  it("take bytes and nothing else", () => {
    for (const wrong of ["ann", [1, 2], undefined, 3] as unknown as Uint8Array[]) {
      expect(() => basicCredential(wrong)).toThrow(mlsError("ERR_MLS_USAGE"));
      expect(() => customCredential(7, wrong)).toThrow(mlsError("ERR_MLS_USAGE"));
      expect(() => encodeCredential({ credentialType: 1, identity: wrong })).toThrow(
        mlsError("ERR_MLS_ENCODE"),
      );
    }
  });

  it("hold a certificate chain of their own (rfc15)", () => {
    const der = Uint8Array.of(0x30, 0);
    const value = x509Credential([der]);
    der.fill(0xee);
    expect(value).toEqual({ credentialType: 2, certificates: [Uint8Array.of(0x30, 0)] });
    for (const wrong of [[], der, ["ann"], undefined] as unknown as Uint8Array[][]) {
      expect(() => x509Credential(wrong)).toThrow(mlsError("ERR_MLS_USAGE"));
    }
  });

  it("say whose they are where they are basic", () => {
    expect(identityOf(basicCredential(utf8("ann")))).toEqual(utf8("ann"));
    expect(identityOf({ credentialType: CredentialType.x509, certificates: [] })).toBeUndefined();
  });

  it("own their identity", () => {
    const name = utf8("ann");
    const value = basicCredential(name);
    name.fill(0);
    expect(encode(credential, value)).toEqual(Uint8Array.of(0, 1, 3, 0x61, 0x6e, 0x6e));
  });
});
