import { equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { validateCredential, validateSuccessor } from "../credential/index.ts";
import { encodeCredential, type LeafNode } from "../wire/index.ts";
import { LeafNodeSource } from "../registry.ts";
import { validateLeaf, validateLeafKeys, verifyLeafSignature } from "../tree/leaf-validation.ts";
import type { ProposalContext } from "./validate-proposal.ts";

/** Where a new leaf goes and what it replaces. */
export interface LeafPlace {
  readonly leafIndex: number;
  /** The member's leaf until now: for the rules about successors. */
  readonly current: LeafNode | undefined;
}

/**
 * A leaf made inside a group, by Update or by the path of a commit: all rules of RFC 9420 §7.3.
 * @param source what the leaf must say of itself
 * @throws MlsError
 */
export async function validateGroupLeaf(
  { env, tree, groupContext, extensions }: ProposalContext,
  place: LeafPlace,
  next: LeafNode,
  source: typeof LeafNodeSource.update | typeof LeafNodeSource.commit,
): Promise<void> {
  const { suite } = env;
  const { leafIndex, current } = place;
  const isUpdate = source === LeafNodeSource.update;
  if (current !== undefined && equalBytes(current.encryptionKey, next.encryptionKey)) {
    throw violation(isUpdate ? "valn0109" : "valn1208", "the encryption_key did not change"); // RFC 9420 §7.3, 12.4.2
  }
  validateLeaf(next, {
    suite,
    expectedSource: source,
    groupContextExtensions: extensions,
    limits: env.limits,
    policy: env.policy,
    tree,
    replacesLeaf: leafIndex,
  });
  await validateLeafKeys(suite, next);
  if (!(await verifyLeafSignature(suite, next, { groupId: groupContext.groupId, leafIndex }))) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a leaf", { rule: "valn0102" });
  }
}

/**
 * The replacement of a member's leaf: the rules of {@link validateGroupLeaf}, and where the credential or its key is
 * new, the application's word on it (RFC 9420 §5.3.1).
 * @throws MlsError
 */
export async function validateReplacement(
  context: ProposalContext,
  leafIndex: number,
  next: LeafNode,
  source: typeof LeafNodeSource.update | typeof LeafNodeSource.commit,
): Promise<void> {
  const current = context.tree.leaf(leafIndex);
  if (current === undefined) {
    throw violation("valn0601", `leaf ${leafIndex} is blank`); // RFC 9420 §12.1.2
  }
  await validateGroupLeaf(context, { leafIndex, current }, next, source);
  if (
    !equalBytes(encodeCredential(current.credential), encodeCredential(next.credential)) ||
    !equalBytes(current.signatureKey, next.signatureKey)
  ) {
    const occasion = { groupId: context.groupContext.groupId, purpose: "update" } as const;
    await validateCredential(context.env, next, occasion);
    await validateSuccessor(context.env, current, next, occasion);
  }
}
