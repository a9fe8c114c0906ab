import { Secret, type Signer } from "@openmls-ts/traits";
import { checkSigner } from "../credential/index.ts";
import {
  type AuthenticatedContent,
  type Capabilities,
  type Commit,
  type CredentialWithKey,
  encodeGroupContext,
  type Extension,
  type FramedContent,
  type LeafNode,
  type PreSharedKeyId,
  type ProposalOrRef,
  type Sender,
} from "../wire/index.ts";
import type { Environment } from "../environment.ts";
import { signContent } from "../protection/signing.ts";
import { confirmationTag, type SecretBytes } from "../key-schedule/index.ts";
import { applyProposals, pathRequired, type ProposalList } from "../proposal/index.ts";
import {
  ContentType,
  LeafNodeSource,
  ProposalOrRefType,
  type ResumptionPskUsage,
  SenderType,
  type WireFormat,
} from "../registry.ts";
import { Scratch } from "../scratch.ts";
import { signLeaf, validateLeaf } from "../tree/leaf-validation.ts";
import { preparePath, sealPath } from "../treekem/create-path.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import { advanceKeys, type NextEpochKeys } from "./advance-keys.ts";
import { provisionalContext } from "./apply-commit.ts";
import { checkCommitRules } from "./commit-rules.ts";
import { type EpochState, epochState, type PublicEpoch } from "./epoch-state.ts";
import { type CommitSummary, summarize } from "./staged-commit.ts";

/** What may change in a leaf that its member replaces. Omitted fields stay as they are. */
export interface LeafNodeParameters {
  /** A new credential, with the key of the signer given along. */
  readonly credentialWithKey?: CredentialWithKey;
  readonly capabilities?: Capabilities;
  readonly extensions?: readonly Extension[];
}

/** Everything that a commit is made of. */
export interface CommitInput {
  readonly old: PublicEpoch;
  /** The committer's private keys of the old epoch; for a joiner an empty tree at the new leaf. */
  readonly privateTree: PrivateTree;
  /** Of the old epoch, or made for the ExternalInit. */
  readonly initSecret: SecretBytes;
  readonly committer: number | "external";
  readonly list: ProposalList;
  readonly wireFormat: WireFormat;
  readonly authenticatedData: Uint8Array;
  /** Adds a path where none is required. */
  readonly forcePath: boolean;
  /** The content of the committer's leaf before the commit. */
  readonly leaf: Pick<LeafNode, "signatureKey" | "credential" | "capabilities" | "extensions">;
  readonly leafParameters: LeafNodeParameters;
  /** Signs the commit with the old key. */
  readonly signer: Signer;
  /** Signs the new leaf and what follows; the same as `signer` unless the key is being replaced. */
  readonly newSigner: Signer;
  readonly pskUsage?: ResumptionPskUsage | undefined;
}

/** A new member of a commit, with what its Welcome needs. */
export interface AddedMember {
  readonly leafIndex: number;
  readonly initKey: Uint8Array;
  readonly pathSecret: Secret | undefined;
}

/** A commit of ours, signed but not yet protected for the wire. */
export interface CreatedCommit {
  readonly authenticated: AuthenticatedContent;
  readonly summary: CommitSummary;
  readonly next: EpochState;
  readonly added: readonly AddedMember[];
  readonly psks: readonly PreSharedKeyId[];
  readonly joinerSecret: Secret;
  readonly welcomeSecret: Secret;
}

/**
 * Makes a commit (RFC 9420 §12.4.1): the same checks as on receipt, then path, signature, and the next epoch. Changes
 * nothing of the old one.
 * @throws MlsError
 */
export async function createCommit(env: Environment, input: CommitInput): Promise<CreatedCommit> {
  const { suite } = env;
  const { old, list, leafParameters } = input;
  const tree = old.tree.fork();
  const applied = await applyProposals({
    env,
    tree,
    groupContext: old.groupContext,
    list,
    committer: input.committer,
    pskUsage: input.pskUsage,
    sending: true,
  });
  const leafIndex = input.committer === "external" ? tree.leftmostBlankLeaf() : input.committer;
  const newLeaves = new Set(applied.added.map((added) => added.leafIndex));
  // Replacing the leaf's content takes a path, whatever the proposals ask for (trap24).
  const changesLeaf = Object.keys(leafParameters).length > 0 || input.newSigner !== input.signer;
  const withPath = input.forcePath || changesLeaf || pathRequired(list);
  return Scratch.run(async (scratch) => {
    const privateTree = scratch.result(input.privateTree.fork());
    const prepared = withPath
      ? scratch.temporary(
          await preparePath(
            suite,
            tree,
            leafIndex,
            ownLeafMaker(env, input, tree, leafIndex, applied.extensions),
          ),
        )
      : undefined;
    privateTree.prune(tree);
    prepared?.installKeys(privateTree);
    const provisional = provisionalContext(old.groupContext, tree, applied.extensions);
    const path =
      prepared === undefined
        ? undefined
        : await sealPath(suite, tree, prepared, encodeGroupContext(provisional), newLeaves);

    const sender: Sender =
      input.committer === "external"
        ? { senderType: SenderType.newMemberCommit }
        : { senderType: SenderType.member, leafIndex };
    const summary = summarize(list, applied, {
      epoch: provisional.epoch,
      sender,
      committer: leafIndex,
      updatePathLeaf: path?.leafNode,
      selfRemoved: false,
    });
    await checkCommitRules(env, old.groupContext, summary);
    const commit: Commit = { proposals: list.all.map(proposalOrRef), path };
    const content: FramedContent = {
      groupId: old.groupContext.groupId,
      epoch: old.groupContext.epoch,
      sender,
      authenticatedData: input.authenticatedData,
      contentType: ContentType.commit,
      commit,
    };
    const { wireFormat } = input;
    const signature = await signContent(suite, input.signer, {
      wireFormat,
      content,
      context: old.groupContext,
    });
    const psks = list.psks.map(({ proposal }) => proposal.psk);
    const keys = await advanceKeys(env, {
      provisional,
      interimBefore: old.interimTranscriptHash,
      commit: { wireFormat, content, signature },
      initSecret: input.initSecret,
      commitSecret: prepared?.commitSecret ?? new Secret(new Uint8Array(suite.params.kdf.hashLength)), // RFC 9420 §12.4.1
      psks,
    });
    const tag = confirmationTag(
      suite,
      keys.secrets.confirmationKey,
      keys.groupContext.confirmedTranscriptHash,
    );
    const added = applied.added.map((member) => ({
      leafIndex: member.leafIndex,
      initKey: member.initKey,
      pathSecret: prepared?.pathSecretFor(member.leafIndex)?.clone(),
    }));
    return {
      authenticated: { wireFormat, content, auth: { signature, confirmationTag: tag } },
      summary,
      next: nextState(env, keys, tree, privateTree, tag),
      added,
      psks,
      joinerSecret: keys.joinerSecret,
      welcomeSecret: keys.welcomeSecret,
    };
  });
}

function nextState(
  env: Environment,
  keys: NextEpochKeys,
  tree: EpochState["tree"],
  privateTree: PrivateTree,
  tag: Uint8Array,
): EpochState {
  const { groupContext, secrets } = keys;
  return epochState(env.suite, { groupContext, tree, privateTree, secrets, confirmationTag: tag });
}

function proposalOrRef({ proposal, reference }: ProposalList["all"][number]): ProposalOrRef {
  return reference === undefined
    ? { type: ProposalOrRefType.proposal, proposal }
    : { type: ProposalOrRefType.reference, reference };
}

type LeafMaker = Parameters<typeof preparePath>[3];

/** Signs the committer's new leaf, after the same checks that the others will make (RFC 9420 §7.5). */
function ownLeafMaker(
  env: Environment,
  input: CommitInput,
  tree: EpochState["tree"],
  leafIndex: number,
  extensions: readonly Extension[],
): LeafMaker {
  const { suite } = env;
  const { leaf, leafParameters, newSigner } = input;
  const { groupId } = input.old.groupContext;
  const signatureKey = leafParameters.credentialWithKey?.signatureKey ?? leaf.signatureKey;
  checkSigner(newSigner, signatureKey);
  return async (encryptionKey, parentHash) => {
    const unsigned = {
      encryptionKey,
      signatureKey,
      credential: leafParameters.credentialWithKey?.credential ?? leaf.credential,
      capabilities: leafParameters.capabilities ?? leaf.capabilities,
      leafNodeSource: LeafNodeSource.commit,
      parentHash,
      extensions: leafParameters.extensions ?? leaf.extensions,
    };
    const signed = await signLeaf(suite, newSigner, unsigned, { groupId, leafIndex });
    validateLeaf(signed, {
      suite,
      expectedSource: LeafNodeSource.commit,
      groupContextExtensions: extensions,
      limits: env.limits,
      policy: env.policy,
      tree,
      replacesLeaf: leafIndex,
    });
    return signed;
  };
}
