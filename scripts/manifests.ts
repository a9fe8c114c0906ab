// pnpm manifests [--write]: what the manifest and the README of each published package must say to be at home in a
// registry. With --write it puts that in.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workspacePackages, workspaceRoot } from "./workspace.ts";

/** The one place where the address of the repository stands, beside the manifests that this script writes. */
export const REPOSITORY = "https://github.com/openmls-ts/openmls-ts";

const KEYWORDS = ["mls", "messaging-layer-security", "rfc9420", "e2ee", "end-to-end-encryption"];

type Manifest = Record<string, unknown> & { readonly name: string; version: string };

/** The manifest as it should be. @param version the one that all published packages have */
export function completed(manifest: Manifest, folder: string, version: string): Manifest {
  const { description, ...rest } = manifest;
  const [, topic = ""] = /^(?:[a-z]+-)?(.+)$/.exec(folder) ?? [];
  return {
    ...rest,
    name: manifest.name,
    version,
    description,
    keywords: [...KEYWORDS, ...(KEYWORDS.includes(topic) ? [] : [topic])],
    homepage: `${REPOSITORY}/tree/main/packages/${folder}#readme`,
    bugs: `${REPOSITORY}/issues`,
    repository: { type: "git", url: `git+${REPOSITORY}.git`, directory: `packages/${folder}` },
  };
}

/** A README in which no link depends on where it is read. */
export function withAbsoluteLinks(readme: string): string {
  return readme
    .replaceAll(/\]\(\.\.\/\.\.\/([^)]*)\)/g, `](${REPOSITORY}/blob/main/$1)`)
    .replaceAll(/\]\(\.\.\/([^./)][^)]*)\)/g, `](${REPOSITORY}/blob/main/packages/$1)`);
}

/** A README that says how to install the package, before its first sample. */
export function withInstallLine(readme: string, name: string): string {
  if (readme.includes("npm install")) return readme;
  const line = `\`\`\`sh\nnpm install ${name}\n\`\`\`\n\n`;
  const at = readme.indexOf("```");
  return at < 0 ? `${readme}\n${line}` : `${readme.slice(0, at)}${line}${readme.slice(at)}`;
}

const ORDER = [
  "name",
  "version",
  "private",
  "description",
  "keywords",
  "license",
  "homepage",
  "bugs",
  "repository",
];

function ordered(manifest: Manifest): Manifest {
  const known = ORDER.filter((key) => manifest[key] !== undefined).map((key) => [key, manifest[key]]);
  const others = Object.entries(manifest).filter(([key]) => !ORDER.includes(key));
  return Object.fromEntries([...known, ...others]) as Manifest;
}

if (import.meta.main) {
  const write = process.argv.includes("--write");
  const published = workspacePackages().filter((entry) => entry.published);
  const read = (path: string): Manifest =>
    JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest;
  const { version } = read(join(workspaceRoot, "packages", "mls-core"));
  for (const { path, folder } of published) {
    const manifest = read(path);
    const file = (name: string): string => join(path, name);
    const readme = readFileSync(file("README.md"), "utf8");
    const wanted: readonly (readonly [name: string, text: string, next: string])[] = [
      [
        "package.json",
        JSON.stringify(manifest, null, 2),
        JSON.stringify(ordered(completed(manifest, folder, version)), null, 2),
      ],
      ["README.md", readme, withAbsoluteLinks(withInstallLine(readme, manifest.name))],
    ];
    for (const [name, text, next] of wanted.filter(([, text, next]) => text !== next)) {
      if (write) {
        writeFileSync(file(name), name === "package.json" ? `${next}\n` : next);
      } else {
        console.error(
          `packages/${folder}/${name} lacks something (was ${text.length}): pnpm manifests --write`,
        );
        process.exitCode = 1;
      }
    }
  }
}
