import { describe, expect, it } from "vitest";
import { formats } from "./formats/index.ts";
import { foldersOf } from "./loader.ts";
import { readManifest } from "./manifest.ts";
import { everything, type Selection } from "./plan.ts";
import { providerNames } from "./providers.ts";
import type { Row } from "./report.ts";
import { isCi, runVectors } from "./run.ts";

// Not everything: all cases on OpenSSL, which is fast, and the first case of each suite in each file on the others; of
// the vectors that this project generates, which are few, all.
// `pnpm vectors` runs all of them on all providers.

async function rowsOf(selection: Partial<Selection>): Promise<readonly Row[]> {
  return runVectors(
    {
      manifest: readManifest(),
      formats,
      folders: foldersOf(process.env),
      providers: providerNames,
      selection: { ...everything, ...selection },
      missingFails: isCi(process.env),
    },
    {
      warning: (text) => console.warn(text),
      failure: () => undefined,
      jobDone: () => undefined,
    },
  );
}

function failed(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => row.failed > 0);
}

function skippedSuites(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => row.skipped > 0 && row.suite !== null);
}

describe("the known test vectors", () => {
  it("all pass on crypto-node", { timeout: 300_000 }, async () => {
    const rows = await rowsOf({ providers: ["crypto-node"] });
    expect(failed(rows)).toEqual([]);
    expect(skippedSuites(rows)).toEqual([]);
    expect(new Set(rows.map(({ suite }) => suite))).toEqual(new Set([null, 1, 2, 3, 4, 5, 6, 7]));
  });

  it("that this project generates all pass on all providers", { timeout: 300_000 }, async () => {
    const rows = await rowsOf({ files: ["generated/"] });
    expect(failed(rows)).toEqual([]);
    expect(skippedSuites(rows).filter(({ provider }) => provider !== "crypto-webcrypto")).toEqual([]);
    expect(new Set(rows.map(({ file }) => file))).toEqual(
      new Set(
        readManifest()
          .filter(({ origin }) => origin === "generated")
          .map(({ file }) => file),
      ),
    );
  });

  it("pass on crypto-noble, the first case of each suite in each file", { timeout: 300_000 }, async () => {
    const rows = await rowsOf({ providers: ["crypto-noble"], casesOfEach: 1 });
    expect(failed(rows)).toEqual([]);
    expect(skippedSuites(rows)).toEqual([]);
  });

  it(
    "pass on crypto-webcrypto, the first case of each suite in each file",
    { timeout: 300_000 },
    async () => {
      const rows = await rowsOf({ providers: ["crypto-webcrypto"], casesOfEach: 1 });
      expect(failed(rows)).toEqual([]);
      for (const { suite, reasons } of skippedSuites(rows)) {
        expect(reasons.join()).toContain(`finds no cipher suite ${suite ?? ""} (MLS_`);
      }
    },
  );
});
