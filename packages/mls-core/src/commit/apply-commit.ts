import { MlsError, violation } from "@openmls-ts/traits";
import { validateCredential, validateSuccessor } from "../credential/index.ts";
import type { Environment } from "../environment.ts";
import { type AuthenticatedContent, type Commit, type GroupContext } from "../wire/index.ts";
import { applyProposals, type AppliedProposals, pathRequired, type ProposalList } from "../proposal/index.ts";
import { validateGroupLeaf, validateReplacement } from "../proposal/validate-replacement.ts";
import { ContentType, LeafNodeSource, type ResumptionPskUsage, SenderType } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { mergePath } from "../treekem/apply-path.ts";
import type { PublicEpoch } from "./epoch-state.ts";

/** A commit whose message was authenticated, with its proposals looked up. */
export interface CommitToApply {
  readonly authenticated: AuthenticatedContent;
  readonly list: ProposalList;
  readonly pskUsage?: ResumptionPskUsage | undefined;
}

/** What everybody can compute of a commit. */
export interface AppliedCommit {
  readonly commit: Commit;
  readonly confirmationTag: Uint8Array;
  readonly committer: number;
  readonly external: boolean;
  /** The new tree: a fork of the old one. */
  readonly tree: RatchetTree;
  readonly applied: AppliedProposals;
  /** Leaves added by this commit, to whom the path is not encrypted. */
  readonly newLeaves: ReadonlySet<number>;
  /** The GroupContext of the next epoch with the old transcript hash (RFC 9420 §12.4.2). */
  readonly provisional: GroupContext;
}

const MAX_EPOCH = 0xffff_ffff_ffff_ffffn;

/** The GroupContext of the next epoch before the transcript hash moves on (RFC 9420 §12.4.1). */
export function provisionalContext(
  old: GroupContext,
  tree: RatchetTree,
  extensions: GroupContext["extensions"],
): GroupContext {
  if (old.epoch >= MAX_EPOCH) {
    throw violation("rfc55", "the last epoch cannot be left"); // RFC 9420 §8.1
  }
  return { ...old, epoch: old.epoch + 1n, treeHash: tree.treeHash(), extensions };
}

/**
 * Applies proposals and path of a commit to a fork of the tree, with every check that needs no secret (RFC 9420
 * §12.4.2).
 * @throws MlsError
 */
export async function applyCommit(
  env: Environment,
  old: PublicEpoch,
  input: CommitToApply,
): Promise<AppliedCommit> {
  const { authenticated, list } = input;
  const { content, auth } = authenticated;
  if (content.contentType !== ContentType.commit || auth.confirmationTag === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "not a commit");
  }
  const { sender, commit } = content;
  const external = sender.senderType === SenderType.newMemberCommit;
  if (!external && sender.senderType !== SenderType.member) {
    throw violation("valn0408", "a commit from a sender who may not commit"); // RFC 9420 §6.1
  }
  if (commit.path === undefined && (external || pathRequired(list))) {
    throw violation(external ? "valn0405" : "valn1206", "the commit must have a path"); // RFC 9420 §12.4
  }
  const tree = old.tree.fork();
  const applied = await applyProposals({
    env,
    tree,
    groupContext: old.groupContext,
    list,
    committer: sender.senderType === SenderType.member ? sender.leafIndex : "external",
    pskUsage: input.pskUsage,
  });
  const newLeaves = new Set(applied.added.map(({ leafIndex }) => leafIndex));
  const committer = sender.senderType === SenderType.member ? sender.leafIndex : tree.leftmostBlankLeaf();
  if (commit.path !== undefined) {
    const { leafNode } = commit.path;
    const context = { env, tree, groupContext: old.groupContext, extensions: applied.extensions };
    if (external) {
      const replaced = applied.removed[0]?.leafNode;
      const occasion = { groupId: old.groupContext.groupId, purpose: "external-join" } as const;
      await validateGroupLeaf(
        context,
        { leafIndex: committer, current: replaced },
        leafNode,
        LeafNodeSource.commit,
      );
      await validateCredential(env, leafNode, occasion);
      if (replaced !== undefined) {
        await validateSuccessor(env, replaced, leafNode, occasion); // RFC 9420 §12.2
      }
    } else {
      await validateReplacement(context, committer, leafNode, LeafNodeSource.commit);
    }
    await mergePath(env.suite, tree, committer, commit.path, newLeaves);
  }
  const provisional = provisionalContext(old.groupContext, tree, applied.extensions);
  return {
    commit,
    confirmationTag: auth.confirmationTag,
    committer,
    external,
    tree,
    applied,
    newLeaves,
    provisional,
  };
}
