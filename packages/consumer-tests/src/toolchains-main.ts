// pnpm test:toolchains [--only typescript|bundlers|vitest|jest]…
// The packed packages in the projects of those who use them. Needs `pnpm build` before.
import { parseArgs } from "node:util";
import { bundlers } from "./toolchains/bundlers.ts";
import { jest, vitest } from "./toolchains/test-runners.ts";
import { setUp } from "./toolchains/toolchain.ts";
import { typescript } from "./toolchains/typescript.ts";
import { workshop } from "./workshop.ts";

const { values } = parseArgs({ options: { only: { type: "string", multiple: true, default: [] } } });
const chosen = [typescript, bundlers, vitest, jest].filter(
  ({ id }) => values.only.length === 0 || values.only.includes(id),
);

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const site = await workshop();
let failed = chosen.length === 0 ? 1 : 0;
for (const toolchain of chosen) {
  const folder = await setUp(toolchain, site);
  for (const check of toolchain.checks) {
    const { title } = check;
    const started = Date.now();
    try {
      await check.run(folder);
      say(`ok    ${title}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed += 1;
      say(`FAIL  ${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
site.close();
process.exitCode = failed === 0 ? 0 : 1;
