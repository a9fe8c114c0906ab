import { cryptoProviderCases, storageProviderCases } from "@openmls-ts/conformance";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

const blocks = blocksOf("write-a-provider.md");

/** Lines with something on them from the first block that has one text to the one that has another. */
function linesBetween(first: string, last: string): number {
  const from = blocks.findIndex((block) => block.includes(first));
  const to = blocks.findIndex((block) => block.includes(last));
  const text = blocks.slice(from, to + 1).join("\n");
  // What is imported is a list of names.
  return text
    .replace(/^import [^;]*;$/gm, "")
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

describe("docs/write-a-provider.md", () => {
  // Where files are in memory, flushing thousands of them takes no time.
  it("is one program, and all conformance cases hold on what it builds", () => {
    const { stdout, stderr } = run(blocks.join("\n"), existsSync("/dev/shm") ? { TMPDIR: "/dev/shm" } : {});
    expect(stderr).toBe("");
    const forOneProcess = storageProviderCases.filter(({ needs }) => !needs.includes("openSecond"));
    expect(stdout.trimEnd().split("\n")).toEqual([
      `folder: ${forOneProcess.length} cases hold`,
      "small: suites 1",
      `small: ${cryptoProviderCases.length} cases hold`,
    ]);
  });

  it("finishes what a process has written to the journal, and nothing less", () => {
    const provider = blocks.slice(
      0,
      blocks.findIndex((block) => block.includes("function folderStorage")) + 1,
    );
    const program = `
      const root = await mkdtemp(join(tmpdir(), "write-a-provider-"));
      const recordOf = (id, value) => ({ key: { table: "t", owner: utf8("o"), id: utf8(id) }, value: utf8(value) });
      await folderStorage(root).write({ puts: [recordOf("a", "1"), recordOf("b", "2")] });
      const [a, c] = [recordOf("a", "3"), recordOf("c", "4")];
      const journal = { [fileOf(a.key)]: encode(a), [fileOf(recordOf("b", "").key)]: null, [fileOf(c.key)]: encode(c) };
      const show = async () =>
        console.log((await folderStorage(root).list({ ...a.key, id: utf8("") })).map(({ value }) => value[0] - 48).join());
      await flush(join(root, "journal.new"), JSON.stringify(journal).slice(0, 99));
      await show(); // as if it had died while writing the journal
      await flush(join(root, "journal.new"), JSON.stringify(journal));
      await rename(join(root, "journal.new"), join(root, "journal"));
      await rm(join(root, fileOf(recordOf("b", "").key))); // and now in the middle of carrying it out
      await flush(join(root, fileOf(a.key)), encode(a).slice(0, 9));
      await show();
      await rm(root, { recursive: true });`;
    const { stdout, stderr } = run([...provider, program].join("\n"));
    expect(stderr).toBe("");
    expect(stdout).toBe("1,2\n3,4\n");
  });

  it("builds each provider in less than 120 lines", () => {
    const sizes = [
      linesBetween("const tableFolder", "function folderStorage"),
      linesBetween("const plain", "const smallCrypto"),
    ];
    for (const size of sizes) {
      expect(size).toBeGreaterThan(60);
      expect(size).toBeLessThan(120);
    }
  });
});
