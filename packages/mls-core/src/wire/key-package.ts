import { type Codec, dependent, struct, uint16 } from "../codec/index.ts";
import { type Extension, extensions } from "./extension.ts";
import { leafNode, type LeafNode } from "./leaf-node.ts";
import { publicKeyBytes, signatureBytes } from "./sizes.ts";

/** The fields of a KeyPackage above its signature (RFC 9420 §10). */
export interface KeyPackageTbs {
  readonly version: number;
  readonly cipherSuite: number;
  /** HPKE public key that the Welcome is encrypted to. */
  readonly initKey: Uint8Array;
  readonly leafNode: LeafNode;
  readonly extensions: readonly Extension[];
}

/** A KeyPackage as it stands on the wire; nothing about it is verified. */
export interface KeyPackageStruct extends KeyPackageTbs {
  readonly signature: Uint8Array;
}

//   struct {
//       ProtocolVersion version;
//       CipherSuite cipher_suite;
//       HPKEPublicKey init_key;
//       LeafNode leaf_node;
//       Extension extensions<V>;
//   } KeyPackageTBS;
export const keyPackageTbs: Codec<KeyPackageTbs> = struct<KeyPackageTbs>({
  version: uint16,
  cipherSuite: uint16,
  initKey: publicKeyBytes,
  leafNode,
  extensions,
});

//   KeyPackage: KeyPackageTBS, then
//       /* SignWithLabel(., "KeyPackageTBS", KeyPackageTBS) */
//       opaque signature<V>;
export const keyPackageStruct: Codec<KeyPackageStruct> = dependent<
  KeyPackageTbs,
  { readonly signature: Uint8Array }
>(keyPackageTbs, () => struct<{ readonly signature: Uint8Array }>({ signature: signatureBytes }));
