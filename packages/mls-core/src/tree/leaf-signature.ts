import { type CipherSuite, deepCopy, MlsError, type Signer, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { signChecked, verifyWithLabel } from "../labels/index.ts";
import { isGrease, LeafNodeSource } from "../registry.ts";
import { type LeafNode, type LeafNodePosition, leafNodeTbs, type UnsignedLeafNode } from "../wire/index.ts";
import { checkListed, checkOwnCapabilities } from "./supported.ts";

const LABEL = "LeafNodeTBS";

/**
 * Whether a leaf carries the signature of its own key (RFC 9420 §7.2, 7.3; rule valn0102).
 * @param position where it stands; without it only a leaf from a KeyPackage verifies
 */
export async function verifyLeafSignature(
  suite: CipherSuite,
  leaf: LeafNode,
  position?: LeafNodePosition,
): Promise<boolean> {
  if (leaf.leafNodeSource !== LeafNodeSource.keyPackage && position === undefined) {
    return false;
  }
  return verifyWithLabel(
    suite,
    leaf.signatureKey,
    LABEL,
    encode(leafNodeTbs, { ...leaf, ...position }),
    leaf.signature,
  );
}

/**
 * Signs a leaf (RFC 9420 §7.2). What it is made of stays the caller's.
 * @param position where it will stand; needed for the sources update and commit
 * @throws MlsError `ERR_MLS_USAGE` without a position where one is needed, or when the signer fails;
 *   `ERR_MLS_VALIDATION` rules rfc37, valn0107, rfc117, rfc114
 */
export async function signLeaf(
  suite: CipherSuite,
  signer: Signer,
  unsigned: UnsignedLeafNode,
  position?: LeafNodePosition,
): Promise<LeafNode> {
  if (unsigned.leafNodeSource !== LeafNodeSource.keyPackage && position === undefined) {
    throw new MlsError("ERR_MLS_USAGE", "this leaf is signed with group and index");
  }
  if (unsigned.signatureKey.length !== suite.params.signature.publicKeyLength) {
    throw new MlsError("ERR_MLS_USAGE", "a key is not one of the cipher suite", {
      rule: "rfc10",
    });
  }
  const leaf = deepCopy(unsigned);
  checkOwnCapabilities(leaf.capabilities);
  checkListed(leaf.capabilities, leaf.extensions, "valn0107"); // RFC 9420 §7.2
  if (isGrease(leaf.credential.credentialType)) {
    throw violation("rfc117", "GREASE is no credential type"); // RFC 9420 §13.5
  }
  const signature = await signChecked(suite, signer, LABEL, encode(leafNodeTbs, { ...leaf, ...position }));
  return { ...leaf, signature };
}
