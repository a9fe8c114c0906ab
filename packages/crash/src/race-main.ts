// pnpm race [--operations N] [--plant NAME]: two processes on one SQLite file, each with N operations, default 10,000
import { parseArgs } from "node:util";
import { race } from "./race/race.ts";
import { PLANTS } from "./race/records.ts";

const { values } = parseArgs({
  options: { operations: { type: "string", default: "10000" }, plant: { type: "string" } },
});
const operations = Number(values.operations);
const plant = PLANTS.find((each) => each === values.plant);
if (!Number.isInteger(operations) || operations < 2 || (values.plant !== undefined && plant === undefined)) {
  console.error(`usage: pnpm race [--operations N] [--plant ${PLANTS.join("|")}]`);
  process.exit(2);
}
const started = performance.now();
try {
  const { sent, received, byTheFirst } = await race(operations, plant);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `2 processes, ${operations} operations each: ${sent} messages sent and opened, ${received} taken in ` +
      `(${byTheFirst} by the first), each once; ${seconds} s`,
  );
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
