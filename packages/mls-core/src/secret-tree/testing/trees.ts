import { bytesToHex, type CipherSuite, Secret } from "@openmls-ts/traits";
import { suiteOf } from "../../testing/suites.ts";
import {
  type Planned,
  type PlannedKey,
  type RatchetKey,
  type RatchetKind,
  type RecordChanges,
  SecretTree,
  type SecretTreeLimits,
  type TreeRecord,
} from "../index.ts";

export const LIMITS: SecretTreeLimits = { maxForwardDistance: 1000, maxSkippedKeys: 1000 };
export const KINDS: readonly RatchetKind[] = ["handshake", "application"];

export function hexOf({ key, nonce }: Pick<RatchetKey, "key" | "nonce">): {
  readonly key: string;
  readonly nonce: string;
} {
  return { key: bytesToHex(key), nonce: bytesToHex(nonce) };
}

/** Records as a store would hold them. */
export class Store {
  readonly records: Map<string, TreeRecord> = new Map();

  constructor(tree: SecretTree) {
    this.write({ puts: tree.all(), deletes: [] });
  }

  /** Values are copied, as a store does. */
  write({ puts, deletes }: RecordChanges): { readonly puts: number; readonly deletes: number } {
    for (const id of deletes) {
      this.records.delete(bytesToHex(id));
    }
    for (const { id, value } of puts) {
      this.records.set(bytesToHex(id), { id, value: value.slice() });
    }
    return { puts: puts.length, deletes: deletes.length };
  }

  /** Writes a plan, applies it, and lets it go, as a group does. */
  save(tree: SecretTree, planned: Planned): { readonly puts: number; readonly deletes: number } {
    const written = this.write(planned.changes);
    tree.apply(planned);
    planned.wipe();
    return written;
  }

  dump(): string[] {
    return dump([...this.records.values()]);
  }
}

export function dump(records: readonly TreeRecord[]): string[] {
  return records.map(({ id, value }) => `${bytesToHex(id)}:${bytesToHex(value)}`).sort();
}

export const ROOT_SECRET: Uint8Array = new Uint8Array(32).fill(7);

export const suite: CipherSuite = await suiteOf(1);

export function create(leaves: number, limits: SecretTreeLimits = LIMITS): SecretTree {
  return SecretTree.create(suite, leaves, new Secret(ROOT_SECRET.slice()), limits);
}

export function reload(tree: SecretTree, leaves: number, limits: SecretTreeLimits = LIMITS): SecretTree {
  return SecretTree.fromRecords(suite, leaves, limits, tree.all());
}

/** Applies a plan as if it had been written. */
export function use(tree: SecretTree, planned: PlannedKey): ReturnType<typeof hexOf> {
  const hex = hexOf(planned);
  tree.apply(planned);
  planned.wipe();
  return hex;
}

/** Keys of one ratchet straight from the definition, with nothing kept or shared. */
export function keysInOrder(
  leaves: number,
  leaf: number,
  kind: RatchetKind,
  count: number,
): ReturnType<typeof hexOf>[] {
  const tree = create(leaves);
  return Array.from({ length: count }, () => use(tree, tree.take(leaf, kind)));
}
