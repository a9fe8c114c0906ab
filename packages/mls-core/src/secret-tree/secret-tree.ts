import {
  bytesToKey,
  type CipherSuite,
  type Limits,
  MlsError,
  type Secret,
  violation,
  wipe,
} from "@openmls-ts/traits";
import { leafCountFor, nodeWidth, root } from "../tree/tree-math.ts";
import type { Draft } from "./draft.ts";
import { Plan } from "./plan.ts";
import type { Planned, PlannedKey, RatchetKind } from "./ratchet-key.ts";
import {
  advanceRatchet,
  dropOvertaken,
  lastUsed,
  type MessageKey,
  oldestKept,
  startRatchets,
  takeLeafSecret,
} from "./ratchets.ts";
import {
  checkValue,
  headOf,
  KINDS,
  MAX_GENERATION,
  nodeId,
  parseId,
  ratchetId,
  type RatchetHead,
  type RecordName,
  skippedId,
  skippedKey,
  unreadable,
} from "./record-format.ts";
import { RecordSet, type TreeRecord } from "./record-set.ts";

/** The limits that a secret tree keeps. */
export type SecretTreeLimits = Pick<Limits, "maxForwardDistance" | "maxSkippedKeys">;

/** Whose secrets an epoch that ends gives up. */
export interface Retirement {
  /** This member's leaf. */
  readonly ownLeaf: number;
  /** Whose handshake ratchet encrypted the commit that ends the epoch. */
  readonly used?: { readonly leafIndex: number } | undefined;
}

/**
 * The message keys of one epoch (RFC 9420 §9). Secrets are derived when a member first speaks; what they are derived
 * from is erased then, what other members need is kept. Every change is planned, then written by the caller, then
 * applied: until then nothing here changes but the number of own generations that are given out.
 */
export class SecretTree {
  readonly #suite: CipherSuite;
  readonly #leafCount: number;
  readonly #limits: SecretTreeLimits;
  readonly #records = new RecordSet();
  /** The first generation of each own ratchet that was not given out yet, written or not. */
  readonly #reserved = new Map<string, number>();
  #wiped = false;

  private constructor(suite: CipherSuite, leafCount: number, limits: SecretTreeLimits) {
    this.#suite = suite;
    this.#leafCount = leafCount;
    this.#limits = limits;
  }

  /**
   * The tree of a new epoch.
   * @param leafCount leaves of the ratchet tree, blank ones included
   * @param encryptionSecret Nh bytes; wiped
   */
  static create(
    suite: CipherSuite,
    leafCount: number,
    encryptionSecret: Secret,
    limits: SecretTreeLimits,
  ): SecretTree {
    const tree = new SecretTree(suite, leafCount, limits);
    const id = nodeId(root(leafCountFor(nodeWidth(leafCount))));
    tree.#records.load({ id, value: encryptionSecret.expose() });
    encryptionSecret.wipe(); // RFC 9420 §9.2
    return tree;
  }

  /**
   * A tree from its records, in any order; their values are copied.
   * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for records that cannot be read or do not fit together
   */
  static fromRecords(
    suite: CipherSuite,
    leafCount: number,
    limits: SecretTreeLimits,
    records: Iterable<TreeRecord>,
  ): SecretTree {
    const tree = new SecretTree(suite, leafCount, limits);
    const nodes = nodeWidth(leafCountFor(nodeWidth(leafCount)));
    const skipped: { readonly id: Uint8Array; readonly name: RecordName & { sort: "skipped" } }[] = [];
    for (const record of records) {
      const name = parseId(record.id);
      checkValue(suite, name, record.value);
      const fits = name.sort === "node" ? name.node < nodes : name.leaf < leafCount;
      if (!fits || !tree.#records.load(record)) {
        throw unreadable("a secret tree record out of place");
      }
      if (name.sort === "skipped") {
        skipped.push({ id: record.id, name });
      }
    }
    for (const { id, name } of skipped) {
      const { leaf, kind, generation } = name;
      const value = tree.#records.get(ratchetId(leaf, kind));
      const last = value === undefined ? -1 : lastUsed(headOf(value));
      if (generation > last) {
        throw unreadable("a secret tree record ahead of its ratchet");
      }
      if (generation < oldestKept(last, limits.maxSkippedKeys)) {
        tree.#records.forget(id); // kept under a larger limit than this one
      }
    }
    return tree;
  }

  /**
   * Takes the next key of an own ratchet (RFC 9420 §9.1). Its generation is given out now, whether the changes are ever
   * applied or not; keys of own generations between are not kept.
   * @throws MlsError `ERR_MLS_LIMIT` rule rfc64 when all 2^32 generations are used
   */
  take(leafIndex: number, kind: RatchetKind): PlannedKey {
    this.#checkLeaf(leafIndex);
    const id = ratchetId(leafIndex, kind);
    const stored = this.#records.get(id);
    const next = stored === undefined ? 0 : lastUsed(headOf(stored)) + 1;
    const generation = Math.max(next, this.#reserved.get(bytesToKey(id)) ?? 0);
    if (generation > MAX_GENERATION) {
      throw new MlsError("ERR_MLS_LIMIT", "the ratchet is used up", { rule: "rfc64" });
    }
    const planned = this.#planKey(generation, (draft) =>
      generation <= lastUsed(this.#open(draft, leafIndex, kind))
        ? undefined // a later key was applied before this one
        : advanceRatchet(this.#suite, draft, leafIndex, kind, generation, 0),
    );
    this.#reserved.set(bytesToKey(id), generation + 1);
    return planned;
  }

  /**
   * The key of a generation, for a message that claims it.
   * @param window narrower than the tree's own limits
   * @throws MlsError `ERR_MLS_SECRET_CONSUMED` rule rfc65 for a generation that was used or given up,
   *   `ERR_MLS_LIMIT` rule rfc69 for one too far ahead, `ERR_MLS_VALIDATION` rule valn1306 for a leaf outside the tree
   */
  peek(
    leafIndex: number,
    kind: RatchetKind,
    generation: number,
    window: SecretTreeLimits = this.#limits,
  ): PlannedKey {
    if (!Number.isInteger(generation) || generation < 0 || generation > MAX_GENERATION) {
      throw new MlsError("ERR_MLS_USAGE", "a generation is a 32-bit number");
    }
    this.#checkLeaf(leafIndex);
    return this.#planKey(generation, (draft) => this.#receive(draft, leafIndex, kind, generation, window));
  }

  /** Plans what a narrower window gives up: keys of application messages that were overtaken by more than `keep`. */
  narrow(keep: number): Planned {
    return new Plan(this.#records, (draft) => {
      dropOvertaken(draft, this.#records.ids(), keep);
      return undefined;
    });
  }

  /**
   * Plans what an epoch gives up that ends and is kept for late application messages of others: everything that does
   * not open those (RFC 9420 §9.2). No own ratchet and no handshake ratchet that was ever used is left, nor a secret
   * that they or the committer's handshake ratchet follow from.
   */
  retire({ ownLeaf, used }: Retirement): Planned {
    return new Plan(this.#records, (draft) => {
      for (const id of this.#records.ids()) {
        const name = parseId(id);
        if (name.sort !== "node" && (name.kind === "handshake" || name.leaf === ownLeaf)) {
          draft.delete(id);
        }
      }
      wipe(this.#takeLeafSecret(draft, ownLeaf));
      const secret = used === undefined ? undefined : this.#takeLeafSecret(draft, used.leafIndex);
      if (secret !== undefined && used !== undefined) {
        startRatchets(this.#suite, draft, used.leafIndex, secret, ["application"]);
      }
      return undefined;
    });
  }

  /**
   * Puts planned changes in force, once they are written. What they replace is wiped.
   * @throws MlsError `ERR_MLS_SECRET_CONSUMED` when the key was used since it was planned
   */
  apply(planned: Pick<Planned, "changes">): void {
    if (!this.#wiped) {
      this.#records.apply(planned.changes);
    }
  }

  /** Everything, to be stored for a new epoch. Wipe the values when they are written. */
  all(): readonly TreeRecord[] {
    return this.#records.all();
  }

  /** Erases all secrets in memory. */
  wipe(): void {
    this.#wiped = true;
    this.#records.wipe();
  }

  #planKey(generation: number, work: (draft: Draft) => MessageKey | undefined): PlannedKey {
    const plan = new Plan(this.#records, work);
    const { key, nonce } = plan.run() ?? {};
    if (key === undefined || nonce === undefined) {
      throw consumed();
    }
    return {
      generation,
      key,
      nonce,
      get changes() {
        return plan.changes;
      },
      wipe: () => {
        plan.wipe();
        wipe(key, nonce);
      },
    };
  }

  #receive(
    draft: Draft,
    leafIndex: number,
    kind: RatchetKind,
    generation: number,
    { maxForwardDistance, maxSkippedKeys }: SecretTreeLimits,
  ): MessageKey {
    const id = skippedId(leafIndex, kind, generation);
    const kept = draft.get(id);
    if (kept !== undefined) {
      const messageKey = skippedKey(this.#suite, kept);
      draft.delete(id);
      return messageKey;
    }
    const stored = draft.get(ratchetId(leafIndex, kind));
    const last = stored === undefined ? -1 : lastUsed(headOf(stored));
    if (generation <= last) {
      throw consumed(); // RFC 9420 §9.1, 9.2
    }
    if (generation - last - 1 > maxForwardDistance) {
      // RFC 9420 §15.3
      throw new MlsError("ERR_MLS_LIMIT", `generation ${generation} is too far ahead of ${last + 1}`, {
        rule: "rfc69",
      });
    }
    this.#open(draft, leafIndex, kind);
    return advanceRatchet(this.#suite, draft, leafIndex, kind, generation, maxSkippedKeys);
  }

  /** The state of a ratchet, derived from the tree if its leaf has none yet. */
  #open(draft: Draft, leafIndex: number, kind: RatchetKind): RatchetHead {
    const id = ratchetId(leafIndex, kind);
    if (!draft.has(id)) {
      if (KINDS.some((other) => draft.has(ratchetId(leafIndex, other)))) {
        throw consumed(); // given up with the epoch
      }
      const secret = this.#takeLeafSecret(draft, leafIndex);
      if (secret === undefined) {
        throw unreadable("a secret of the secret tree is missing");
      }
      startRatchets(this.#suite, draft, leafIndex, secret);
    }
    return headOf(draft.get(id)!);
  }

  #takeLeafSecret(draft: Draft, leafIndex: number): Uint8Array | undefined {
    return takeLeafSecret(this.#suite, draft, this.#leafCount, leafIndex);
  }

  #checkLeaf(leafIndex: number): void {
    if (!Number.isInteger(leafIndex) || leafIndex < 0 || leafIndex >= this.#leafCount) {
      throw violation("valn1306", `leaf ${leafIndex} is outside the tree`); // RFC 9420 §6.3.2
    }
  }
}

function consumed(): MlsError {
  return new MlsError("ERR_MLS_SECRET_CONSUMED", "the message key was used or given up", { rule: "rfc65" });
}
