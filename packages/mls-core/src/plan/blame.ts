import { bytesToKey, type MlsError } from "@openmls-ts/traits";
import type { QueuedProposal } from "../wire/index.ts";
import { ABOUT_SUPPORT, type Attempt, type NewLeaf } from "./attempt.ts";

type Failures = ReadonlyMap<QueuedProposal, MlsError>;

/** Rules about keys that only one leaf may have (RFC 9420 §7.3, 16.7). */
const ABOUT_KEYS: ReadonlySet<string | undefined> = new Set(["valn0111", "valn0112", "rfc54"]);

/**
 * Of the failures those whose fault it is, as far as one attempt shows: what fails by itself goes before received extensions
 * that a member lacks, these before leaves that lack them, and all before what only gave way to another. Of new leaves with
 * a key in common the first may stay.
 */
export function blamed(attempt: Attempt): Failures {
  const setters = new Set(attempt.settersOf.values());
  const tierOf = ([by, { rule }]: readonly [QueuedProposal, MlsError]): number => {
    if (attempt.losers.has(by)) return 4;
    if (!ABOUT_SUPPORT.has(rule)) return 0;
    return !setters.has(by) ? 2 : by.reference === undefined ? 3 : 1;
  };
  const all = [...attempt.failures];
  const first = Math.min(...all.map(tierOf));
  const chosen = new Map(all.filter((failure) => tierOf(failure) === first));
  const spared = firstOfTheirKeys(attempt.newLeaves, chosen);
  const others = new Map([...chosen].filter(([by]) => !spared.has(by)));
  return others.size > 0 ? others : chosen;
}

/** Who may be right about a key: the first of the leaves that are refused for having it, with another one after it. */
function firstOfTheirKeys(leaves: readonly NewLeaf[], refused: Failures): Set<QueuedProposal> {
  const [firsts, seen] = [new Set<QueuedProposal>(), new Set<string>()];
  const isAsked = ({ by }: NewLeaf): boolean => by.reference === undefined;
  for (const { by, leafNode } of [...leaves.filter(isAsked), ...leaves.filter((leaf) => !isAsked(leaf))]) {
    if (!ABOUT_KEYS.has(refused.get(by)?.rule)) continue;
    const keys = [leafNode.encryptionKey, leafNode.signatureKey].map(bytesToKey);
    if (!keys.some((key) => seen.has(key))) firsts.add(by);
    keys.forEach((key) => seen.add(key));
  }
  return firsts;
}
