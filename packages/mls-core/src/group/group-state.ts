import { bytesToKey, type CipherSuite, MlsError, type Secret, wipe } from "@openmls-ts/traits";
import type { EpochState, StagedEpoch } from "../commit/index.ts";
import { encode, uint64 } from "../codec/index.ts";
import type { Environment } from "../environment.ts";
import { type ReInit } from "../wire/index.ts";
import type { QueuedProposal } from "../proposal/index.ts";
import type { SecretTree } from "../secret-tree/index.ts";
import type { Batch } from "./batch.ts";
import type { MlsGroupConfig } from "./config.ts";
import type { Handout } from "./handout.ts";
import { messageKeyId, type PastEpoch } from "./past-epochs.ts";
import { GroupRecords } from "./records.ts";
import { withFormat } from "../stored-format.ts";
import { storageOf } from "../typed-storage.ts";

/** A proposal of the current epoch that a commit may name. */
export interface StoredProposal extends QueuedProposal {
  readonly reference: Uint8Array;
  /** Order of arrival; names its record. */
  readonly ordinal: number;
}

/** A commit of ours that waits for its confirmation. */
export interface PendingCommit {
  /** The MLSMessage as it was sent, to recognise its echo. */
  readonly message: Uint8Array;
  readonly staged: StagedEpoch & { readonly next: EpochState };
  /** The message keys of the next epoch. */
  readonly secretTree: SecretTree;
  readonly handout: Handout;
}

interface MessageKeyRecord {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/** Where a group stands on this client. */
export type GroupStatus = "active" | "reinitialized" | "removed" | "closed";

/** Everything that a group is made of besides its public methods. */
export interface GroupParts {
  readonly env: Environment;
  readonly groupId: Uint8Array;
  readonly ownLeaf: number;
  readonly config: MlsGroupConfig;
  readonly epoch: EpochState;
  readonly secretTree: SecretTree;
  readonly past?: PastEpoch[];
  readonly proposals?: StoredProposal[];
  readonly ownUpdates?: Map<string, Secret>;
  readonly pending?: PendingCommit | undefined;
  readonly handout?: Handout | undefined;
  readonly reinit?: ReInit | undefined;
  /** The revision that the store holds; `undefined` before the first write. */
  readonly revision?: bigint | undefined;
}

/**
 * The mutable state of a group in memory, and its way to the store. Each change is computed first, then written in one
 * batch, and only then takes effect here.
 */
export class GroupState {
  readonly env: Environment;
  readonly records: GroupRecords;
  readonly ownLeaf: number;
  readonly config: MlsGroupConfig;
  epoch: EpochState;
  secretTree: SecretTree;
  past: PastEpoch[];
  proposals: StoredProposal[];
  ownUpdates: Map<string, Secret>;
  pending: PendingCommit | undefined;
  /** Of the current epoch, where it began with a commit of ours. */
  handout: Handout | undefined;
  reinit: ReInit | undefined;
  status: GroupStatus;
  #revision: bigint | undefined;

  constructor(parts: GroupParts) {
    this.env = parts.env;
    this.records = new GroupRecords(parts.groupId);
    this.ownLeaf = parts.ownLeaf;
    this.config = parts.config;
    this.epoch = parts.epoch;
    this.secretTree = parts.secretTree;
    this.past = parts.past ?? [];
    this.proposals = parts.proposals ?? [];
    this.ownUpdates = parts.ownUpdates ?? new Map<string, Secret>();
    this.pending = parts.pending;
    this.handout = parts.handout;
    this.reinit = parts.reinit;
    this.status = parts.reinit === undefined ? "active" : "reinitialized";
    this.#revision = parts.revision;
  }

  /** @throws MlsError `ERR_MLS_GROUP_INACTIVE` unless this client is a member and the group goes on */
  requireActive(): void {
    if (this.status !== "active") {
      const rules = { reinitialized: "rfc78", removed: "rfc100", closed: "rfc66" }; // RFC 9420 §12.4.2, 9.2
      throw new MlsError("ERR_MLS_GROUP_INACTIVE", `the group is ${this.status}`, {
        rule: rules[this.status],
      });
    }
  }

  /** @throws MlsError `ERR_MLS_GROUP_INACTIVE` when this object has no secrets any more */
  requirePresent(): void {
    if (this.status !== "reinitialized") {
      this.requireActive();
    }
  }

  /**
   * Writes a batch whole or not at all, on condition that nobody else wrote since.
   * @throws MlsError `ERR_MLS_STORAGE_CONFLICT`, `ERR_MLS_STORAGE`
   */
  async write(batch: Batch): Promise<void> {
    const key = this.records.key("group_revision");
    const next = this.#revision === undefined ? firstRevision(this.env.suite) : this.#revision + 1n;
    batch.expect(key, this.#revision === undefined ? undefined : revisionValue(this.#revision));
    batch.put({ key, value: revisionValue(next) });
    await this.#store(batch);
    this.#revision = next;
  }

  /** Deletes every record of the group in one write. */
  async erase(batch: Batch): Promise<void> {
    const key = this.records.key("group_revision");
    batch.expect(key, this.#revision === undefined ? undefined : revisionValue(this.#revision));
    await this.#store(batch);
    this.status = "removed";
    this.wipe();
  }

  async #store(batch: Batch): Promise<void> {
    try {
      await storageOf(this.env.provider).write(batch.toStorageBatch());
    } finally {
      batch.wipe();
    }
  }

  #putMessageKeys(batch: Batch, keys: readonly MessageKeyRecord[], epoch: bigint): void {
    for (const { id, value } of keys) {
      batch.put(this.records.record("message_key", messageKeyId(epoch, id), value));
      wipe(value);
    }
  }

  /** Adds the message keys changed since the last write. */
  saveMessageKeys(batch: Batch, secretTree: SecretTree, epoch: bigint): void {
    const { puts, deletes } = secretTree.unsaved();
    this.#putMessageKeys(batch, puts, epoch);
    for (const id of deletes) {
      batch.delete(this.records.key("message_key", messageKeyId(epoch, id)));
    }
  }

  /** Adds all message keys of an epoch that begins. */
  saveNewMessageKeys(batch: Batch, secretTree: SecretTree, epoch: bigint): void {
    this.#putMessageKeys(batch, secretTree.all(), epoch);
  }

  /** A copy of the private key of a leaf that we proposed by Update. */
  ownUpdateKey(encryptionKey: Uint8Array): Uint8Array | undefined {
    return this.ownUpdates.get(bytesToKey(encryptionKey))?.expose().slice();
  }

  /** Erases the private keys of leaves that we proposed and that were not taken. */
  dropOwnUpdates(): void {
    for (const key of this.ownUpdates.values()) {
      key.wipe();
    }
    this.ownUpdates.clear();
  }

  /** Gives up this handle on a group that stays in the store. */
  close(): void {
    this.status = "closed";
    this.wipe();
  }

  /** Erases all secrets in memory. */
  wipe(): void {
    this.epoch.secrets.wipe();
    this.epoch.privateTree.wipe();
    this.secretTree.wipe();
    for (const past of this.past) {
      past.senderDataSecret.wipe();
      past.secretTree.wipe();
    }
    this.dropOwnUpdates();
    this.discardPending();
    this.past = [];
    this.proposals = [];
  }

  /** Forgets the pending commit and erases its secrets. */
  discardPending(): void {
    this.pending?.staged.next.secrets.wipe();
    this.pending?.staged.next.privateTree.wipe();
    this.pending?.secretTree.wipe();
    this.pending = undefined;
  }
}

/**
 * Random, so that a group that is deleted and joined again does not come to a revision that an object from before still
 * expects.
 */
function firstRevision(suite: CipherSuite): bigint {
  return suite.randomBytes(6).reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function revisionValue(revision: bigint): Uint8Array {
  return withFormat(encode(uint64, revision));
}
