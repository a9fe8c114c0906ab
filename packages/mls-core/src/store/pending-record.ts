import { type CipherSuite, identityOf, type Limits, wipe } from "@openmls-ts/traits";
import {
  type Codec,
  encode,
  opaque,
  optional,
  type ReadOptions,
  struct,
  uint32,
  uint8,
  vector,
} from "../codec/index.ts";
import { type CommitSummary, type EpochState, epochState } from "../epoch/index.ts";
import { decodeEpochSecrets, encodeEpochSecrets } from "../key-schedule/index.ts";
import type { AffectedMember, CommitEffect, RemovedMember } from "../plan/index.ts";
import { ProposalType } from "../registry.ts";
import { SecretTree } from "../secret-tree/index.ts";
import { decodeRecord } from "../stored-format.ts";
import { decodeTreeEntry, encodeTreeEntry } from "../tree/tree-entry.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import {
  type GroupContext,
  groupContext,
  isProposal,
  type LeafNode,
  leafNode,
  type QueuedProposal,
  type Sender,
  sender,
} from "../wire/index.ts";
import type { Handout } from "./handout.ts";
import type { PendingCommit } from "./group-state.ts";
import { queuedProposal } from "./proposal-record.ts";

interface IndexedBytes {
  readonly index: number;
  readonly value: Uint8Array;
}

interface NamedBytes {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

interface StoredMember {
  readonly leafIndex: number;
  readonly leafNode: LeafNode;
}

interface StoredRemoval extends StoredMember {
  readonly left: number;
  /** Which of the commit's proposals. */
  readonly by: number;
}

interface StoredPending {
  readonly message: Uint8Array;
  readonly flags: number;
  readonly groupContext: GroupContext;
  readonly confirmationTag: Uint8Array;
  readonly secrets: Uint8Array;
  readonly leafCount: number;
  readonly changedNodes: readonly IndexedBytes[];
  readonly privateKeys: readonly IndexedBytes[];
  readonly messageKeys: readonly NamedBytes[];
  readonly featureRecords: readonly NamedBytes[];
  readonly sender: Sender;
  readonly committer: number;
  readonly proposals: readonly QueuedProposal[];
  readonly added: readonly StoredMember[];
  readonly removed: readonly StoredRemoval[];
  readonly updated: readonly StoredMember[];
  readonly updatePathLeaf: LeafNode | undefined;
  readonly effects: readonly NamedBytes[];
}

const indexedBytes = struct<IndexedBytes>({ index: uint32, value: opaque });
const namedBytes = struct<NamedBytes>({ id: opaque, value: opaque });
const member = struct<StoredMember>({ leafIndex: uint32, leafNode });

const storedPending: Codec<StoredPending> = struct<StoredPending>({
  message: opaque,
  flags: uint8,
  groupContext,
  confirmationTag: opaque,
  secrets: opaque,
  leafCount: uint32,
  changedNodes: vector(indexedBytes),
  privateKeys: vector(indexedBytes),
  messageKeys: vector(namedBytes),
  featureRecords: vector(namedBytes),
  sender,
  committer: uint32,
  proposals: vector(queuedProposal),
  added: vector(member),
  removed: vector(struct<StoredRemoval>({ leafIndex: uint32, leafNode, left: uint8, by: uint32 })),
  updated: vector(member),
  updatePathLeaf: optional(leafNode),
  effects: vector(namedBytes),
});

const toText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Labels and names as bytes: ASCII, by the rules for both. */
export function nameBytes(name: string): Uint8Array {
  return Uint8Array.from(name, (char) => char.charCodeAt(0));
}

/** A pending commit as a record: of the tree only what it changes. The caller wipes it. */
export function encodePending(pending: PendingCommit, base: EpochState): Uint8Array {
  const { next, summary } = pending.staged;
  const changedNodes: IndexedBytes[] = [];
  for (const [index, entry] of next.tree.changedEntries(base.tree)) {
    if (entry !== undefined) {
      changedNodes.push({ index, value: encodeTreeEntry(index, entry) });
    }
  }
  const secrets = encodeEpochSecrets(next.secrets);
  const messageKeys = pending.secretTree.all();
  const places = new Map<object, number>(summary.proposals.map((proposal, at) => [proposal, at]));
  const encoded = encode(storedPending, {
    ...summary,
    message: pending.message,
    flags: (pending.withPath ? 1 : 0) + (pending.pathlessGivenUp ? 2 : 0),
    groupContext: next.groupContext,
    confirmationTag: next.confirmationTag,
    secrets,
    leafCount: next.tree.leafCount,
    changedNodes,
    privateKeys: next.privateTree.entries().map(([index, key]) => ({ index, value: key.expose() })),
    messageKeys,
    featureRecords: [...next.featureRecords].map(([label, value]) => ({ id: nameBytes(label), value })),
    removed: summary.removed.map((gone) => ({
      ...gone,
      left: gone.left ? 1 : 0,
      by: places.get(gone.by) ?? 0,
    })),
    effects: summary.effects.map(({ name, value }) => ({ id: nameBytes(name), value })),
  });
  wipe(secrets, ...messageKeys.map(({ value }) => value));
  return encoded;
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodePending(
  suite: CipherSuite,
  limits: Limits,
  ownLeaf: number,
  base: EpochState,
  record: Uint8Array,
  handout: Handout,
  reading: ReadOptions,
): PendingCommit {
  const stored = decodeRecord(storedPending, record, "pending_commit", reading);
  const tree = base.tree.fork();
  tree.applyEntries(
    stored.leafCount,
    stored.changedNodes.map(({ index, value }) => [index, decodeTreeEntry(index, value)] as const),
  );
  const next = epochState(suite, {
    groupContext: stored.groupContext,
    tree,
    privateTree: PrivateTree.fromEntries(
      suite,
      ownLeaf,
      stored.privateKeys.map(({ index, value }) => [index, value] as const),
    ),
    secrets: decodeEpochSecrets(suite, stored.secrets),
    confirmationTag: stored.confirmationTag,
    featureRecords: new Map(stored.featureRecords.map(({ id, value }) => [toText(id), value])),
  });
  const secretTree = SecretTree.fromRecords(suite, stored.leafCount, limits, stored.messageKeys);
  wipe(...stored.messageKeys.map(({ value }) => value)); // the tree has copies
  return {
    message: stored.message,
    withPath: (stored.flags & 1) === 1,
    pathlessGivenUp: stored.flags >= 2,
    staged: { summary: summaryOf(stored), next, base },
    secretTree,
    handout,
  };
}

function summaryOf(stored: StoredPending): CommitSummary {
  const { proposals, sender: from, committer, updatePathLeaf, groupContext: context } = stored;
  const known = ({ leafIndex, leafNode: leaf }: StoredMember): AffectedMember => {
    return { leafIndex, leafNode: leaf, identity: identityOf(leaf) };
  };
  const all = proposals.map(({ proposal }) => proposal);
  return {
    epoch: context.epoch,
    sender: from,
    committer,
    proposals,
    added: stored.added.map(known),
    removed: stored.removed.map((gone): RemovedMember => {
      return { ...known(gone), left: gone.left === 1, by: proposals[gone.by]! };
    }),
    updated: stored.updated.map(known),
    updatePathLeaf,
    psks: all.flatMap((proposal) => (isProposal(proposal, ProposalType.psk) ? [proposal.psk] : [])),
    extensions: context.extensions,
    reinit: all.find((proposal) => isProposal(proposal, ProposalType.reinit)),
    selfRemoved: false,
    effects: stored.effects.map(({ id, value }): CommitEffect => ({ name: toText(id), value })),
  };
}
