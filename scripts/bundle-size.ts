// Measures what mls-core costs an application (bundled with all it needs, minified, gzipped), and what each entry of the
// packages built on it adds. The core must stay below its limit, and neither it nor a crypto provider may know a feature by
// name, or carry a byte of a draft that was not imported.
import {
  bundle,
  type Bundle,
  coreEntry,
  draftEntries,
  draftInputs,
  entriesOnCore,
  featureNames,
  namesIn,
  providerEntries,
  suiteNames,
} from "./bundle.ts";

const limit = 67 * 1024;
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} kB`;
const problems: string[] = [];
const entries = entriesOnCore();
const drafts = draftEntries();
const names = [...featureNames(entries), ...suiteNames(drafts)];

function checkWithoutDrafts(what: string, made: Bundle): void {
  for (const name of namesIn(made.text, names))
    problems.push(`${what} contains the name "${name}" of a draft`);
  for (const file of draftInputs(made)) problems.push(`${what} carries ${file}`);
}

const core = await bundle([coreEntry()]);
console.log(
  `mls-core with traits: ${kilobytes(core.minified)} minified, ${kilobytes(core.gzipped)} gzipped ` +
    `(${core.gzipped} bytes; at most ${kilobytes(limit)})`,
);
if (core.gzipped > limit) problems.push(`mls-core is ${core.gzipped - limit} bytes over its limit`);
checkWithoutDrafts("mls-core", core);

const providers = providerEntries();
if (providers.length === 0 || drafts.length === 0) problems.push("no crypto providers or drafts were found");
for (const { specifier, file } of providers) {
  const both = await bundle([coreEntry(), file]);
  console.log(
    `mls-core with ${specifier}: ${kilobytes(both.minified)} minified, ${kilobytes(both.gzipped)} gzipped`,
  );
  checkWithoutDrafts(`mls-core with ${specifier}`, both);
}

const added = new Map([...entries, ...drafts].map((entry) => [entry.specifier, entry]));
for (const { specifier, file } of added.values()) {
  const { minified, gzipped } = await bundle([coreEntry(), file]);
  console.log(
    `${specifier} adds ${minified - core.minified} bytes minified, ${gzipped - core.gzipped} gzipped`,
  );
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
