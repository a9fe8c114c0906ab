import { Secret, type Signer } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import type { SecretBytes } from "../key-schedule/index.ts";
import { makeOwnLeaf, type OwnLeaf } from "../key-package/own-leaf.ts";
import { type CommitPlan, judgePathLeaf, makePlan, type PlanInput, senderOf } from "../plan/index.ts";
import { signContent } from "../protection/signing.ts";
import { ContentType, LeafNodeSource, ProposalOrRefType } from "../registry.ts";
import { Scratch } from "../scratch.ts";
import { preparePath, type PreparedPath, sealPath } from "../treekem/create-path.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import {
  type AuthenticatedContent,
  encodeGroupContext,
  type FramedContent,
  type ProposalOrRef,
  type QueuedProposal,
} from "../wire/index.ts";
import { advance, provisionalContext } from "./advance.ts";
import type { EpochState, PublicEpoch } from "./epoch-state.ts";
import { PskValues } from "./psk-store.ts";
import { type CommitSummary, summarize } from "./summary.ts";

/** Everything that a commit of ours is made of. */
export interface CommitInput extends Pick<PlanInput, "proposals" | "committer" | "pskUsage"> {
  readonly old: PublicEpoch;
  /** The committer's private keys of the old epoch; for a joiner none. */
  readonly privateTree: (leafIndex: number) => PrivateTree;
  /** Of the old epoch, or made for the ExternalInit. */
  readonly initSecret: SecretBytes;
  readonly wireFormat: number;
  readonly authenticatedData: Uint8Array;
  /** Adds a path where none is required. */
  readonly forcePath: boolean;
  /** The content of the committer's leaf after the commit. */
  readonly leaf: OwnLeaf;
  /** Signs the commit with the key of the old epoch. */
  readonly signer: Signer;
  /** Signs the new leaf and what follows; the same as `signer` unless the key is being replaced. */
  readonly newSigner: Signer;
}

/** A new member of a commit, with what its Welcome needs. */
export interface Newcomer {
  readonly leafIndex: number;
  readonly keyPackage: CommitPlan["added"][number]["keyPackage"];
  /** Of the lowest common ancestor with the committer, where the commit has a path. */
  readonly pathSecret: Secret | undefined;
}

/** A commit of ours, signed but not yet protected for the wire. */
export interface MadeCommit {
  readonly authenticated: AuthenticatedContent;
  readonly plan: CommitPlan;
  readonly summary: CommitSummary;
  readonly next: EpochState;
  readonly newcomers: readonly Newcomer[];
  readonly withPath: boolean;
  /** What a Welcome needs; the caller wipes them. */
  readonly joinerSecret: Secret;
  readonly welcomeSecret: Secret;
}

/**
 * Makes a commit (RFC 9420 §12.4.1): plan, path, signature, next epoch, with the checks that its receivers make. Changes
 * nothing of the old epoch.
 * @throws MlsError
 */
export async function makeCommit(env: Environment, input: CommitInput): Promise<MadeCommit> {
  const { suite } = env;
  const { old, wireFormat, signer, committer, pskUsage, proposals } = input;
  const { groupId, epoch } = old.groupContext;
  return Scratch.run(async (scratch) => {
    const psks = scratch.temporary(new PskValues(env));
    const findPsk: PlanInput["findPsk"] = async (id) => psks.find(id);
    const plan = await makePlan({ env, old, proposals, committer, pskUsage, side: "sender", findPsk });
    const withPath = input.forcePath || plan.pathRequired;
    const privateTree = scratch.result(input.privateTree(plan.committer));
    const prepared = withPath ? scratch.temporary(await makePath(env, input, plan)) : undefined;
    privateTree.prune(plan.tree);
    prepared?.installKeys(privateTree);
    const provisional = provisionalContext(old.groupContext, plan);
    const newLeaves = new Set(plan.added.map(({ leafIndex }) => leafIndex));
    const path =
      prepared === undefined
        ? undefined
        : await sealPath(suite, plan.tree, prepared, encodeGroupContext(provisional), newLeaves, env.watch);
    const content: FramedContent = {
      groupId,
      epoch,
      sender: senderOf(plan),
      authenticatedData: input.authenticatedData,
      contentType: ContentType.commit,
      commit: { proposals: plan.proposals.map(proposalOrRef), path },
    };
    const signature = await signContent(suite, signer, { wireFormat, content, context: old.groupContext });
    const zeros = new Secret(new Uint8Array(suite.params.kdf.hashLength)); // RFC 9420 §12.4.1
    const { next, ...secrets } = await advance(env, scratch, {
      old,
      plan,
      provisional,
      commit: { wireFormat, content, signature },
      privateTree,
      initSecret: input.initSecret,
      commitSecret: prepared?.commitSecret ?? zeros,
      psks,
    });
    const auth = { signature, confirmationTag: next.confirmationTag };
    return {
      authenticated: { wireFormat, content, auth },
      plan,
      summary: summarize(plan, provisional.epoch, path?.leafNode),
      next,
      newcomers: plan.added.map(({ leafIndex, keyPackage }) => {
        return { leafIndex, keyPackage, pathSecret: prepared?.pathSecretFor(leafIndex)?.clone() };
      }),
      withPath,
      ...secrets,
    };
  });
}

/** The committer's path, whose leaf passed what its receivers will ask of it (RFC 9420 §7.5). */
async function makePath(env: Environment, input: CommitInput, plan: CommitPlan): Promise<PreparedPath> {
  const { old, leaf, newSigner } = input;
  const { groupId } = old.groupContext;
  const leafIndex = plan.committer;
  return preparePath(env.suite, plan.tree, leafIndex, async (encryptionKey, parentHash) => {
    const origin = { leafNodeSource: LeafNodeSource.commit, parentHash };
    const leafNode = await makeOwnLeaf(
      env,
      newSigner,
      leaf,
      { encryptionKey, ...origin },
      { groupId, leafIndex },
    );
    await judgePathLeaf(env, old, plan, leafNode, true);
    return leafNode;
  });
}

function proposalOrRef({ proposal, reference }: QueuedProposal): ProposalOrRef {
  return reference === undefined
    ? { type: ProposalOrRefType.proposal, proposal }
    : { type: ProposalOrRefType.reference, reference };
}
