import type { Signer } from "@openmls-ts/traits";
import { type LeafNodePosition, type UnsignedLeafNode, type Update } from "../wire/index.ts";
import type { Inside } from "./inside.ts";
import { LeafNodeSource, ProposalType } from "../registry.ts";
import { forgeLeaf, freshKey } from "./forge.ts";

/** What is wrong about an Update. */
export interface UpdateDefects {
  readonly leaf?: (leaf: UnsignedLeafNode) => UnsignedLeafNode;
  readonly signer?: Signer;
  readonly position?: Partial<LeafNodePosition>;
  readonly editSignature?: (signature: Uint8Array) => Uint8Array;
}

/** An Update of a member's own leaf, with any defect, and signed all the same. */
export async function forgeUpdate(
  state: Inside,
  signer: Signer,
  defects: UpdateDefects = {},
): Promise<Update> {
  const { env, epoch, ownLeaf } = state;
  const { signatureKey, credential, capabilities, extensions } = epoch.tree.leaf(ownLeaf)!;
  const plain: UnsignedLeafNode = {
    encryptionKey: await freshKey(env.suite),
    signatureKey,
    credential,
    capabilities,
    leafNodeSource: LeafNodeSource.update,
    extensions,
  };
  const leafNode = await forgeLeaf(defects.signer ?? signer, defects.leaf?.(plain) ?? plain, {
    groupId: epoch.groupContext.groupId,
    leafIndex: ownLeaf,
    ...defects.position,
  });
  const signature = defects.editSignature?.(leafNode.signature) ?? leafNode.signature;
  return { proposalType: ProposalType.update, leafNode: { ...leafNode, signature } };
}
