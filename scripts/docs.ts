// `npm run docs`: the API reference by typedoc, then the site by vitepress, in docs/.vitepress/dist. Fails on a dead link.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runTool, workspacePackages, workspaceRoot } from "./workspace.ts";

rmSync(join(workspaceRoot, "docs", "api"), { recursive: true, force: true });

/** Source files of everything that can be imported. */
const entries = workspacePackages()
  .filter(({ published }) => published)
  .flatMap(({ path }) => {
    const { exports } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
      readonly exports: Readonly<Record<string, { readonly "@openmls-ts/source"?: string } | string>>;
    };
    return Object.values(exports).flatMap((target) => {
      const source = typeof target === "string" ? undefined : target["@openmls-ts/source"];
      return source === undefined ? [] : [join(path, source)];
    });
  })
  .filter((file) => existsSync(file));

const points = entries.flatMap((file) => ["--entryPoints", file]);
const steps = [
  [
    "typedoc",
    ["--options", "docs/typedoc.json", "--tsconfig", "tsconfig.json", "--skipErrorChecking", ...points],
  ],
  ["vitepress", ["build", "docs"]],
] as const;
process.exitCode = steps.some(([tool, args]) => runTool(tool, args).code !== 0) ? 1 : 0;
