import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun, run } from "../run.ts";
import { tool } from "../workshop.ts";
import { bundle } from "./bundled.ts";
import { playedIn, type Runtime } from "./runtime.ts";

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01",
  ))],
);
`;

/** The runtime of Cloudflare Workers; without Node.js compatibility, which nothing here needs. */
export const workerd: Runtime = {
  id: "workerd",
  title: "workerd (Cloudflare Workers)",
  how: "bundled by esbuild",
  play: async ({ folder }) => {
    const program = join(
      await tool("workerd", { workerd: "1.20261117.1" }),
      "node_modules",
      ".bin",
      "workerd",
    );
    writeFileSync(join(folder, "worker.js"), await bundle(folder, "worker-side.mjs", "esm"));
    writeFileSync(join(folder, "workerd.capnp"), CONFIG);
    const version = await mustRun(program, ["--version"], { cwd: folder });
    const { output } = await run(program, ["test", "--verbose", "workerd.capnp"], { cwd: folder });
    return { version: version.replace(/^workerd /, "").trim(), played: playedIn(output) };
  },
};
