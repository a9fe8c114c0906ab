// `pnpm fuzz --seconds N [--target T] [--seed S] [--session K]`: attacks every target, or one, and reports what fails.
import { parseArgs } from "node:util";
import { ProgressLine } from "../../../scripts/progress-line.ts";
import { type Finding, attackTarget } from "./run.ts";
import { TARGETS } from "./targets/index.ts";
import type { Target } from "./target.ts";

const NAMES = TARGETS.map(({ name }) => name).join(", ");
const USAGE = `pnpm fuzz --seconds N [--target T] [--seed S] [--session K]; targets: ${NAMES}`;

function numberOf(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(USAGE);
  return value;
}

function options(): { seconds: number; seed: number; session: number; targets: readonly Target[] } {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string" },
      target: { type: "string" },
      seed: { type: "string" },
      session: { type: "string" },
    },
  });
  const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
  if (targets.length === 0) throw new RangeError(USAGE);
  return {
    seconds: numberOf(values.seconds, 60),
    seed: numberOf(values.seed, Date.now() % 2 ** 32),
    session: numberOf(values.session, 0),
    targets,
  };
}

function show({ target, seed, session, attack, kind, message, input }: Finding): string {
  return [
    `FAILED: ${kind} in ${target}: ${message}`,
    `  again: pnpm fuzz --seconds 600 --target ${target} --seed ${seed} --session ${session} (attack ${attack})`,
    `  input: ${input}`,
  ].join("\n");
}

async function main(): Promise<number> {
  const { seconds, seed, session, targets } = options();
  console.log(`seed ${seed}, ${seconds} s, ${targets.length} targets`);
  const share = (seconds * 1000) / targets.length;
  const line = new ProgressLine();
  let failed = 0;
  for (const target of targets) {
    const end = performance.now() + share;
    const progress = (attacks: number): void => {
      const left = Math.ceil((end - performance.now()) / 1000);
      line.show(`${target.name}: ${attacks} attacks, ${left} s left`);
    };
    const more = (): boolean => performance.now() < end;
    const report = await attackTarget(target, seed, { more, progress, session });
    line.clear();
    const { attacks, calls, refusals, finding } = report;
    console.log(`${target.name}: ${attacks} attacks, ${calls} calls, ${refusals} refused`);
    if (finding !== undefined) {
      failed += 1;
      console.log(show(finding));
    }
  }
  console.log(failed === 0 ? "nothing found" : `${failed} targets failed`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 2;
}
