import { readdirSync, readFileSync } from "node:fs";
import { PQ_SUITE_IDS, PQ_SUITE_NAMES, postQuantumSuites } from "@openmls-ts/crypto-pq";
import { codePoints, type Ecosystem } from "@openmls-ts/extensions/code-points";
import { targetedMessages } from "@openmls-ts/targeted-messages";
import { describe, expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

const page = readFileSync(new URL("../../../docs/drafts.md", import.meta.url), "utf8");
const ecosystems: readonly Ecosystem[] = ["draft", "openmls", "mls-rs", "wire"];

/** The cells of the table below a heading, less its head. */
function table(text: string, heading: string): string[][] {
  const section = text.slice(text.indexOf(`\n${heading}\n`) + heading.length + 1).split(/\n#+ /)[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

const hex = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(4, "0")}`;
const shown = (value: number | string): string => (typeof value === "number" ? hex(value) : `\`${value}\``);

describe("docs/drafts.md", () => {
  it("is a program that does what the page says", () => {
    const { stdout, stderr } = run(blocksOf("drafts.md").join("\n"));
    expect(stderr).toBe("");
    expect(stdout.trimEnd()).toBe("SelfRemove, last resort, safe exporter, app ephemeral, targeted messages");
  });

  it("has the code points of each ecosystem, all of them", () => {
    const presets = ecosystems.map((name) => codePoints(name));
    const rows = (Object.keys(presets[0]!) as (keyof (typeof presets)[0])[]).map((name) => [
      `\`${name}\``,
      ...presets.map((preset) => shown(preset[name])),
    ]);
    expect(table(page, "## Code points")).toEqual(rows);
  });

  it("has the numbers of the post-quantum suites", () => {
    const rows = PQ_SUITE_NAMES.map((name) => [
      `\`${name}\``,
      ...[...ecosystems, "mlspp" as const].map((ecosystem) => {
        const id = PQ_SUITE_IDS[ecosystem][name];
        return id === undefined ? "" : hex(id);
      }),
    ]);
    expect(table(page, "### Post-quantum suites")).toEqual(rows);
  });

  it("names every feature of the packages", () => {
    const manifest = readFileSync(
      new URL("../../../packages/extensions/package.json", import.meta.url),
      "utf8",
    );
    const { exports } = JSON.parse(manifest) as { readonly exports: Readonly<Record<string, unknown>> };
    const helpers = ["code-points", "app-ack"];
    const entries = Object.keys(exports)
      .filter((entry) => entry.startsWith("./") && entry !== "./package.json")
      .map((entry) => entry.slice(2))
      .filter((entry) => !helpers.includes(entry));
    const camel = (entry: string): string =>
      entry.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const first = table(`\n# Drafts\n${page.slice(page.indexOf("|"))}`, "# Drafts").map(
      ([cell]) => cell ?? "",
    );
    for (const entry of entries) {
      expect(first.some((cell) => cell.startsWith(`[\`${camel(entry)}`))).toBe(true);
    }
    for (const { name } of [targetedMessages, postQuantumSuites]) {
      expect(first.some((cell) => cell.startsWith(`[\`${name}\``))).toBe(true);
    }
  });
});

describe("docs/post-quantum.md", () => {
  const text = readFileSync(new URL("../../../docs/post-quantum.md", import.meta.url), "utf8");

  it("is a program that does what the page says", () => {
    const { stdout, stderr } = run(blocksOf("post-quantum.md").join("\n"));
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual(["true", "hello"]);
  });

  it("has sizes and times of every suite, beside those of suite 1", () => {
    const suites = ["MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", ...PQ_SUITE_NAMES];
    const named = table(text, "## What it costs").map(([cell]) => cell);
    const both = suites.map((name) => `\`${name}\``);
    expect(named.filter((cell) => cell?.startsWith("`") === true)).toEqual([...both, ...both]);
  });
});

it("every page with a program of features is run by a test", () => {
  const pages = readdirSync(new URL("../../../docs/", import.meta.url)).filter((name) =>
    /^(custom-|drafts|post-quantum|extending)/.test(name),
  );
  const tests = readdirSync(new URL(".", import.meta.url))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(new URL(name, import.meta.url), "utf8"))
    .join("\n");
  expect(pages.length).toBe(6);
  for (const name of pages) expect(tests).toContain(`"${name}"`);
});
