import { deepCopy } from "@openmls-ts/traits";
import { type Credential } from "../wire/index.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";

/** A member as the others see it. */
export interface Member {
  /** Valid in this epoch only: the same index may be somebody else later (RFC 9420 §5.3.3). */
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
}

/** The members of a tree from left to right. */
export function membersOf(tree: RatchetTree): Member[] {
  return Array.from(tree.members(), ([leafIndex, { credential, signatureKey, encryptionKey }]) =>
    deepCopy({ leafIndex, credential, signatureKey, encryptionKey }),
  );
}
