// pnpm test:browser [--browser chromium|firefox]… [--program PATH] [--only PART]… [--operations N] [--vectors N]
//   --only        realms, faults, story, tabs or vectors; default: all of them
//   --operations  what each of two tabs does, default 40
//   --vectors     cases of each suite in each file, default 1
import type { BrowserContext } from "playwright-core";
import { parseArgs } from "node:util";
import { Checks } from "./harness/checks.ts";
import { type BrowserName, browserNamed, launch, type RunningBrowser } from "./harness/launch.ts";
import { testServer, type TestServer } from "./harness/server.ts";
import { checkFaults } from "./check-faults.ts";
import { checkRealms } from "./check-realms.ts";
import { checkStory } from "./check-story.ts";
import { checkTabs } from "./check-tabs.ts";
import { checkVectors } from "./check-vectors.ts";

const { values } = parseArgs({
  options: {
    browser: { type: "string", multiple: true, default: ["chromium"] },
    program: { type: "string" },
    vectors: { type: "string", default: "1" },
    operations: { type: "string", default: "40" },
    only: { type: "string", multiple: true, default: [] },
  },
});

type Part = (checks: Checks, context: BrowserContext, server: TestServer) => Promise<void>;

const PARTS: Readonly<Record<string, Part>> = {
  realms: checkRealms,
  faults: checkFaults,
  story: checkStory,
  tabs: async (checks, context, on) => checkTabs(checks, context, on, Number(values.operations)),
  vectors: async (checks, context, on) => checkVectors(checks, context, on, Number(values.vectors)),
};

async function check(name: BrowserName, server: TestServer): Promise<Checks> {
  const say = (line: string): void => void process.stdout.write(`${name}  ${line}\n`);
  const checks = new Checks(say);
  const started: RunningBrowser[] = [];
  await checks.part("the browser starts", async () => {
    const browser = await launch(name, values.program);
    started.push(browser);
    return { passed: 1, note: browser.context.browser()?.version() ?? "" };
  });
  for (const browser of started) {
    for (const [part, run] of Object.entries(PARTS)) {
      if (values.only.length === 0 || values.only.includes(part)) {
        await run(checks, browser.context, server);
      }
    }
    await browser.close();
  }
  say(checks.summary);
  return checks;
}

const server = await testServer();
let failed = 0;
for (const name of values.browser.map(browserNamed)) {
  failed += (await check(name, server)).failed;
}
await server.close();
process.exitCode = failed === 0 ? 0 : 1;
