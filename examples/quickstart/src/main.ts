import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HELP, type Options, readOptions, UsageError } from "./options.ts";
import { tellStory } from "./story.ts";
import { ClaimFailed, Transcript } from "./transcript.ts";

async function run({ suite, suiteName, newCrypto }: Options): Promise<void> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "openmls-quickstart-"));
  const transcript = new Transcript();
  transcript.title(
    "OpenMLS for TypeScript: three people, one group",
    `suite ${suite}, ${suiteName}; crypto ${newCrypto().name}; one SQLite file each in ${folder}`,
  );
  try {
    await tellStory({ suite, newCrypto, folder }, transcript);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  transcript.end(`All ${transcript.claims} claims hold. ${seconds} s; the temporary folder is gone.`);
}

try {
  const options = await readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(HELP);
  } else {
    await run(options);
  }
} catch (error) {
  if (error instanceof UsageError) {
    console.error(error.message);
    process.exitCode = 2;
  } else {
    console.error(error instanceof ClaimFailed ? `A claim does not hold: ${error.message}` : error);
    process.exitCode = 1;
  }
}
