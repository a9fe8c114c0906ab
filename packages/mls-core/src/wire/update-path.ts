import { type Codec, opaque, struct, vector } from "../codec/index.ts";
import type { HpkeCiphertext } from "../labels/index.ts";
import { leafNode, type LeafNode } from "./leaf-node.ts";
import { publicKeyBytes } from "./sizes.ts";

/** RFC 9420 §7.6 */
export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array;
  readonly encryptedPathSecret: readonly HpkeCiphertext[];
}

/** The committer's new leaf and the new keys above it, in the order of the filtered direct path (RFC 9420 §7.6). */
export interface UpdatePath {
  readonly leafNode: LeafNode;
  readonly nodes: readonly UpdatePathNode[];
}

//   struct {
//       opaque kem_output<V>;
//       opaque ciphertext<V>;
//   } HPKECiphertext;
export const hpkeCiphertext: Codec<HpkeCiphertext> = struct<HpkeCiphertext>({
  kemOutput: publicKeyBytes,
  ciphertext: opaque,
});

//   struct {
//       HPKEPublicKey encryption_key;
//       HPKECiphertext encrypted_path_secret<V>;
//   } UpdatePathNode;
const updatePathNode: Codec<UpdatePathNode> = struct<UpdatePathNode>({
  encryptionKey: publicKeyBytes,
  encryptedPathSecret: vector(hpkeCiphertext),
});

//   struct {
//       LeafNode leaf_node;
//       UpdatePathNode nodes<V>;
//   } UpdatePath;
export const updatePath: Codec<UpdatePath> = struct<UpdatePath>({ leafNode, nodes: vector(updatePathNode) });
