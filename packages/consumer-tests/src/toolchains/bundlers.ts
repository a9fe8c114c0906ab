import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { serverNode } from "../runtimes/server-side.ts";
import { bin, type Check, mustPlay, type Toolchain } from "./toolchain.ts";

/** @param format of the output; Node.js 22 runs it from its folder, better-sqlite3 beside it */
function esbuildBot(format: "esm" | "cjs"): Check {
  const out = `out-esbuild/bot.${format === "esm" ? "mjs" : "cjs"}`;
  return {
    title: `esbuild, ${format}, storage-sqlite by path`,
    run: async (folder: string): Promise<void> => {
      const args = ["bot.mjs", "--bundle", "--platform=node", `--format=${format}`, "--target=es2022"];
      await bin(
        "esbuild",
        [...args, "--external:better-sqlite3", `--outfile=${out}`, "--log-level=warning"],
        {
          cwd: folder,
        },
      );
      await mustPlay(await serverNode("node22"), out, folder);
    },
  };
}

export const bundlers: Toolchain = {
  id: "bundlers",
  tools: {
    "better-sqlite3": "^13.2.0",
    "@rollup/plugin-node-resolve": "^16.0.0",
    esbuild: "^0.28.0",
    rollup: "^4.68.0",
    vite: "^8.3.0",
    webpack: "^5.112.0",
    "webpack-cli": "^6.0.0",
  },
  checks: [
    {
      title: "CommonJS by require(), Node.js 22",
      run: async (folder: string): Promise<void> =>
        mustPlay(await serverNode("node22"), "common.cjs", folder),
    },
    {
      title: "Vite",
      run: async (folder: string): Promise<void> => {
        await bin("vite", ["build", "--logLevel", "warn"], { cwd: folder });
        await mustPlay(process.execPath, join("out-vite", "app.mjs"), folder);
      },
    },
    {
      title: "webpack",
      run: async (folder: string): Promise<void> => {
        await bin("webpack", ["--config", "webpack.config.cjs", "--fail-on-warnings"], { cwd: folder });
        await mustPlay(process.execPath, join("out-webpack", "app.cjs"), folder);
      },
    },
    {
      title: "Rollup, every warning an error",
      run: async (folder: string): Promise<void> => {
        mkdirSync(join(folder, "out-rollup"), { recursive: true });
        await bin("rollup", ["--config", "rollup.config.js", "--silent"], { cwd: folder });
        await mustPlay(process.execPath, join("out-rollup", "app.mjs"), folder);
      },
    },
    esbuildBot("esm"),
    esbuildBot("cjs"),
  ],
};
