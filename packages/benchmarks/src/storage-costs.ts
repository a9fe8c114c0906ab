// `pnpm storage-costs [--members 2,100,1000] [--past 0,5] [--step 2] [--json]`: the records and bytes that each operation of a
// member writes and reads, and the signatures and hashes it computes.
import { parseArgs } from "node:util";
import { measureCosts, OPERATIONS } from "./storage-costs/measure.ts";
import type { Cost, Costs } from "./storage-costs/measure.ts";

/** One group that was measured. */
interface Measurement {
  readonly members: number;
  readonly pastEpochs: number;
  /** Members who came together when the group was made; their parents may be blank. */
  readonly step: number;
  readonly costs: Costs;
}

const { values } = parseArgs({
  options: {
    members: { type: "string", default: "2,100,1000" },
    past: { type: "string", default: "0,5" },
    step: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

function numbers(name: string, text: string, least: number): number[] {
  const found = text.split(",").map(Number);
  if (!found.every((number) => Number.isSafeInteger(number) && number >= least)) {
    throw new Error(`--${name} takes integers from ${least}, with commas between them`);
  }
  return found;
}

/** A tree without any blank node takes n/2 joins of O(n) each: the largest groups get members in larger lots. */
function stepFor(members: number): number {
  return values.step === undefined ? Math.max(2, Math.ceil(members / 128)) : Number(values.step);
}

const measurements: Measurement[] = [];
for (const members of numbers("members", values.members, 2)) {
  for (const pastEpochs of numbers("past", values.past, 0)) {
    const step = stepFor(members);
    measurements.push({ members, pastEpochs, step, costs: await measureCosts(members, pastEpochs, step) });
  }
}

function row(cost: Cost): Record<string, number> {
  return {
    batches: cost.batches,
    "records written": cost.recordsWritten,
    "bytes written": cost.bytesWritten,
    deletes: cost.deletes,
    "records read": cost.recordsRead,
    "bytes read": cost.bytesRead,
    signatures: cost.verifications,
    hashes: cost.hashes,
  };
}

if (values.json) {
  console.log(JSON.stringify(measurements, undefined, 2));
} else {
  for (const { members, pastEpochs, step, costs } of measurements) {
    console.log(`\n${members} members, ${pastEpochs} past epochs kept (members came ${step} at a time)`);
    console.table(Object.fromEntries(OPERATIONS.map((operation) => [operation, row(costs[operation])])));
  }
}
