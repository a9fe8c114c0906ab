import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "./manifests.ts";
import { workspaceRoot } from "./workspace.ts";

/** The pages of the root, of docs, and of each package and example. */
const pages = [
  ".",
  "docs",
  "docs/recipes",
  ...["packages", "examples"].flatMap(subfolders),
  "test-vectors",
].flatMap((folder) =>
  readdirSync(join(workspaceRoot, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

function subfolders(folder: string): string[] {
  return readdirSync(join(workspaceRoot, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}

/** What absolute links to files of this repository begin with. */
const BLOB = `${REPOSITORY}/blob/main/`;

/** As GitHub makes them of headings, and those that stand in the text. */
function anchors(markdown: string): string[] {
  const headings = Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    (heading ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return [...headings, ...Array.from(markdown.matchAll(/<a id="([^"]+)">/g), ([, id]) => id ?? "")];
}

describe("links between pages", () => {
  it.each(pages)("of %s lead somewhere", (page) => {
    const markdown = readFileSync(join(workspaceRoot, page), "utf8");
    const targets = Array.from(markdown.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target ?? "");
    const broken = targets.filter((target) => {
      const ours = target.startsWith(BLOB);
      if (!ours && /^[a-z]+:/.test(target)) {
        return false;
      }
      const [path = "", anchor] = (ours ? target.slice(BLOB.length) : target).split("#");
      const file = path === "" ? page : ours ? path : join(dirname(page), path);
      if (!existsSync(join(workspaceRoot, file))) {
        return true;
      }
      if (anchor === undefined) {
        return false;
      }
      const text = file.endsWith(".md") ? file : join(file, "README.md");
      return !anchors(readFileSync(join(workspaceRoot, text), "utf8")).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
