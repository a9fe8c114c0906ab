// `pnpm simulate [--seeds N] [--seed S] [--mutants]`: plays groups under faults, one for each seed from S on, and says which seeds
// violate what was promised; with --mutants whether each planted fault is found.
import { parseArgs } from "node:util";
import { MUTANTS } from "./mutants.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    mutants: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
let failed = 0;

if (values.mutants) {
  for (const [name, mutant] of Object.entries(MUTANTS)) {
    let found: number | undefined;
    for (let seed = first; seed < first + count && found === undefined; seed++) {
      if ((await simulate(seed, mutant)).violations.length > 0) found = seed - first + 1;
    }
    console.log(`${found === undefined ? "NOT FOUND" : `found by seed ${found}`}: ${name}`);
    if (found === undefined) failed++;
  }
} else {
  let entries = 0;
  let epochs = 0;
  let kills = 0;
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await simulate(seed);
    entries += outcome.entries;
    epochs += outcome.epochs;
    kills += outcome.kills;
    if (outcome.violations.length > 0) {
      failed++;
      console.log(`seed ${seed}:\n  ${outcome.violations.join("\n  ")}`);
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${seed - first + 1} of ${count}`);
  }
  console.log(
    `${count} seeds, ${entries} entries, ${epochs} epochs, ${kills} kills: ${failed} violated something`,
  );
}
process.exitCode = failed === 0 ? 0 : 1;
