// `pnpm bench [--quick] [--sizes 2,10,100] [--suite 1] [--provider node|webcrypto|noble] [--storage memory|sqlite]
// [--peer ts-mls,openmls-wasm|none] [--shape sparse,full] [--browser chromium|firefox] [--title T] [--json]`: what operations
// cost, beside other implementations and beside the bare calls of the provider, measured in turn in one run.
import { parseArgs } from "node:util";
import { inBrowser } from "./bench/browser.ts";
import { choose, PEERS, versionOf } from "./bench/field.ts";
import type { Report } from "./bench/page.ts";
import { machine } from "./bench/machine.ts";
import { table } from "./bench/report.ts";
import { run, type Row, type Size } from "./bench/run.ts";
import type { Shape } from "./bench/story.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    sizes: { type: "string" },
    shape: { type: "string" },
    suite: { type: "string", default: "1" },
    provider: { type: "string", default: "node" },
    storage: { type: "string", default: "memory" },
    peer: { type: "string", default: PEERS.join(",") },
    browser: { type: "string" },
    title: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const sizes = (values.sizes ?? (values.quick ? "2,10,100" : "2,10,100,1000")).split(",").map(Number);
if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 2)) {
  throw new Error("--sizes takes integers from 2, with commas between them");
}
const shapes = (values.shape ?? (values.quick ? "sparse" : "sparse,full")).split(",") as Shape[];
const peers = values.peer === "none" ? [] : values.peer.split(",");
const settings = shapes.flatMap((shape) =>
  sizes.map((members) => ({
    members,
    shape,
    rounds: values.quick ? 3 : 8,
    repeat: values.quick ? 1 : Math.max(1, Math.min(5, Math.floor(200 / members))),
  })),
);
const cipherSuite = Number(values.suite);
const report = values.browser === undefined ? await here() : await there(values.browser);
if (values.json) {
  console.log(JSON.stringify(report));
} else {
  console.log(report.machine);
  console.log(table(report.rows, report.sizes));
}

/** In this process. */
async function here(): Promise<Report> {
  const field = await choose({ cipherSuite, provider: values.provider, storage: values.storage, peers });
  await run(field, { members: 10, shape: "sparse", rounds: 8 }, 3); // code that has just been loaded is slower
  const rows: Row[] = [];
  const found: Size[] = [];
  for (const { repeat, ...setting } of settings) {
    progress(`${setting.members} members, ${setting.shape} tree …`);
    const measured = await run(field, setting, repeat);
    rows.push(...measured.rows);
    found.push(...measured.sizes);
  }
  progress("");
  for (const contestant of field.contestants) await contestant.close?.();
  const title = values.title ?? `Suite ${values.suite}, crypto-${values.provider}, storage-${values.storage}`;
  return { machine: machine(), title, rows, sizes: found };
}

/** In a page: over crypto-webcrypto and storage-memory, beside ts-mls. */
async function there(browser: string): Promise<Report> {
  const withTsMls = peers.includes("ts-mls") ? { tsMls: versionOf("ts-mls") } : {};
  const measured = await inBrowser(browser, { cipherSuite, settings, ...withTsMls });
  const title = values.title ?? `Suite ${values.suite}, in ${measured.machine}`;
  return { machine: `${measured.machine}, ${machine()}`, title, rows: measured.rows, sizes: [] };
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
