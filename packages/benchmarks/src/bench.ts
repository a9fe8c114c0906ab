// `pnpm bench [--quick] [--sizes 2,10,100] [--suite 1] [--provider node|webcrypto|noble] [--storage memory|sqlite]
// [--peer ts-mls,openmls-wasm|none] [--shape sparse,full] [--json]`: what operations cost, beside other implementations and
// beside the bare calls of the provider, measured in turn in one run.
import { parseArgs } from "node:util";
import { choose, PEERS } from "./bench/field.ts";
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
    json: { type: "boolean", default: false },
  },
});

const sizes = (values.sizes ?? (values.quick ? "2,10,100" : "2,10,100,1000")).split(",").map(Number);
if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 2)) {
  throw new Error("--sizes takes integers from 2, with commas between them");
}
const shapes = (values.shape ?? (values.quick ? "sparse" : "sparse,full")).split(",") as Shape[];
const field = await choose({
  cipherSuite: Number(values.suite),
  provider: values.provider,
  storage: values.storage,
  peers: values.peer === "none" ? [] : values.peer.split(","),
});

await run(field, { members: 10, shape: "sparse", rounds: 8 }, 3); // code that has just been loaded is slower

const rows: Row[] = [];
const found: Size[] = [];
for (const shape of shapes) {
  for (const members of sizes) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${members} members, ${shape} tree …`);
    const repeat = values.quick ? 1 : Math.max(1, Math.min(5, Math.floor(200 / members)));
    const measured = await run(field, { members, shape, rounds: values.quick ? 3 : 8 }, repeat);
    rows.push(...measured.rows);
    found.push(...measured.sizes);
  }
}
if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
if (values.json) {
  console.log(JSON.stringify({ machine: machine(), choices: values, rows, sizes: found }, undefined, 1));
} else {
  console.log(machine());
  console.log(table(rows, found));
}
for (const { close } of field.contestants) await close?.();
