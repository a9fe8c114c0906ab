import { type CipherSuite, type Limits, wipe } from "@openmls-ts/traits";
import { type AffectedMember, type CommitSummary, type EpochState, epochState } from "../commit/index.ts";
import { type Codec, encode, opaque, optional, struct, uint32, uint64, vector } from "../codec/index.ts";
import {
  groupContext,
  type GroupContext,
  leafNode,
  type LeafNode,
  sender,
  type Sender,
} from "../wire/index.ts";
import { decodeEpochSecrets, encodeEpochSecrets } from "../key-schedule/index.ts";
import { proposalList, type QueuedProposal } from "../proposal/index.ts";
import { SecretTree } from "../secret-tree/index.ts";
import { decodeTreeEntry, encodeTreeEntry } from "../tree/tree-entry.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import type { PendingCommit } from "./group-state.ts";
import { queuedProposal } from "./proposal-store.ts";
import { decodeRecord } from "./records.ts";

interface IndexedBytes {
  readonly index: number;
  readonly value: Uint8Array;
}

interface StoredPending {
  readonly message: Uint8Array;
  readonly groupContext: GroupContext;
  readonly confirmationTag: Uint8Array;
  readonly secrets: Uint8Array;
  readonly leafCount: number;
  readonly changedNodes: readonly IndexedBytes[];
  readonly privateKeys: readonly IndexedBytes[];
  readonly messageKeys: readonly { readonly id: Uint8Array; readonly value: Uint8Array }[];
  readonly epoch: bigint;
  readonly sender: Sender;
  readonly committer: number;
  readonly proposals: readonly QueuedProposal[];
  readonly added: readonly AffectedMember[];
  readonly removed: readonly AffectedMember[];
  readonly updated: readonly AffectedMember[];
  readonly updatePathLeaf: LeafNode | undefined;
}

const indexedBytes = struct<IndexedBytes>({ index: uint32, value: opaque });
const affected = struct<AffectedMember>({ leafIndex: uint32, leafNode });

const storedPending: Codec<StoredPending> = struct<StoredPending>({
  message: opaque,
  groupContext,
  confirmationTag: opaque,
  secrets: opaque,
  leafCount: uint32,
  changedNodes: vector(indexedBytes),
  privateKeys: vector(indexedBytes),
  messageKeys: vector(struct<{ id: Uint8Array; value: Uint8Array }>({ id: opaque, value: opaque })),
  epoch: uint64,
  sender,
  committer: uint32,
  proposals: vector(queuedProposal),
  added: vector(affected),
  removed: vector(affected),
  updated: vector(affected),
  updatePathLeaf: optional(leafNode),
});

/** A pending commit as a record: of the tree only what it changes. */
export function encodePending(pending: PendingCommit): Uint8Array {
  const { next, base, summary } = pending.staged;
  const changedNodes: IndexedBytes[] = [];
  for (const [index, entry] of next.tree.changedEntries(base.tree)) {
    if (entry !== undefined) {
      changedNodes.push({ index, value: encodeTreeEntry(index, entry) });
    }
  }
  const secrets = encodeEpochSecrets(next.secrets);
  const encoded = encode(storedPending, {
    ...summary,
    message: pending.message,
    groupContext: next.groupContext,
    confirmationTag: next.confirmationTag,
    secrets,
    leafCount: next.tree.leafCount,
    changedNodes,
    privateKeys: next.privateTree.entries().map(([index, key]) => ({ index, value: key.expose() })),
    messageKeys: pending.secretTree.all(),
  });
  wipe(secrets);
  return encoded;
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodePending(
  suite: CipherSuite,
  limits: Limits,
  ownLeaf: number,
  base: EpochState,
  record: Uint8Array,
): Omit<PendingCommit, "handout"> {
  const stored = decodeRecord(storedPending, record);
  const tree = base.tree.fork();
  tree.applyEntries(
    stored.leafCount,
    stored.changedNodes.map(({ index, value }) => [index, decodeTreeEntry(index, value)] as const),
  );
  const next = epochState(suite, {
    groupContext: stored.groupContext,
    tree,
    privateTree: PrivateTree.fromEntries(
      ownLeaf,
      stored.privateKeys.map(({ index, value }) => [index, value] as const),
    ),
    secrets: decodeEpochSecrets(stored.secrets),
    confirmationTag: stored.confirmationTag,
  });
  const list = proposalList(stored.proposals);
  const summary: CommitSummary = {
    epoch: stored.epoch,
    sender: stored.sender,
    committer: stored.committer,
    proposals: stored.proposals,
    added: stored.added,
    removed: stored.removed,
    updated: stored.updated,
    updatePathLeaf: stored.updatePathLeaf,
    psks: list.psks.map(({ proposal }) => proposal.psk),
    extensions: stored.groupContext.extensions,
    reinit: list.reinit,
    selfRemoved: false,
  };
  return {
    message: stored.message,
    staged: { summary, next, base },
    secretTree: SecretTree.fromRecords(suite, stored.leafCount, limits, stored.messageKeys),
  };
}
