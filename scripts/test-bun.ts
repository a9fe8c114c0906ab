// `pnpm test:bun`: the conformance cases of storage-sqlite on bun:sqlite, in Bun from the registry's own package.
import { join } from "node:path";
import { runTool } from "./workspace.ts";

/** Not a dependency of the workspace: 90 MB that nothing but this needs. */
const BUN = "bun@1.4.5";

const { code } = runTool("npx", [
  "--yes",
  BUN,
  "--conditions=@openmls-ts/source",
  join("packages", "storage-sqlite", "src", "testing", "bun-conformance.ts"),
]);
process.exitCode = code;
