import { equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { validateCredentials, validateSuccessor } from "../credential/index.ts";
import type { Environment } from "../feature/index.ts";
import { LeafNodeSource } from "../registry.ts";
import { validateLeaf, validateLeafKeys, verifyLeafSignature } from "../tree/leaf-validation.ts";
import type { LeafNode } from "../wire/index.ts";
import { changesIdentity } from "./judge-leaves.ts";
import type { CommitPlan, PlanBase } from "./plan-types.ts";

/**
 * Judges the leaf of a commit's path before it is in the tree: as an Update of the committer's leaf, or of the former
 * self that an external commit removes (RFC 9420 §7.3, 12.2, 12.4.2). The committer asks the same of its own.
 * @param signedHere whether its maker has verified the signature
 * @throws MlsError
 */
export async function judgePathLeaf(
  env: Environment,
  old: PlanBase,
  plan: CommitPlan,
  next: LeafNode,
  signedHere = false,
): Promise<void> {
  const { suite } = env;
  const { tree, committer, external, extensions } = plan;
  const { groupId } = old.groupContext;
  const current = external ? plan.removed.find(({ left }) => !left)?.leafNode : tree.leaf(committer);
  if (current !== undefined && equalBytes(current.encryptionKey, next.encryptionKey)) {
    throw violation("valn1208", "the committer keeps its encryption key"); // RFC 9420 §12.4.2
  }
  validateLeaf(next, {
    suite,
    expectedSource: LeafNodeSource.commit,
    groupContextExtensions: extensions,
    limits: env.limits,
    rules: env.rules,
    extensionEntries: env.features.extensions,
    tree,
    replacesLeaf: committer,
  });
  const leaf = {
    leafNode: next,
    leafIndex: committer,
    extensions,
    own: signedHere,
    leaves: () => tree.members(),
  };
  env.features.planSteps.forEach((step) => step.pathLeaf?.(leaf));
  await validateLeafKeys(suite, next);
  if (!signedHere && !(await verifyLeafSignature(suite, next, { groupId, leafIndex: committer }))) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a leaf", { rule: "valn0102" });
  }
  if (current === undefined || external || changesIdentity(current, next)) {
    const purpose = external ? "external-join" : "update";
    const occasion = { groupId, purpose, leafIndex: committer } as const;
    await validateCredentials(env, [{ presented: next, occasion }]);
    if (current !== undefined) {
      await validateSuccessor(env, current, next, occasion); // RFC 9420 §5.3.1
    }
  }
}
