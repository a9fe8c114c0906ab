// `pnpm bench:suites [--sizes 2,100,1000] [--suites 1,61441] [--json | --markdown]`: bytes and milliseconds of the processor that key
// packages, Welcomes and commits with a path take in each suite: those of RFC 9420 and the post-quantum ones.
import { parseArgs } from "node:util";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { PQ_SUITE_NAMES, postQuantumSuites } from "@openmls-ts/crypto-pq";
import { nodeEngine } from "@openmls-ts/crypto-pq/node";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { ours } from "./bench/contestants/ours.ts";
import { machine } from "./bench/machine.ts";
import { digits } from "./bench/report.ts";
import { timed } from "./bench/samples.ts";

const ids = Object.fromEntries(PQ_SUITE_NAMES.map((name, index) => [name, 0xf001 + index]));
const crypto = nodeCrypto({ suites: postQuantumSuites({ ids, engine: nodeEngine }) });
const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "2,100,1000" },
    suites: { type: "string" },
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
  },
});

/** What one suite takes in groups of one size. */
interface SuiteCost {
  readonly suite: string;
  readonly members: number;
  readonly keyPackage: { readonly bytes: number; readonly ms: number };
  readonly welcome: { readonly bytes: number; readonly ms: number };
  readonly commit: { readonly bytes: number; readonly made: number; readonly followed: number };
}

async function measure(id: number, members: number): Promise<SuiteCost> {
  const { params } = await crypto.cipherSuite(id);
  const contestant = ours({ name: params.name, crypto, cipherSuite: id, storage: memoryStorage });
  const alice = await (await contestant.person("alice")).create();
  const bob = await contestant.person("bob");
  const first = await timed(async () => bob.keyPackage());
  const others: Uint8Array[] = [];
  for (let i = 2; i < members; i++) {
    others.push(await (await contestant.person(`member ${i}`)).keyPackage());
  }
  const { welcome } = await alice.add([first.result, ...others]);
  const joined = await timed(async () => bob.join(welcome));
  const made = await timed(async () => joined.result.update!());
  const followed = await timed(async () => alice.follow!(made.result));
  return {
    suite: params.name,
    members,
    keyPackage: { bytes: first.result.length, ms: first.time.cpu },
    welcome: { bytes: welcome.length, ms: joined.time.cpu },
    commit: { bytes: made.result.length, made: made.time.cpu, followed: followed.time.cpu },
  };
}

const known = await crypto.supportedCipherSuites();
const wanted = values.suites === undefined ? known : values.suites.split(",").map(Number);
const costs: SuiteCost[] = [];
for (const id of wanted) {
  await measure(id, 2); // warms up
  for (const members of values.sizes.split(",").map(Number)) costs.push(await measure(id, members));
}
const columns = costs.map(({ suite, members, keyPackage, welcome, commit }) => ({
  suite,
  members,
  "key package, bytes": keyPackage.bytes,
  "made, ms": digits(keyPackage.ms),
  "Welcome, bytes": welcome.bytes,
  "joined, ms": digits(welcome.ms),
  "commit, bytes": commit.bytes,
  "committed, ms": digits(commit.made),
  "followed, ms": digits(commit.followed),
}));

/** A table of Markdown. */
function markdown(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const [first = {}] = rows;
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  const rule = Object.keys(first).map((name) => (name === "suite" ? "---" : "---:"));
  return [line(Object.keys(first)), line(rule), ...rows.map((row) => line(Object.values(row)))].join("\n");
}

if (values.json) {
  console.log(JSON.stringify({ machine: machine(), costs }));
} else {
  console.log(machine());
  console.log(
    "A Welcome for all members at once, with the tree, read by one of them; a commit with a path to all, made and followed.\n",
  );
  if (values.markdown) console.log(markdown(columns));
  else console.table(columns);
}
