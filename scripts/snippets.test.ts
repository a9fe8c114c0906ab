import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workspaceRoot } from "./workspace.ts";

const pages = ["README.md", ...["docs", "docs/recipes"].flatMap(pagesIn), ...packageReadmes()];

function pagesIn(folder: string): string[] {
  const names = readdirSync(join(workspaceRoot, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => join(folder, name));
}

function packageReadmes(): string[] {
  return readdirSync(join(workspaceRoot, "packages")).map((name) => join("packages", name, "README.md"));
}

/** What a package's report in etc/ exports; undefined for a package without one. */
function exportsOf(entry: string): string | undefined {
  const report = join(workspaceRoot, "etc", `${entry.replaceAll("/", ".")}.api.md`);
  return existsSync(report) ? readFileSync(report, "utf8") : undefined;
}

/** `entry name` of each import from our packages that names what is not there. */
function missing(markdown: string): string[] {
  const imports = markdown.matchAll(/\bimport (?:type )?\{([^}]*)\} from "@openmls-ts\/([^"]+)"/g);
  return Array.from(imports).flatMap(([, names = "", entry = ""]) => {
    const report = exportsOf(entry);
    return names
      .split(",")
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, "")
            .split(" as ")[0] ?? "",
      )
      .filter((name) => name !== "" && !new RegExp(`^export .*\\b${name}\\b`, "m").test(report ?? ""))
      .map((name) => `${entry} ${name}`);
  });
}

describe("what pages import", () => {
  it.each(pages)("exists: %s", (page) => {
    expect(missing(readFileSync(join(workspaceRoot, page), "utf8"))).toEqual([]);
  });

  it("is found out where it does not", () => {
    expect(missing('import { utf8, utf9 } from "@openmls-ts/traits";')).toEqual(["traits utf9"]);
  });

  it.each(["from-ts-mls.md", "from-core-crypto.md", "credentials.md", "errors.md"])(
    "%s names what is there",
    (page) => {
      const text = readFileSync(join(workspaceRoot, "docs", page), "utf8");
      const reports = readdirSync(join(workspaceRoot, "etc")).map((name) =>
        exportsOf(name.replace(".api.md", "")),
      );
      const all = reports.join("\n");
      // Calls and members of our objects, in code: `MlsGroup.load(…)`, `group.commit()`, `mergePendingCommit`.
      const names = Array.from(
        text.matchAll(/`(?:[A-Z]\w+|group|provider)\.(\w+)/g),
        ([, name]) => name ?? "",
      );
      expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(all))).toEqual([]);
    },
  );
});
