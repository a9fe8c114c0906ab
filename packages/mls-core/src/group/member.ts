import { deepCopy, identityOf } from "@openmls-ts/traits";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { Capabilities, Credential, LeafNode } from "../wire/index.ts";

/** A member as the others see it. */
export interface Member {
  /** Valid in this epoch only: the same index may be somebody else later (RFC 9420 §5.3.3). */
  readonly leafIndex: number;
  readonly credential: Credential;
  /** Of a basic credential. */
  readonly identity: Uint8Array | undefined;
  readonly signatureKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
  readonly capabilities: Capabilities;
}

export function memberOf(leafIndex: number, leaf: LeafNode): Member {
  const { credential, signatureKey, encryptionKey, capabilities } = leaf;
  const identity = identityOf(credential);
  return deepCopy({ leafIndex, credential, identity, signatureKey, encryptionKey, capabilities });
}

/** The members of a tree from left to right. */
export function membersOf(tree: RatchetTree): Member[] {
  return Array.from(tree.members(), ([leafIndex, leaf]) => memberOf(leafIndex, leaf));
}
