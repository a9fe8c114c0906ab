import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CIPHER_SUITES, type CryptoProvider } from "@openmls-ts/traits";
import type { ManifestEntry } from "../manifest.ts";
import type { GeneratedFile } from "./source.ts";

/** The text of a file: a case a line, so that changes can be seen. */
export async function contentOf(
  { cases }: GeneratedFile,
  crypto: CryptoProvider,
): Promise<{ readonly text: string; readonly count: number }> {
  const lines: string[] = [];
  for (const { id } of CIPHER_SUITES) {
    for (const vector of await cases(await crypto.cipherSuite(id), { crypto })) {
      lines.push(JSON.stringify(vector));
    }
  }
  return { text: `[\n${lines.join(",\n")}\n]\n`, count: lines.length };
}

/** Generates the files and enters them into the manifest of the folder. */
export async function writeGenerated(
  files: readonly GeneratedFile[],
  crypto: CryptoProvider,
  folder: string,
): Promise<readonly ManifestEntry[]> {
  const contents: { readonly entry: ManifestEntry; readonly text: string }[] = [];
  for (const generated of files) {
    const { file, format } = generated;
    const { text, count } = await contentOf(generated, crypto);
    const sha256 = createHash("sha256").update(text).digest("hex");
    const entry = { file, format, cases: count, bytes: text.length, sha256, origin: "generated" } as const;
    contents.push({ entry, text });
  }
  // Nothing is written until everything is there.
  for (const { entry, text } of contents) {
    const path = join(folder, entry.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const entries = contents.map(({ entry }) => entry);
  const manifest = join(folder, "manifest.json");
  const known = JSON.parse(readFileSync(manifest, "utf8")) as readonly ManifestEntry[];
  const made = new Map(entries.map((entry) => [entry.file, entry]));
  // What is there already keeps its place.
  const kept = known.map((entry) => made.get(entry.file) ?? entry);
  const all = [...kept, ...entries.filter(({ file }) => known.every((entry) => entry.file !== file))];
  writeFileSync(manifest, `${JSON.stringify(all, undefined, 2)}\n`);
  return entries;
}
