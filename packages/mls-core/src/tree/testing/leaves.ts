import { CipherSuiteId } from "@openmls-ts/traits";
import { basicCredential, type LeafNode } from "../../wire/index.ts";
import { LeafNodeSource } from "../../registry.ts";

/** A key of 32 bytes that differs for each number and purpose. */
export function fakeKey(purpose: number, number: number): Uint8Array {
  const key = new Uint8Array(32).fill(purpose);
  new DataView(key.buffer).setUint32(4, number);
  return key;
}

/** A leaf that stands for a member where no cryptography is done with it. */
export function fakeLeaf(number: number, changes: Partial<LeafNode> = {}): LeafNode {
  return {
    encryptionKey: fakeKey(1, number),
    signatureKey: fakeKey(2, number),
    credential: basicCredential(fakeKey(3, number)),
    capabilities: {
      versions: [1],
      cipherSuites: [CipherSuiteId.MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519],
      extensions: [],
      proposals: [],
      credentials: [1],
    },
    leafNodeSource: LeafNodeSource.keyPackage,
    lifetime: { notBefore: 0n, notAfter: 1_000_000n },
    extensions: [],
    signature: new Uint8Array(64),
    ...changes,
  } as LeafNode;
}
