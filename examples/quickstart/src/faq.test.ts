import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocksOf, run } from "./testing/program.ts";

const page = readFileSync(new URL("../../../docs/faq.md", import.meta.url), "utf8");

describe("docs/faq.md", () => {
  it("is one program, and it does what the answers say", () => {
    const { stdout, stderr } = run(blocksOf("faq.md").join("\n"));
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual([
      "1 2 3 4 5 6 7",
      "epoch 0, stored: 1",
      "2 for use",
      "ERR_MLS_NO_MATCHING_KEY_PACKAGE",
      "third group: 2 members",
      "fourth group: 2 members",
      "1 added, epochs 2 2 2",
      "2 attempts, epoch 4",
      "epoch 5: before the commit, after it",
      "accepted: true",
      "3 members, the old leaf is gone; epochs 6 6",
      "ERR_MLS_CREDENTIAL_REJECTED",
      "a new key: true, epoch 8",
      "ERR_MLS_CREDENTIAL_REJECTED valn0101",
      "true",
      "true",
      "ERR_MLS_WRONG_EPOCH 8n 9n",
      "load ok",
      "processMessage ERR_MLS_DECODE",
      "vector is longer than its input",
      "privateMessage",
      "the kitchen",
      "now, later",
    ]);
  });

  it("installs packages that are here", () => {
    const installed = Array.from(
      page.matchAll(/^npm install (.+?)(?: +#.*)?$/gm),
      ([, names]) => names ?? "",
    );
    const ours = installed.join(" ").match(/@openmls-ts\/[\w-]+/g) ?? [];
    expect(ours.length).toBeGreaterThan(8);
    const folder = (name: string): URL =>
      new URL(`../../../packages/${name.replace("@openmls-ts/", "")}/package.json`, import.meta.url);
    expect(ours.filter((name) => !existsSync(folder(name)))).toEqual([]);
  });

  it("lists each of its questions, and no other", () => {
    const anchor = (title: string): string =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-");
    const titles = Array.from(page.matchAll(/^#{2,3} (.+)$/gm), ([, title]) => anchor(title ?? ""));
    const list = page.slice(0, page.indexOf("\n## "));
    const listed = Array.from(list.matchAll(/\(#([^)]+)\)/g), ([, target]) => target ?? "");
    expect([...listed].sort()).toEqual([...titles].sort());
  });
});
