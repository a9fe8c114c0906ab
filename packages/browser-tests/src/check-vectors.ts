import { readFileSync } from "node:fs";
import { rfcFormats } from "@openmls-ts/test-vectors/rfc-formats";
import { collect, foldersOf, parseCases } from "@openmls-ts/test-vectors/loader";
import { readManifest } from "@openmls-ts/test-vectors/manifest";
import type { BrowserContext } from "playwright-core";
import { allPassed, type Checks } from "./harness/checks.ts";
import type { TestServer } from "./harness/server.ts";
import { openTab } from "./harness/tab.ts";
import { PROVIDERS } from "./tasks/providers.ts";
import type { VectorBatch } from "./tasks/vectors.ts";

/** Every file of the official vectors in the page, `casesOfEach` cases of each suite in it, on both providers. */
export async function checkVectors(
  checks: Checks,
  context: BrowserContext,
  server: TestServer,
  casesOfEach: number,
): Promise<void> {
  const tab = await openTab(context, server.origin);
  const manifest = readManifest().filter(({ format }) => rfcFormats.some(({ name }) => name === format));
  const { files, broken, missing } = collect(manifest, rfcFormats, {
    ...foldersOf(process.env),
    further: undefined,
  });
  await checks.part("the official vectors are there", async () => {
    const lacking = [...broken, ...missing].map(({ file, reason }) => `${file}: ${reason}`);
    return allPassed({ passed: files.length, failed: process.env["CI"] === undefined ? [] : lacking });
  });
  const paths = files.flatMap(({ file, path, format, suites }) => {
    const cases = parseCases(readFileSync(path, "utf8"));
    return [...suites].map(([suite, indices]) =>
      server.offer({
        file,
        format: format.name,
        suite,
        cases: indices.slice(0, casesOfEach).map((index) => cases[index]),
      } satisfies VectorBatch),
    );
  });
  for (const crypto of PROVIDERS) {
    await checks.part(`official vectors over ${crypto} in a page`, async () => {
      const reports = [];
      for (const path of paths) {
        reports.push(await tab.run("vectors", { path, crypto }));
      }
      return allPassed({
        passed: reports.reduce((sum, { passed }) => sum + passed, 0),
        failed: reports.flatMap(({ failed }) => failed),
      });
    });
  }
  await tab.close();
}
