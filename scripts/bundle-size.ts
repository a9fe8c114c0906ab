// Measures what mls-core costs an application: bundled with all it needs, minified, gzipped.
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { build } from "esbuild";
import { workspaceRoot } from "./workspace.ts";

const limit = 40 * 1024;

const result = await build({
  entryPoints: [join(workspaceRoot, "packages", "mls-core", "src", "index.ts")],
  conditions: ["@openmls-ts/source"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  write: false,
  legalComments: "none",
});
const bundle = result.outputFiles[0]?.contents ?? new Uint8Array();
const size = gzipSync(bundle, { level: 9 }).length;

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} kB`;
console.log(
  `mls-core with traits: ${kilobytes(bundle.length)} minified, ${kilobytes(size)} gzipped ` +
    `(${size} bytes; at most ${kilobytes(limit)})`,
);
if (size > limit) {
  console.error(`mls-core is ${size - limit} bytes over its limit`);
  process.exitCode = 1;
}
