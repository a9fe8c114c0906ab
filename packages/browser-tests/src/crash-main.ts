// pnpm crash:browser [--runs N] [--browser chromium|firefox] [--program PATH]
// Kills a browser N times while a page sends messages from a group in IndexedDB with strict durability.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bytesToHex } from "@openmls-ts/traits";
import { BrowserProcess } from "./crash/browser-process.ts";
import { CrashChecker } from "./crash/checker.ts";
import type { CrashEvent } from "./crash/events.ts";
import { browserNamed } from "./harness/launch.ts";
import { testServer } from "./harness/server.ts";

/** Milliseconds for a browser to start and say something. */
const PATIENCE = 60_000;
/** Longest life, in milliseconds, after the first word. */
const LONGEST_LIFE = 1000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    browser: { type: "string", default: "chromium" },
    program: { type: "string" },
  },
});
const name = browserNamed(values.browser);
const runs = Number(values.runs);

const checker = await CrashChecker.start();
let work = Promise.resolve();
let heard: () => void = () => undefined;
let signatureKey = "";
const server = await testServer({
  texts: {
    "/key-package": () => bytesToHex(checker.keyPackage),
    // Empty until Bob is in the group: a page that died before begins anew.
    "/signature-key": () => signatureKey,
  },
  post: (body) => {
    heard();
    const event = JSON.parse(body) as CrashEvent;
    if (event.kind === "welcome") signatureKey = event.signatureKey;
    work = work.then(async () => checker.take(event));
  },
});
const profile = await mkdtemp(join(tmpdir(), "browser-crash-"));

async function oneRun(): Promise<void> {
  const first = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the browser says nothing")), PATIENCE);
    heard = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  const browser = BrowserProcess.start(name, profile, `${server.origin}/crash-page`, values.program);
  try {
    await first;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE));
  } finally {
    await browser.kill();
  }
  await work;
  if (await checker.endOfLife(browser.deletedDatabase)) {
    signatureKey = "";
  }
}

try {
  for (let run = 1; run <= runs && checker.violations.length === 0; run++) {
    await oneRun();
    if (run % 10 === 0 || run === runs) {
      process.stdout.write(
        `${name}: ${run} kills, ${checker.opened} times back, ${checker.read} messages read\n`,
      );
    }
  }
  const enough = checker.opened >= runs / 2 && checker.read > runs;
  const problems = [
    ...checker.violations,
    ...(enough ? [] : ["too little happened for this to mean anything"]),
  ];
  process.stdout.write(
    problems.length === 0
      ? `no write was lost, no key was used twice; ${checker.deleted} times ${name} found its files damaged and deleted them\n`
      : `${problems.join("\n")}\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
