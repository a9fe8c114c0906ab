// Measures what mls-core costs an application (bundled with all it needs, minified, gzipped), and what each entry of the
// packages built on it adds. The core must stay below its limit and know no feature by name.
import { bundle, coreEntry, entriesOnCore, featureNames, namesIn } from "./bundle.ts";

const limit = 67 * 1024;
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} kB`;
const problems: string[] = [];

const core = await bundle([coreEntry()]);
console.log(
  `mls-core with traits: ${kilobytes(core.minified)} minified, ${kilobytes(core.gzipped)} gzipped ` +
    `(${core.gzipped} bytes; at most ${kilobytes(limit)})`,
);
if (core.gzipped > limit) problems.push(`mls-core is ${core.gzipped - limit} bytes over its limit`);

const entries = entriesOnCore();
for (const { specifier, file } of entries) {
  const { minified, gzipped } = await bundle([coreEntry(), file]);
  console.log(
    `${specifier} adds ${minified - core.minified} bytes minified, ${gzipped - core.gzipped} gzipped`,
  );
}
for (const name of namesIn(core.text, featureNames(entries))) {
  problems.push(`mls-core contains the name of a feature: "${name}"`);
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
