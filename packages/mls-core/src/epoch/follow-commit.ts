import { MlsError, Secret, violation } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import { receiveExternalInit, type SecretBytes } from "../key-schedule/index.ts";
import { type CommitPlan, judgePathLeaf, makePlan } from "../plan/index.ts";
import { ContentType, ProposalType, SenderType } from "../registry.ts";
import { Scratch } from "../scratch.ts";
import { mergePath, openPath } from "../treekem/apply-path.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import {
  type AuthenticatedContent,
  encodeGroupContext,
  type GroupContext,
  isProposal,
  type QueuedProposal,
  type UpdatePath,
} from "../wire/index.ts";
import { advance, nextContext, provisionalContext } from "./advance.ts";
import { type EpochState, epochState, type PublicEpoch } from "./epoch-state.ts";
import { PskValues } from "./psk-store.ts";
import { type CommitSummary, type StagedEpoch, summarize } from "./summary.ts";

/** A commit whose message was authenticated, with its proposals looked up. */
export interface ReceivedCommit {
  readonly authenticated: AuthenticatedContent;
  readonly proposals: readonly QueuedProposal[];
}

/** What a member has that an observer lacks. */
export interface MemberView {
  readonly epoch: EpochState;
  readonly ownLeaf: number;
  /** A copy of the private key of a leaf that this client proposed by Update, by its public key. */
  readonly ownUpdateKey: (encryptionKey: Uint8Array) => Uint8Array | undefined;
}

/** A commit as far as everybody can follow it. */
interface Followed {
  readonly plan: CommitPlan;
  readonly path: UpdatePath | undefined;
  readonly provisional: GroupContext;
  readonly summary: CommitSummary;
  readonly newLeaves: ReadonlySet<number>;
}

async function followPublic(
  env: Environment,
  old: PublicEpoch,
  { authenticated, proposals }: ReceivedCommit,
  member: MemberView | undefined,
  psks: PskValues,
): Promise<Followed> {
  const { content, auth } = authenticated;
  if (content.contentType !== ContentType.commit || auth.confirmationTag === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "not a commit");
  }
  const { sender, commit } = content;
  const external = sender.senderType === SenderType.newMemberCommit;
  if (!external && sender.senderType !== SenderType.member) {
    throw violation("valn0408", "a commit from a sender who may not commit"); // RFC 9420 §6.1
  }
  const { path } = commit;
  if (external && path === undefined) {
    throw violation("valn0405", "an external commit without a path"); // RFC 9420 §12.4.3.2
  }
  const plan = await makePlan({
    env,
    old,
    proposals,
    committer: external ? "external" : sender.leafIndex,
    side: member === undefined ? "observer" : "receiver",
    ...(member === undefined ? {} : { findPsk: async (id) => psks.find(id) }),
  });
  if (path === undefined && plan.pathRequired) {
    throw violation("valn1206", "the commit must have a path"); // RFC 9420 §12.4
  }
  const newLeaves = new Set(plan.added.map(({ leafIndex }) => leafIndex));
  if (path !== undefined) {
    const steps = path.nodes.length;
    env.watch?.("path", 0, steps);
    await judgePathLeaf(env, old, plan, path.leafNode);
    await mergePath(env.suite, plan.tree, plan.committer, path, newLeaves);
    env.watch?.("path", steps, steps);
  }
  const provisional = provisionalContext(old.groupContext, plan);
  const summary = summarize(plan, provisional.epoch, path?.leafNode, member?.ownLeaf);
  return { plan, path, provisional, summary, newLeaves };
}

/** Works out the epoch that a commit begins as far as an observer can (RFC 9420 §12.4.2). @throws MlsError */
export async function observeCommit(
  env: Environment,
  old: PublicEpoch,
  received: ReceivedCommit,
): Promise<StagedEpoch<PublicEpoch>> {
  const { plan, provisional, summary } = await followPublic(
    env,
    old,
    received,
    undefined,
    new PskValues(env),
  );
  const { authenticated } = received;
  const { signature, confirmationTag } = authenticated.auth;
  const groupContext = nextContext(env, old, provisional, { ...authenticated, signature });
  const next = epochState(env.suite, { groupContext, tree: plan.tree, confirmationTag: confirmationTag! });
  return { summary, next, base: old };
}

/**
 * Works out the epoch that another member's commit begins (RFC 9420 §12.4.2). Changes nothing.
 * @throws MlsError, `ERR_MLS_INVALID_TAG` rule rfc27 when the confirmation tag is wrong
 */
export async function followCommit(
  env: Environment,
  member: MemberView,
  received: ReceivedCommit,
): Promise<StagedEpoch> {
  const old = member.epoch;
  return Scratch.run(async (scratch) => {
    const psks = scratch.temporary(new PskValues(env));
    const followed = await followPublic(env, old, received, member, psks);
    const { plan, summary, provisional } = followed;
    if (summary.selfRemoved) {
      return { summary, next: undefined, base: old };
    }
    const privateTree = scratch.result(old.privateTree.fork());
    installOwnUpdate(member, plan, privateTree);
    privateTree.prune(plan.tree);
    const commitSecret = scratch.temporary(await openCommitSecret(env, followed, privateTree));
    const { signature, confirmationTag } = received.authenticated.auth;
    const { next, joinerSecret, welcomeSecret } = await advance(env, scratch, {
      old,
      plan,
      provisional,
      commit: { ...received.authenticated, signature },
      privateTree,
      initSecret: await initSecretFor(env, old, plan, scratch),
      commitSecret,
      psks,
      confirmationTag: confirmationTag!,
    });
    joinerSecret.wipe(); // RFC 9420 §9.2
    welcomeSecret.wipe();
    return { summary, next, base: old };
  });
}

function installOwnUpdate(
  { ownLeaf, ownUpdateKey }: MemberView,
  plan: CommitPlan,
  privateTree: PrivateTree,
): void {
  for (const { sender, proposal } of plan.proposals) {
    const own = sender.senderType === SenderType.member && sender.leafIndex === ownLeaf;
    if (own && isProposal(proposal, ProposalType.update)) {
      const key = ownUpdateKey(proposal.leafNode.encryptionKey);
      if (key === undefined) {
        throw violation("valn0601", "the private key of our Update is gone");
      }
      privateTree.set(2 * ownLeaf, key);
    }
  }
}

async function openCommitSecret(
  { suite }: Environment,
  { plan, path, provisional, newLeaves }: Followed,
  privateTree: PrivateTree,
): Promise<Secret> {
  if (path === undefined) {
    return new Secret(new Uint8Array(suite.params.kdf.hashLength)); // RFC 9420 §12.4.2
  }
  const context = encodeGroupContext(provisional);
  const { commitSecret } = await openPath(
    suite,
    plan.tree,
    privateTree,
    plan.committer,
    path,
    context,
    newLeaves,
  );
  return commitSecret;
}

async function initSecretFor(
  { suite }: Environment,
  { secrets }: EpochState,
  { kemOutput }: CommitPlan,
  scratch: Scratch,
): Promise<SecretBytes> {
  if (kemOutput === undefined) {
    return secrets.initSecret;
  }
  return scratch.temporary(await receiveExternalInit(suite, secrets.externalSecret, kemOutput)); // RFC 9420 §8.3
}
