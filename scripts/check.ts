// `pnpm check`: all static checks in turn. Goes on after a failure, so that one run shows everything.
import { runTool } from "./workspace.ts";

const steps: readonly (readonly [name: string, what: string])[] = [
  ["format:check", "formatting"],
  ["lint", "type-aware lint"],
  ["typecheck", "types of sources and tests"],
  ["layers", "package direction, core layers, import cycles, file length"],
  ["public-types", "every type of a public signature can be imported"],
  ["build", "builds"],
  ["packaging", "publint and are-the-types-wrong on the packed packages"],
  ["api", "the public surface is that of etc/"],
  ["manifests", "what registries show: links, keywords, install lines, one version"],
  ["knip", "unused files, exports, dependencies"],
  ["conformance-table", "README's conformance cases by store are those that are run"],
  ["bundle-size", "size of the core; that core and providers carry no draft; what each feature adds"],
];

const results: { readonly name: string; readonly ok: boolean; readonly seconds: string }[] = [];
for (const [name, what] of steps) {
  console.log(`\n── ${name}: ${what}`);
  const started = Date.now();
  const { code } = runTool("pnpm", ["run", "--silent", name]);
  results.push({ name, ok: code === 0, seconds: ((Date.now() - started) / 1000).toFixed(1) });
}

console.log("\n── check");
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? "ok  " : "FAIL"}  ${name.padEnd(17)} ${seconds.padStart(6)} s`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
