import { join } from "node:path";
import { mustRun, run } from "../run.ts";
import { tool } from "../workshop.ts";
import { playedIn, type Runtime } from "./runtime.ts";

/** What is played where: crypto providers, then stores over crypto-noble. */
interface ServerSide {
  readonly id: string;
  readonly title: string;
  readonly how: string;
  readonly package: string;
  readonly version: string;
  readonly program: string;
  readonly args?: readonly string[];
  readonly what: string;
}

const ALL: readonly ServerSide[] = [
  {
    id: "node20",
    title: "Node.js 20",
    how: "npm",
    package: "node",
    version: "20.19.0",
    program: "node/bin/node",
    what: "noble",
  },
  {
    id: "node22",
    title: "Node.js 22",
    how: "npm",
    package: "node",
    version: "22.14.0",
    program: "node/bin/node",
    what: "noble,node,webcrypto,storage-sqlite",
  },
  {
    id: "node24",
    title: "Node.js 24",
    how: "npm",
    package: "node",
    version: "24.21.0",
    program: "node/bin/node",
    what: "noble,node,webcrypto,storage-sqlite,storage-sqlite/node",
  },
  {
    id: "bun",
    title: "Bun",
    how: "npm",
    package: "bun",
    version: "1.4.5",
    program: ".bin/bun",
    what: "noble,node,webcrypto,storage-sqlite/bun",
  },
  {
    id: "deno",
    title: "Deno",
    how: "npm",
    package: "deno",
    version: "2.9.6",
    program: ".bin/deno",
    args: ["run", "-A", "--node-modules-dir=manual"],
    what: "noble,node,webcrypto,storage-sqlite/node",
  },
];

/** Node.js, Bun and Deno, each from the npm package of its maker. */
export const serverSide: readonly Runtime[] = ALL.map((entry) => ({
  id: entry.id,
  title: entry.title,
  how: entry.how,
  play: async ({ folder }) => {
    const program = await serverNode(entry.id);
    const version = await mustRun(program, ["--version"], { cwd: folder });
    const { output } = await run(program, [...(entry.args ?? []), "server-side.mjs", entry.what], {
      cwd: folder,
    });
    return { version: /\d+\.\d+(\.\d+)?/.exec(version)?.[0] ?? version.trim(), played: playedIn(output) };
  },
}));

/** The program of one of the Node.js above. */
export async function serverNode(id: string): Promise<string> {
  const entry = ALL.find((each) => each.id === id);
  if (entry === undefined) throw new RangeError(`no runtime ${id}`);
  return join(await tool(entry.id, { [entry.package]: entry.version }), "node_modules", entry.program);
}
