import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { CIPHER_SUITES } from "@openmls-ts/traits";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run } from "./testing/program.ts";

const root = new URL("../../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");

/** The cells of the table under a heading, without its two head lines. */
function table(heading: string): string[][] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("the README", () => {
  const example = /\n## Example\n+```ts\n([^`]*)```/.exec(readme)?.[1] ?? "";

  it("has an example of at most 25 lines", () => {
    const lines = example.split("\n").filter((line) => line.trim() !== "");
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThanOrEqual(25);
  });

  it("has an example that runs as it stands", () => {
    const { status, stdout, stderr } = run(example);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toBe("Hello Bob\n");
  });

  it("says which provider has which suite", async () => {
    const offered = await Promise.all(
      [nobleCrypto(), nodeCrypto(), webCrypto()].map(async (provider) => provider.supportedCipherSuites()),
    );
    const expected = [...CIPHER_SUITES]
      .sort((a, b) => a.id - b.id)
      .map(({ id, name }) => [
        `${id} \`${name}\``,
        ...offered.map((ids) => (ids.includes(id) ? "yes" : "no")),
      ]);
    expect(table("Cipher suites by provider").map((row) => row.slice(0, 4))).toEqual(expected);
  });

  it("lists every published package", () => {
    const folders = readdirSync(new URL("packages/", root)).filter((folder) => {
      const manifest = readFileSync(new URL(`packages/${folder}/package.json`, root), "utf8");
      return !manifest.includes('"private": true');
    });
    const expected = folders.map((folder) => `[\`@openmls-ts/${folder}\`](packages/${folder})`);
    expect(
      table("Packages")
        .map(([name]) => name)
        .sort(),
    ).toEqual(expected.sort());
  });
});
