// Packs every published package as a release would, and checks the tarball: publint, are-the-types-wrong,
// and that README and LICENSE are in it. Needs `pnpm build` before.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool, workspacePackages, type WorkspacePackage } from "./workspace.ts";

/** All that a tarball may have: no tests, no sources, nothing that was left in the folder. */
const EXPECTED =
  /^package\/(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(?!.*\.test\.)(?!.*testing\/).*\.(?:js|d\.ts))$/;

/** Problems of one package; empty if it can be published. */
function checkPackage({ path }: WorkspacePackage, target: string): string[] {
  if (!existsSync(join(path, "dist", "index.js"))) return ["not built: run `pnpm build`"];
  const packed = runTool("pnpm", ["pack", "--pack-destination", target], { cwd: path, capture: true });
  const name = readdirSync(target).find((file) => file.endsWith(".tgz"));
  if (packed.code !== 0 || name === undefined) return [`pnpm pack failed\n${packed.output}`];
  const tarball = join(target, name);

  const problems: string[] = [];
  const files = runTool("tar", ["-tzf", tarball], { capture: true }).output.split("\n");
  for (const file of ["README.md", "LICENSE", "dist/index.d.ts"]) {
    if (!files.includes(`package/${file}`)) problems.push(`${file} is missing from the tarball`);
  }
  const strange = files.filter((file) => file !== "" && !EXPECTED.test(file));
  if (strange.length > 0) problems.push(`not expected in the tarball: ${strange.join(", ")}`);
  for (const [tool, args] of [
    ["publint", ["run", "--strict", tarball]],
    // ESM only: a CommonJS or pre-`exports` resolver finds nothing, by intention.
    ["attw", ["--profile", "esm-only", tarball]],
  ] as const) {
    const { code, output } = runTool(tool, args, { capture: true });
    if (code !== 0) problems.push(`${tool}:\n${output}`);
  }
  return problems;
}

let failed = 0;
for (const entry of workspacePackages().filter(({ published }) => published)) {
  const target = mkdtempSync(join(tmpdir(), "openmls-ts-pack-"));
  const problems = checkPackage(entry, target);
  rmSync(target, { recursive: true, force: true });
  console.log(`${problems.length === 0 ? "ok  " : "FAIL"}  @openmls-ts/${entry.folder}`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
