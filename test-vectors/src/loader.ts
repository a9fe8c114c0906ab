import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { isObject, recognise, suiteOf, type VectorFormat } from "./format.ts";
import { type ManifestEntry, packageFolder } from "./manifest.ts";

/** Where files may be, best first. */
export interface Folders {
  /** Searched for the manifest's files in this order. */
  readonly search: readonly string[];
  /** Folder whose other files are run too: what `MLS_TEST_VECTORS` names. */
  readonly further: string | undefined;
}

/** What `pnpm vectors:fetch` fills. */
export const cacheFolder: string = join(packageFolder, ".cache");

/** The folders that the environment asks for. */
export function foldersOf(environment: Readonly<Record<string, string | undefined>>): Folders {
  const named = environment["MLS_TEST_VECTORS"];
  const further = named === undefined || named === "" ? undefined : resolve(named);
  const beside = resolve(packageFolder, "..", "..", "shared", "test-vectors");
  return { search: [...(further === undefined ? [] : [further]), beside, cacheFolder], further };
}

/** A file that can be run. */
export interface VectorFile {
  readonly file: string;
  readonly path: string;
  readonly format: VectorFormat;
  /** Indices of the cases of each suite; `null` stands for cases without one. */
  readonly suites: ReadonlyMap<number | null, readonly number[]>;
  /** On average; tells how long a case takes. */
  readonly bytesPerCase: number;
}

/** A file that cannot be run, and why. */
export interface Unusable {
  readonly file: string;
  readonly cases: number;
  readonly reason: string;
}

/** Everything that a run looks at. */
export interface Collection {
  readonly files: readonly VectorFile[];
  /** Files of the manifest that are in no folder. */
  readonly missing: readonly (Unusable & { readonly mayBeMissing: boolean })[];
  /** Files whose bytes are not what the manifest says, or that are no vectors at all. */
  readonly broken: readonly Unusable[];
  /** Files of unknown formats in the folder that `MLS_TEST_VECTORS` names. */
  readonly leftAside: readonly string[];
}

// JSON.parse rounds integers above 2^53; as strings they survive. Hexadecimal fields stand in quotes and stay.
const LONG_INTEGER = /([[:,]\s*)(\d{16,})(?=\s*[\],}])/g;

/** The cases in a file's text. A file that holds one object is one case. */
export function parseCases(text: string): readonly unknown[] {
  const parsed: unknown = JSON.parse(text.replace(LONG_INTEGER, '$1"$2"'));
  return Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
}

/** Finds and checks all files. */
export function collect(
  manifest: readonly ManifestEntry[],
  formats: readonly VectorFormat[],
  folders: Folders,
): Collection {
  const files: VectorFile[] = [];
  const missing: (Unusable & { mayBeMissing: boolean })[] = [];
  const broken: Unusable[] = [];
  for (const entry of manifest) {
    const { file, cases } = entry;
    const path = locate(entry, folders);
    if (path === undefined) {
      missing.push({ file, cases, reason: missingReason(entry), mayBeMissing: entry.apart !== undefined });
      continue;
    }
    const bytes = readFileSync(path);
    const problem = difference(entry, bytes);
    if (problem === undefined) {
      const parsed = parseCases(bytes.toString("utf8"));
      const format = formats.find(({ name }) => name === entry.format);
      if (format === undefined || parsed.length !== cases) {
        broken.push({ file, cases, reason: `the manifest says ${entry.format} with ${cases} cases` });
      } else {
        files.push(vectorFile(file, path, format, parsed, bytes.length));
      }
    } else {
      broken.push({ file, cases, reason: `${path}: ${problem}` });
    }
  }
  const leftAside: string[] = [];
  if (folders.further !== undefined) {
    const known = new Set(manifest.map(({ file }) => file));
    for (const path of jsonFiles(folders.further)) {
      const file = relative(folders.further, path).split(sep).join("/");
      if (!known.has(file)) {
        const found = furtherFile(file, path, formats);
        if (found === undefined) {
          leftAside.push(file);
        } else if ("format" in found) {
          files.push(found);
        } else {
          broken.push(found);
        }
      }
    }
  }
  return { files, missing, broken, leftAside };
}

function locate(entry: ManifestEntry, folders: Folders): string | undefined {
  const search = entry.origin === "generated" ? [packageFolder] : folders.search;
  return search.map((folder) => join(folder, entry.file)).find((path) => existsSync(path));
}

function missingReason(entry: ManifestEntry): string {
  if (entry.origin === "generated") {
    return "not found, though it is part of the repository: check it out again";
  }
  if (entry.change !== undefined) {
    return `not found; it differs from its repository (${entry.change}), so it is not downloaded either`;
  }
  if (entry.apart !== undefined) {
    return `not found; ${entry.apart}`;
  }
  return "not found: set MLS_TEST_VECTORS, or run pnpm vectors:fetch";
}

/** What is wrong with the bytes of a manifest's file, or `undefined`. */
export function difference(
  entry: Pick<ManifestEntry, "bytes" | "sha256">,
  bytes: Uint8Array,
): string | undefined {
  if (bytes.length !== entry.bytes) {
    return `${bytes.length} bytes instead of the manifest's ${entry.bytes}`;
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return sha256 === entry.sha256 ? undefined : `SHA-256 ${sha256} instead of the manifest's ${entry.sha256}`;
}

function furtherFile(
  file: string,
  path: string,
  formats: readonly VectorFormat[],
): VectorFile | Unusable | undefined {
  let parsed: readonly unknown[];
  const text = readFileSync(path, "utf8");
  try {
    parsed = parseCases(text);
  } catch {
    return { file, cases: 1, reason: `${path}: not JSON` };
  }
  const format = recognise(formats, file, parsed[0]);
  return format === undefined ? undefined : vectorFile(file, path, format, parsed, text.length);
}

function vectorFile(
  file: string,
  path: string,
  format: VectorFormat,
  cases: readonly unknown[],
  bytes: number,
): VectorFile {
  const bytesPerCase = bytes / Math.max(1, cases.length);
  return { file, path, format, suites: groupBySuite(format, cases), bytesPerCase };
}

function groupBySuite(format: VectorFormat, cases: readonly unknown[]): Map<number | null, number[]> {
  const suites = new Map<number | null, number[]>();
  for (const [index, vector] of cases.entries()) {
    if (format.covers?.(vector) === false) {
      continue;
    }
    const suite = (isObject(vector) ? suiteOf(vector) : undefined) ?? null;
    const indices = suites.get(suite) ?? [];
    indices.push(index);
    suites.set(suite, indices);
  }
  return new Map([...suites].sort(([a], [b]) => (a ?? 0) - (b ?? 0)));
}

function jsonFiles(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    return [];
  }
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json") && !/(^|[\\/])manifest\.json$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}
