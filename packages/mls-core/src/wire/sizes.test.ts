import { describe, expect, it } from "vitest";
import { type Codec, decode, encode, opaque } from "../codec/index.ts";
import { mlsError } from "../testing/suites.ts";
import { fakeLeaf } from "../tree/testing/leaves.ts";
import { leafNode } from "./leaf-node.ts";
import { preSharedKeyId } from "./psk-id.ts";
import { digestBytes, idBytes, publicKeyBytes, signatureBytes } from "./sizes.ts";

describe("fields that RFC 9420 does not bound", () => {
  it.each<readonly [string, Codec<Uint8Array>, number]>([
    ["public keys", publicKeyBytes, 4096],
    ["signatures", signatureBytes, 16_384],
    ["hashes, tags, references", digestBytes, 255],
    ["ids", idBytes, 65_535],
  ])("have a length that is sane: %s", (_, codec, max) => {
    const longest = new Uint8Array(max).fill(7);
    expect(decode(codec, encode(codec, longest))).toEqual(longest);
    const tooLong = new Uint8Array(max + 1);
    expect(() => decode(codec, encode(opaque, tooLong))).toThrow(mlsError("ERR_MLS_DECODE"));
    expect(() => encode(codec, tooLong)).toThrow(mlsError("ERR_MLS_ENCODE"));
  });

  it("are refused inside of structures, in both directions", () => {
    for (const changes of [
      { encryptionKey: new Uint8Array(4097) },
      { signatureKey: new Uint8Array(4097) },
      { signature: new Uint8Array(16_385) },
    ]) {
      expect(() => encode(leafNode, fakeLeaf(1, changes))).toThrow(mlsError("ERR_MLS_ENCODE"));
    }
    const psk = Uint8Array.of(1, 1, 7, 0x41, 0, ...new Uint8Array(256)); // a nonce of 256 bytes
    expect(() => decode(preSharedKeyId, psk)).toThrow(mlsError("ERR_MLS_DECODE"));
  });
});
