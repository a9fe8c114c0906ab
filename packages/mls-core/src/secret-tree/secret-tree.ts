import { type CipherSuite, type Limits, MlsError, type Secret, violation, wipe } from "@openmls-ts/traits";
import { directPath, leafCountFor, leafToNode, nodeWidth, root } from "../tree/tree-math.ts";
import type { RatchetCandidate, RatchetKey, RatchetKind } from "./ratchet-key.ts";
import { childSecrets, firstRatchetSecret, nextRatchetSecret, ratchetKeyAndNonce } from "./ratchet-steps.ts";
import {
  checkValue,
  headOf,
  headValue,
  MAX_GENERATION,
  nodeId,
  nodeSecret,
  nodeValue,
  parseId,
  ratchetId,
  type RatchetHead,
  skippedId,
  skippedKey,
  skippedValue,
  unreadable,
} from "./record-format.ts";
import { type RecordChanges, RecordSet, type TreeRecord } from "./record-set.ts";

/** The limits that a secret tree keeps. */
export type SecretTreeLimits = Pick<Limits, "maxForwardDistance" | "maxSkippedKeys">;

/** One use of a ratchet, worked out and not yet applied. */
interface Step {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly changes: RecordChanges;
}

/** A ratchet's state and the records that must change to get there. */
interface Head extends RatchetHead {
  readonly puts: readonly TreeRecord[];
  readonly deletes: readonly Uint8Array[];
}

/**
 * The message keys of one epoch (RFC 9420 §9). Secrets are derived when a member first speaks; what they are derived
 * from is erased then, what other members need is kept. All methods are synchronous: no key is ever taken twice.
 */
export class SecretTree {
  readonly #suite: CipherSuite;
  readonly #leafCount: number;
  readonly #limits: SecretTreeLimits;
  readonly #records = new RecordSet();

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
    tree.#records.apply({ puts: [{ id, value: nodeValue(encryptionSecret.expose()) }], deletes: [] });
    encryptionSecret.wipe(); // RFC 9420 §9.2
    return tree;
  }

  /**
   * A tree from the records that {@link unsaved} and {@link all} gave, in any order.
   * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for records that cannot be read or do not fit together
   */
  static fromRecords(
    suite: CipherSuite,
    leafCount: number,
    limits: SecretTreeLimits,
    records: Iterable<TreeRecord>,
  ): SecretTree {
    const tree = new SecretTree(suite, leafCount, limits);
    const skipped: { readonly id: Uint8Array; readonly ratchet: Uint8Array; readonly generation: number }[] =
      [];
    for (const record of records) {
      const name = parseId(record.id);
      checkValue(suite, name, record.value);
      const fits =
        name.sort === "node"
          ? name.node < nodeWidth(leafCountFor(nodeWidth(leafCount)))
          : name.leaf < leafCount;
      if (!fits || !tree.#records.load(record)) {
        throw unreadable("a secret tree record out of place");
      }
      if (name.sort === "skipped") {
        const { leaf, kind, generation } = name;
        skipped.push({ id: record.id, ratchet: ratchetId(leaf, kind), generation });
      }
    }
    tree.#dropOld(skipped);
    return tree;
  }

  /** Forgets the skipped keys that a smaller limit than the one they were kept under does not allow. */
  #dropOld(
    skipped: readonly {
      readonly id: Uint8Array;
      readonly ratchet: Uint8Array;
      readonly generation: number;
    }[],
  ): void {
    const deletes = skipped.filter(({ ratchet, generation }) => {
      const value = this.#records.get(ratchet);
      if (
        value === undefined ||
        headOf(value).generation <= generation - (headOf(value).secret.length === 0 ? 1 : 0)
      ) {
        throw unreadable("a secret tree record ahead of its ratchet");
      }
      return generation < this.#oldestKept(lastUsed(headOf(value)));
    });
    if (deletes.length > 0) {
      this.#records.apply({ puts: [], deletes: deletes.map(({ id }) => id) });
    }
  }

  /**
   * Takes the next key of an own ratchet, at once and for good (RFC 9420 §9.1).
   * @throws MlsError `ERR_MLS_LIMIT` rule rfc64 when all 2^32 generations are used
   */
  next(leafIndex: number, kind: RatchetKind): RatchetKey {
    const head = this.#head(leafIndex, kind);
    if (head.secret.length === 0) {
      throw new MlsError("ERR_MLS_LIMIT", "the ratchet is used up", { rule: "rfc64" });
    }
    const { key, nonce, changes } = this.#advance(leafIndex, kind, head, head.generation);
    this.#records.apply(changes);
    return { generation: head.generation, key, nonce };
  }

  /**
   * The key of a generation, for a message that claims it. Nothing changes until the candidate is consumed.
   * @throws MlsError `ERR_MLS_SECRET_CONSUMED` rule rfc65 for a generation that was used or given up,
   *   `ERR_MLS_LIMIT` rule rfc69 for one too far ahead, `ERR_MLS_VALIDATION` rule valn1306 for a leaf outside the tree
   */
  peek(leafIndex: number, kind: RatchetKind, generation: number): RatchetCandidate {
    const records = this.#records;
    let step = this.#step(leafIndex, kind, generation);
    const revision = records.revision;
    return {
      generation,
      key: step.key,
      nonce: step.nonce,
      consume: () => {
        if (records.revision !== revision) {
          step = this.#step(leafIndex, kind, generation); // something else came first
          wipe(step.key, step.nonce);
        }
        return records.applyRevocably(step.changes);
      },
    };
  }

  /** What storage lacks since the last {@link markSaved}. Wipe the values when they are written. */
  unsaved(): RecordChanges {
    return this.#records.unsaved();
  }

  /** Everything, to be stored anew. Wipe the values when they are written. */
  all(): readonly TreeRecord[] {
    return this.#records.all();
  }

  /** What the last {@link unsaved} or {@link all} returned is stored; what it replaced is erased from memory. */
  markSaved(): void {
    this.#records.markSaved();
  }

  /** Erases all secrets in memory. */
  wipe(): void {
    this.#records.wipe();
  }

  #step(leafIndex: number, kind: RatchetKind, generation: number): Step {
    if (!Number.isInteger(generation) || generation < 0 || generation > MAX_GENERATION) {
      throw new MlsError("ERR_MLS_USAGE", "a generation is a 32-bit number");
    }
    this.#checkLeaf(leafIndex);
    const id = skippedId(leafIndex, kind, generation);
    const kept = this.#records.get(id);
    if (kept !== undefined) {
      return { ...skippedKey(this.#suite, kept), changes: { puts: [], deletes: [id] } };
    }
    const stored = this.#records.get(ratchetId(leafIndex, kind));
    const { generation: next, secret } =
      stored === undefined ? { generation: 0, secret: undefined } : headOf(stored);
    if (generation < next || secret?.length === 0) {
      // RFC 9420 §9.1, 9.2
      throw new MlsError("ERR_MLS_SECRET_CONSUMED", "the message key was used or given up", {
        rule: "rfc65",
      });
    }
    if (generation - next > this.#limits.maxForwardDistance) {
      // RFC 9420 §15.3
      throw new MlsError("ERR_MLS_LIMIT", `generation ${generation} is too far ahead of ${next}`, {
        rule: "rfc69",
      });
    }
    return this.#advance(leafIndex, kind, this.#head(leafIndex, kind), generation);
  }

  /** Moves a ratchet past a generation that it has not reached yet (RFC 9420 §9.1). */
  #advance(leafIndex: number, kind: RatchetKind, head: Head, target: number): Step {
    const suite = this.#suite;
    const puts = [...head.puts];
    const deletes = [...head.deletes];
    const oldest = this.#oldestKept(target);
    for (let old = this.#oldestKept(head.generation - 1); old < Math.min(head.generation, oldest); old++) {
      const id = skippedId(leafIndex, kind, old);
      if (this.#records.has(id)) {
        deletes.push(id);
      }
    }
    let secret = head.secret;
    const step = (generation: number): void => {
      const following = nextRatchetSecret(suite, secret, generation);
      if (secret !== head.secret || head.puts.length > 0) {
        wipe(secret); // not a live record
      }
      secret = following;
    };
    for (let generation = head.generation; generation < target; generation++) {
      if (generation >= oldest) {
        const { key, nonce } = ratchetKeyAndNonce(suite, secret, generation);
        puts.push({ id: skippedId(leafIndex, kind, generation), value: skippedValue(key, nonce) });
        wipe(key, nonce);
      }
      step(generation);
    }
    const { key, nonce } = ratchetKeyAndNonce(suite, secret, target);
    step(target);
    const after: RatchetHead =
      target === MAX_GENERATION
        ? { generation: MAX_GENERATION, secret: new Uint8Array() }
        : { generation: target + 1, secret };
    puts.push({ id: ratchetId(leafIndex, kind), value: headValue(after) });
    wipe(secret);
    return { key, nonce, changes: { puts, deletes } };
  }

  /** The oldest generation whose skipped key is kept once `used` has been used: a bounded window (RFC 9420 §15.3). */
  #oldestKept(used: number): number {
    return Math.max(0, used - this.#limits.maxSkippedKeys);
  }

  /** The state of a ratchet, derived from the tree if its leaf has none yet. */
  #head(leafIndex: number, kind: RatchetKind): Head {
    this.#checkLeaf(leafIndex);
    const stored = this.#records.get(ratchetId(leafIndex, kind));
    return stored === undefined
      ? this.#firstHead(leafIndex, kind)
      : { ...headOf(stored), puts: [], deletes: [] };
  }

  /**
   * Both ratchets of a leaf from the nearest secret above it: that secret is erased, and on the way down the secrets
   * beside the path are kept for the other members (RFC 9420 §9, 9.2).
   */
  #firstHead(leafIndex: number, kind: RatchetKind): Head {
    const path = [leafToNode(leafIndex), ...directPath(leafIndex, leafCountFor(nodeWidth(this.#leafCount)))];
    const top = path.findIndex((node) => this.#records.has(nodeId(node)));
    const stored = top < 0 ? undefined : this.#records.get(nodeId(path[top]!));
    if (stored === undefined) {
      throw unreadable("a secret of the secret tree is missing");
    }
    const puts: TreeRecord[] = [];
    let secret: Uint8Array = nodeSecret(stored).slice();
    for (let i = top; i > 0; i--) {
      const children = childSecrets(this.#suite, secret);
      wipe(secret);
      const goesLeft = path[i - 1]! < path[i]!;
      const aside = goesLeft ? children.right : children.left;
      const asideNode = 2 * path[i]! - path[i - 1]!; // the two children stand symmetrically around their parent
      puts.push({ id: nodeId(asideNode), value: nodeValue(aside) });
      wipe(aside);
      secret = goesLeft ? children.left : children.right;
    }
    const other: RatchetKind = kind === "handshake" ? "application" : "handshake";
    const first = firstRatchetSecret(this.#suite, secret, kind);
    const beside = firstRatchetSecret(this.#suite, secret, other);
    puts.push({ id: ratchetId(leafIndex, other), value: headValue({ generation: 0, secret: beside }) });
    wipe(secret, beside);
    return { generation: 0, secret: first, puts, deletes: [nodeId(path[top]!)] };
  }

  #checkLeaf(leafIndex: number): void {
    if (!Number.isInteger(leafIndex) || leafIndex < 0 || leafIndex >= this.#leafCount) {
      throw violation("valn1306", `leaf ${leafIndex} is outside the tree`); // RFC 9420 §6.3.2
    }
  }
}

/** The latest generation that a ratchet has gone past; -1 for none. */
function lastUsed({ generation, secret }: RatchetHead): number {
  return secret.length === 0 ? generation : generation - 1;
}
