import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CIPHER_SUITES } from "@openmls-ts/traits";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formats } from "./formats/index.ts";
import { everything } from "./plan.ts";
import type { ManifestEntry } from "./manifest.ts";
import type { Row } from "./report.ts";
import { isCi, type RunListener, runVectors } from "./run.ts";

const cli = fileURLToPath(new URL("cli.ts", import.meta.url));

// Vectors that everybody can make: without any PSK, psk_secret is all zero.
const EMPTY_PSKS = CIPHER_SUITES.map(({ id, kdf }) => ({
  cipher_suite: id,
  psks: [],
  psk_secret: "00".repeat(kdf.hashLength),
}));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mls-cli-"));
  writeFileSync(join(folder, "no-psks.json"), JSON.stringify(EMPTY_PSKS));
  writeFileSync(
    join(folder, "wrong.json"),
    JSON.stringify([{ cipher_suite: 2, psks: [], psk_secret: "ff" }]),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function pnpmVectors(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, MLS_TEST_VECTORS: folder };
  const nodeArgs = ["--conditions=@openmls-ts/source", cli, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, nodeArgs, { encoding: "utf8", env });
  return { status, stdout, stderr };
}

describe("pnpm vectors", () => {
  it("prints nothing but an array of rows with --json", () => {
    const { status, stdout } = pnpmVectors("--json", "--file", "no-psks", "--suite", "1");
    const rows = JSON.parse(stdout) as Row[];
    expect(rows.map(({ provider }) => provider)).toEqual(["crypto-noble", "crypto-node", "crypto-webcrypto"]);
    for (const row of rows) {
      expect(row).toEqual({
        file: "no-psks.json",
        suite: 1,
        provider: row.provider,
        passed: 1,
        failed: 0,
        skipped: 0,
        reasons: [],
      });
    }
    expect(status).toBe(0);
  });

  it("prints a table with a column for each provider", () => {
    const { status, stdout } = pnpmVectors("--file", "no-psks", "--provider", "node");
    expect(stdout).toMatch(/^file +suite +crypto-node\n/);
    expect(stdout).toMatch(/no-psks\.json +7 +1 passed\n/);
    expect(stdout).toContain("crypto-node: 7 passed, 0 failed, 0 skipped");
    expect(status).toBe(0);
  });

  it("fails, and says where, when a case does not hold", () => {
    const { status, stdout, stderr } = pnpmVectors(
      "--json",
      "--file",
      "wrong.json",
      "--provider",
      "crypto-node",
    );
    const rows = JSON.parse(stdout) as Row[];
    expect(rows).toMatchObject([{ file: "wrong.json", suite: 2, passed: 0, failed: 1, skipped: 0 }]);
    expect(rows[0]?.reasons[0]).toContain("case 0: Mismatch: psk_secret: expected ff");
    expect(stderr).toContain("FAILED wrong.json suite 2 crypto-node case 0: Mismatch");
    expect(status).toBe(1);
  });

  it("explains itself when it is asked for what it does not know", () => {
    for (const args of [["--provider", "rot13"], ["--suite", "one"], ["--no-such-option"]]) {
      const { status, stdout, stderr } = pnpmVectors(...args);
      expect(stderr).toContain("crypto-node, crypto-noble, crypto-webcrypto");
      expect(stdout).toBe("");
      expect(status).toBe(2);
    }
  });

  it("does not pass when nothing is selected", () => {
    expect(pnpmVectors("--file", "no such file").status).toBe(1);
  });
});

describe("a missing set of vectors", () => {
  const manifest = [{ file: "mls/welcome.json", format: "welcome", cases: 7, bytes: 1, sha256: "00" }];
  const run = async (
    missingFails: boolean,
    more: Partial<ManifestEntry> = {},
  ): Promise<{ rows: readonly Row[]; warnings: string[] }> => {
    const warnings: string[] = [];
    const listener: RunListener = {
      warning: (text) => void warnings.push(text),
      failure: () => undefined,
      jobDone: () => undefined,
    };
    const folders = { search: [], further: undefined };
    const request = {
      manifest: manifest.map((entry) => ({ ...entry, ...more })),
      formats,
      folders,
      providers: ["crypto-node"],
      selection: everything,
      missingFails,
    };
    return { rows: await runVectors(request, listener), warnings };
  };

  it("is reported loudly and skipped", async () => {
    const { rows, warnings } = await run(false);
    expect(warnings.join()).toContain("1 FILES OF TEST VECTORS ARE MISSING");
    expect(rows).toMatchObject([{ file: "mls/welcome.json", suite: null, passed: 0, failed: 0, skipped: 7 }]);
    expect(rows[0]?.reasons[0]).toContain("pnpm vectors:fetch");
  });

  it("fails where CI is set", async () => {
    const { rows, warnings } = await run(true);
    expect(warnings.join()).toContain("MISSING");
    expect(rows).toMatchObject([{ passed: 0, failed: 7, skipped: 0 }]);
    expect([isCi({ CI: "true" }), isCi({ CI: "1" }), isCi({ CI: "false" }), isCi({})]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("is skipped where CI is set only if the manifest says why it may be missing", async () => {
    const { rows } = await run(true, { apart: "fetched apart" });
    expect(rows).toMatchObject([{ passed: 0, failed: 0, skipped: 7, reasons: ["not found; fetched apart"] }]);
  });
});
