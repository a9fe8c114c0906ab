import { parseArgs } from "node:util";
import { ProgressLine } from "../../../scripts/progress-line.ts";
import { play } from "./play.ts";
import { PLANTS } from "./plants.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "100" }, seed: { type: "string" }, plant: { type: "string" } },
});
const runs = Number(values.runs);
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const plant = PLANTS.find((each) => each === values.plant);
if (
  !Number.isInteger(runs) ||
  runs < 1 ||
  !Number.isInteger(seed) ||
  (values.plant !== undefined && plant === undefined)
) {
  console.error(`usage: pnpm crash [--runs N] [--seed N] [--plant ${PLANTS.join("|")}]`);
  process.exit(2);
}
console.log(`${runs} kills, seed ${seed}`);
const line = new ProgressLine();
try {
  const { received, sent, epoch } = await play({
    runs,
    seed,
    plant,
    onRun: (run) => line.showShare(run, runs, "kills"),
  });
  line.clear();
  console.log(
    `${received} messages in the inbox and ${sent} handed over, each once; epoch ${epoch}; nothing wrong`,
  );
} catch (error) {
  line.clear();
  console.error((error as Error).message);
  process.exitCode = 1;
}
