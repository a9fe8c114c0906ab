import { OPERATIONS } from "./measure.ts";
import type { Cost, Costs, Operation } from "./measure.ts";

/** What the operations of one member cost in a group of so many. */
export interface Measured {
  readonly members: number;
  readonly costs: Costs;
}

/** Cost the same in a group of any size. */
const CONSTANT: readonly Operation[] = ["create a key package", "create a group", "send", "receive"];

/** Cost so many records and bytes more at most for each level that the tree is higher. */
const BY_LEVEL: readonly (readonly [Operation, records: number, bytes: number])[] = [
  ["send, first of the epoch", 1, 100],
  ["receive, first of a sender", 1, 100],
  ["build a commit", 1, 800],
  ["merge an own commit", 3, 400],
  ["merge a received commit", 3, 400],
  ["merge an own add", 4, 700],
  ["merge an own remove", 4, 700],
];

/** Read or write all members. */
const BY_MEMBER: readonly Operation[] = ["join", "load"];

/** Hashes that loading may compute: the transcripts (RFC 9420 §8.2) of the epoch and of one that is pending. */
const LOADING_HASHES = 2;

/**
 * Compares a small group with a larger one whose trees have room for one member more: adding one that has none writes every node of
 * the new half, once in as many additions as there are members.
 * @returns a line for each operation that grows faster than it may; empty if none does
 */
export function growthProblems(few: Measured, many: Measured): string[] {
  const levels = Math.ceil(Math.log2(many.members)) - Math.ceil(Math.log2(few.members));
  const ratio = many.members / few.members;
  const problems: string[] = [];
  const require = (holds: boolean, operation: Operation, what: string): void => {
    if (!holds) {
      problems.push(`${operation}: ${what} (${few.members} and ${many.members} members)`);
    }
  };
  for (const operation of CONSTANT) {
    const [a, b] = [few.costs[operation], many.costs[operation]];
    require(JSON.stringify(a) === JSON.stringify(b), operation, "depends on the number of members");
  }
  for (const [operation, records, bytes] of BY_LEVEL) {
    const [a, b] = [few.costs[operation], many.costs[operation]];
    const more = (name: keyof Cost): number => b[name] - a[name];
    require(more("recordsWritten") <= records * levels, operation, "writes too many records for a level");
    require(more("bytesWritten") <= bytes * levels, operation, "writes too many bytes for a level");
    require(b.deletes - a.deletes <= records * levels, operation, "deletes too many records for a level");
    require(b.recordsRead === 0, operation, "reads records");
  }
  for (const operation of BY_MEMBER) {
    const [a, b] = [few.costs[operation], many.costs[operation]];
    const total = (cost: Cost): number => cost.bytesWritten + cost.bytesRead;
    require(total(b) <= 1.25 * ratio * total(a), operation, "grows faster than the number of members");
  }
  for (const operation of OPERATIONS) {
    require(many.costs[operation].batches <= 1, operation, "writes more than once");
  }
  const { verifications, hashes } = many.costs["load"];
  require(verifications === 0, "load", "verifies signatures");
  require(hashes <= LOADING_HASHES && hashes === few.costs["load"].hashes, "load", "hashes the tree");
  return problems;
}
