import { type CipherSuite, wipe } from "@openmls-ts/traits";
import { directPath, leafCountFor, leafToNode, nodeWidth } from "../tree/tree-math.ts";
import type { Draft } from "./draft.ts";
import type { RatchetKind } from "./ratchet-key.ts";
import { childSecrets, firstRatchetSecret, nextRatchetSecret, ratchetKeyAndNonce } from "./ratchet-steps.ts";
import {
  headOf,
  headValue,
  KINDS,
  MAX_GENERATION,
  nodeId,
  parseId,
  ratchetId,
  type RatchetHead,
  skippedId,
  skippedValue,
} from "./record-format.ts";

/** Key and nonce of one generation. */
export interface MessageKey {
  /** Nk bytes. */
  readonly key: Uint8Array;
  /** Nn bytes. */
  readonly nonce: Uint8Array;
}

/**
 * Breaks up the nearest secret above a leaf: it is erased, and on the way down the secrets beside the path are kept for
 * the other members (RFC 9420 §9, 9.2).
 * @returns the secret of the leaf, Nh bytes, the caller's to wipe; `undefined` when there is none above it any more
 */
export function takeLeafSecret(
  suite: CipherSuite,
  draft: Draft,
  leafCount: number,
  leaf: number,
): Uint8Array | undefined {
  const path = [leafToNode(leaf), ...directPath(leaf, leafCountFor(nodeWidth(leafCount)))];
  const top = path.findIndex((node) => draft.has(nodeId(node)));
  if (top < 0) {
    return undefined;
  }
  const topId = nodeId(path[top]!);
  let secret: Uint8Array = draft.get(topId)!.slice();
  draft.delete(topId);
  for (let i = top; i > 0; i--) {
    const children = childSecrets(suite, secret);
    wipe(secret);
    const goesLeft = path[i - 1]! < path[i]!;
    const asideNode = 2 * path[i]! - path[i - 1]!; // the two children stand symmetrically around their parent
    draft.put(nodeId(asideNode), goesLeft ? children.right : children.left);
    secret = goesLeft ? children.left : children.right;
  }
  return secret;
}

/** Starts the named ratchets of a leaf, and lets the leaf's secret go (RFC 9420 §9.1). Wipes the secret. */
export function startRatchets(
  suite: CipherSuite,
  draft: Draft,
  leaf: number,
  leafSecret: Uint8Array,
  kinds: readonly RatchetKind[] = KINDS,
): void {
  for (const kind of kinds) {
    const secret = firstRatchetSecret(suite, leafSecret, kind);
    draft.put(ratchetId(leaf, kind), headValue({ generation: 0, secret }));
    wipe(secret);
  }
  wipe(leafSecret); // RFC 9420 §9.2
}

/**
 * Moves a ratchet past a generation that it has not reached yet (RFC 9420 §9.1).
 * @param keep how many of the keys before `target` are kept for messages that were overtaken
 */
export function advanceRatchet(
  suite: CipherSuite,
  draft: Draft,
  leaf: number,
  kind: RatchetKind,
  target: number,
  keep: number,
): MessageKey {
  const id = ratchetId(leaf, kind);
  const head = headOf(draft.get(id)!);
  const oldest = oldestKept(target, keep);
  for (let old = oldestKept(head.generation - 1, keep); old < Math.min(head.generation, oldest); old++) {
    draft.delete(skippedId(leaf, kind, old));
  }
  let secret: Uint8Array = head.secret.slice();
  const step = (generation: number): void => {
    const following = nextRatchetSecret(suite, secret, generation);
    wipe(secret);
    secret = following;
  };
  for (let { generation } = head; generation < target; generation++) {
    if (generation >= oldest) {
      const { key, nonce } = ratchetKeyAndNonce(suite, secret, generation);
      draft.put(skippedId(leaf, kind, generation), skippedValue(key, nonce));
      wipe(key, nonce);
    }
    step(generation);
  }
  const messageKey = ratchetKeyAndNonce(suite, secret, target);
  step(target);
  const after: RatchetHead =
    target === MAX_GENERATION
      ? { generation: MAX_GENERATION, secret: new Uint8Array() }
      : { generation: target + 1, secret };
  draft.put(id, headValue(after));
  wipe(secret);
  return messageKey;
}

/** Gives up the keys of application messages that were overtaken by more than `keep`. @param ids of all records */
export function dropOvertaken(draft: Draft, ids: readonly Uint8Array[], keep: number): void {
  for (const id of ids) {
    const name = parseId(id);
    if (name.sort === "skipped" && name.kind === "application") {
      const last = lastUsed(headOf(draft.get(ratchetId(name.leaf, name.kind))!));
      if (name.generation < oldestKept(last, keep)) {
        draft.delete(id);
      }
    }
  }
}

/** The oldest generation whose skipped key is kept once `used` has been used: a bounded window (RFC 9420 §15.3). */
export function oldestKept(used: number, keep: number): number {
  return Math.max(0, used - keep);
}

/** The latest generation that a ratchet has gone past; -1 for none. */
export function lastUsed({ generation, secret }: RatchetHead): number {
  return secret.length === 0 ? generation : generation - 1;
}
