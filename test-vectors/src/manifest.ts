import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One file that we know: where it is from and what it must be. */
export interface ManifestEntry {
  /** Path below a folder of vectors. */
  readonly file: string;
  /** Name of its format in `formats/`. */
  readonly format: string;
  readonly cases: number;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** `owner/name` on GitHub; absent for what this project generates. */
  readonly repository?: string;
  readonly commit?: string;
  /** Path in the repository. */
  readonly path?: string;
  /** What was changed after the download, so that the bytes are not the repository's. */
  readonly change?: string;
  /** Why a machine may lack it: where it does, the file is skipped, for this reason, even where CI is set. */
  readonly apart?: string;
  /** Present on files that this project generates: they are checked in beside the manifest. */
  readonly origin?: "generated";
}

/** Folder of this package: holds the manifest and the generated vectors. */
export const packageFolder: string = fileURLToPath(new URL("..", import.meta.url));

const manifestFile: URL = new URL("../manifest.json", import.meta.url);

export function readManifest(): readonly ManifestEntry[] {
  return JSON.parse(readFileSync(manifestFile, "utf8")) as readonly ManifestEntry[];
}
