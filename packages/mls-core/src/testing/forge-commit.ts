import type { Signer } from "@openmls-ts/traits";
import { Secret } from "@openmls-ts/traits";
import { nextContext, PskValues } from "../epoch/index.ts";
import {
  type AuthenticatedContent,
  encodeGroupContext,
  type GroupContext,
  type LeafNode,
  type LeafNodePosition,
  type Proposal,
  isProposal,
  type ProposalOrRef,
  type QueuedProposal,
  type UnsignedLeafNode,
  type UpdatePath,
} from "../wire/index.ts";
import type { Inside } from "./inside.ts";
import {
  confirmationTag,
  epochFromJoiner,
  type EpochSecrets,
  joinerSecret,
  type SecretBytes,
} from "../key-schedule/index.ts";
import { ContentType, LeafNodeSource, ProposalOrRefType, ProposalType, SenderType } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { type PreparedPath, preparePath, sealPath } from "../treekem/create-path.ts";
import { forgeLeaf, framed, signed, wrapped, type Wrapping } from "./forge.ts";

/** A commit with something wrong in it. */
export interface ForgedCommit extends Wrapping {
  /** By value, or by reference where it has one. */
  readonly proposals?: readonly (Proposal | QueuedProposal)[];
  /** What the proposals do to the tree. Default: what RFC 9420 §12.3 says, without any check. */
  readonly apply?: (tree: RatchetTree) => void;
  /** Default: yes. */
  readonly path?: boolean;
  /** Where the path starts. Default: the own leaf; for a joiner the leftmost blank one. */
  readonly pathLeaf?: (tree: RatchetTree) => number;
  readonly leaf?: (leaf: UnsignedLeafNode) => UnsignedLeafNode;
  readonly leafSigner?: Signer;
  readonly leafPosition?: Partial<LeafNodePosition>;
  readonly signedLeaf?: (leaf: LeafNode) => LeafNode;
  readonly newLeaves?: readonly number[];
  readonly sealContext?: (context: GroupContext) => GroupContext;
  /** @param sealContext what the path secrets are sealed under */
  readonly editPath?: (
    path: UpdatePath,
    tree: RatchetTree,
    sealContext: Uint8Array,
  ) => UpdatePath | Promise<UpdatePath>;
  readonly provisional?: (context: GroupContext) => GroupContext;
  readonly initSecret?: SecretBytes;
  /** Instead of what the PSKs come to. */
  readonly pskSecret?: Uint8Array;
  readonly commitSecret?: (prepared: PreparedPath | undefined) => SecretBytes;
  readonly editTag?: (tag: Uint8Array) => Uint8Array;
}

/** What a forged commit leads to, for messages and Welcomes of the epoch that would follow. */
export interface Forgery {
  readonly message: Uint8Array;
  readonly authenticated: AuthenticatedContent;
  readonly tree: RatchetTree;
  readonly prepared: PreparedPath | undefined;
  readonly keys: ForgedKeys;
}

/** The secrets of the epoch that would follow. */
export interface ForgedKeys {
  readonly groupContext: GroupContext;
  readonly secrets: EpochSecrets;
  readonly joinerSecret: Secret;
  readonly welcomeSecret: Secret;
}

function queued(state: Inside, entry: Proposal | QueuedProposal): QueuedProposal {
  return "proposal" in entry
    ? entry
    : {
        proposal: entry,
        sender: { senderType: SenderType.member, leafIndex: state.ownLeaf },
        reference: undefined,
      };
}

function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // a proposal that cannot be applied is left out by whoever forges
  }
}

// RFC 9420 §12.3
const ORDER: readonly number[] = [ProposalType.update, ProposalType.remove, ProposalType.add];

/** Applies proposals in the RFC's order without any check; the committer needs a leaf all the same. */
function applyUnchecked(tree: RatchetTree, list: readonly QueuedProposal[], committer: number): number[] {
  const added: number[] = [];
  for (const type of ORDER) {
    for (const { proposal, sender } of list.filter((one) => one.proposal.proposalType === type)) {
      attempt(() => {
        if (isProposal(proposal, ProposalType.update) && sender.senderType === SenderType.member) {
          tree.updateLeaf(sender.leafIndex, proposal.leafNode);
        } else if (isProposal(proposal, ProposalType.remove) && proposal.removed !== committer) {
          tree.removeLeaf(proposal.removed);
        } else if (isProposal(proposal, ProposalType.add)) {
          added.push(tree.addLeaf(proposal.keyPackage.leafNode));
        }
      });
    }
  }
  return added;
}

/** A commit of a member who checks nothing; `state` is the member's own. */
export async function forgeCommit(
  state: Inside,
  signer: Signer,
  forged: ForgedCommit = {},
): Promise<Forgery> {
  const { env, epoch, ownLeaf } = state;
  const { suite } = env;
  const old = epoch.groupContext;
  const list = (forged.proposals ?? []).map((entry) => queued(state, entry));
  const tree = epoch.tree.fork();
  const added = forged.apply === undefined ? applyUnchecked(tree, list, ownLeaf) : [];
  forged.apply?.(tree);
  const extensions =
    list.map(({ proposal }) => proposal).find((p) => isProposal(p, ProposalType.groupContextExtensions))
      ?.extensions ?? old.extensions;
  const leafIndex = forged.pathLeaf?.(tree) ?? ownLeaf;
  const before = epoch.tree.leaf(ownLeaf);
  const makeLeaf = async (encryptionKey: Uint8Array, parentHash: Uint8Array): Promise<LeafNode> => {
    const unsigned: UnsignedLeafNode = {
      encryptionKey,
      signatureKey: before!.signatureKey,
      credential: before!.credential,
      capabilities: before!.capabilities,
      leafNodeSource: LeafNodeSource.commit,
      parentHash,
      extensions: before!.extensions,
    };
    const leaf = await forgeLeaf(forged.leafSigner ?? signer, forged.leaf?.(unsigned) ?? unsigned, {
      groupId: old.groupId,
      leafIndex,
      ...forged.leafPosition,
    });
    return forged.signedLeaf?.(leaf) ?? leaf;
  };
  const prepared = forged.path === false ? undefined : await preparePath(suite, tree, leafIndex, makeLeaf);
  const honest: GroupContext = { ...old, epoch: old.epoch + 1n, treeHash: tree.treeHash(), extensions };
  const provisional = forged.provisional?.(honest) ?? honest;
  const newLeaves = new Set(forged.newLeaves ?? added);
  const sealContext = encodeGroupContext(forged.sealContext?.(provisional) ?? provisional);
  const sealed =
    prepared === undefined ? undefined : await sealPath(suite, tree, prepared, sealContext, newLeaves);
  const path =
    sealed === undefined ? undefined : await (forged.editPath?.(sealed, tree, sealContext) ?? sealed);
  const proposals = list.map(({ proposal, reference }): ProposalOrRef =>
    reference === undefined
      ? { type: ProposalOrRefType.proposal, proposal }
      : { type: ProposalOrRefType.reference, reference },
  );
  const commit = { contentType: ContentType.commit, commit: { proposals, path } };
  const plain = await signed(state, signer, framed(state, commit, forged), forged);
  const { wireFormat, content, auth } = plain;
  const groupContext = nextContext(env, epoch, provisional, {
    wireFormat,
    content,
    signature: auth.signature,
  });
  const psks = list.flatMap(({ proposal }) => (isProposal(proposal, ProposalType.psk) ? [proposal.psk] : []));
  const commitSecret =
    forged.commitSecret?.(prepared) ??
    prepared?.commitSecret ??
    new Secret(new Uint8Array(suite.params.kdf.hashLength));
  const contextBytes = encodeGroupContext(groupContext);
  const joiner = joinerSecret(
    suite,
    forged.initSecret ?? epoch.secrets.initSecret,
    commitSecret,
    contextBytes,
  );
  const start = epochFromJoiner(
    suite,
    joiner,
    forged.pskSecret ?? (await new PskValues(env).secret(psks)),
    contextBytes,
  );
  const { epochSecrets: secrets, welcomeSecret } = start;
  const keys = { groupContext, secrets, joinerSecret: joiner, welcomeSecret };
  const tag = confirmationTag(suite, keys.secrets.confirmationKey, keys.groupContext.confirmedTranscriptHash);
  const authenticated: AuthenticatedContent = {
    ...plain,
    auth: { ...plain.auth, confirmationTag: forged.editTag?.(tag) ?? tag },
  };
  return { message: await wrapped(state, authenticated, forged), authenticated, tree, prepared, keys };
}
