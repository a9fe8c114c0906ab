import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { difference } from "./loader.ts";
import type { ManifestEntry } from "./manifest.ts";

/** The part of the global `fetch` that a download needs. */
export type Fetch = (url: string) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

/** What became of one file. */
export interface FetchResult {
  readonly file: string;
  readonly state: "present" | "fetched" | "failed" | "not downloadable";
  readonly detail: string;
}

/** The address of a file as its repository had it at the manifest's commit. */
export function addressOf(entry: ManifestEntry, host: string): string | undefined {
  const { repository, commit, path } = entry;
  if (repository === undefined || commit === undefined || path === undefined || entry.change !== undefined) {
    return undefined;
  }
  return `${host}/${repository}/${commit}/${path}`;
}

/** Serves the files of public GitHub repositories as they are. */
export const RAW_HOST = "https://raw.githubusercontent.com";

/**
 * Downloads the manifest's files into a folder, one after the other. A file with another hash than the manifest's is
 * not kept; a good one that is there already is left alone.
 */
export async function fetchVectors(
  manifest: readonly ManifestEntry[],
  folder: string,
  get: Fetch,
  host: string = RAW_HOST,
): Promise<readonly FetchResult[]> {
  const results: FetchResult[] = [];
  for (const entry of manifest.filter(({ origin }) => origin !== "generated")) {
    results.push(await fetchOne(entry, folder, get, host));
  }
  return results;
}

async function fetchOne(
  entry: ManifestEntry,
  folder: string,
  get: Fetch,
  host: string,
): Promise<FetchResult> {
  const { file } = entry;
  const target = join(folder, file);
  if (existsSync(target) && difference(entry, readFileSync(target)) === undefined) {
    return { file, state: "present", detail: target };
  }
  const address = addressOf(entry, host);
  if (address === undefined) {
    return { file, state: "not downloadable", detail: entry.change ?? "no repository" };
  }
  try {
    const response = await get(address);
    if (!response.ok) {
      return { file, state: "failed", detail: `${address}: HTTP status ${response.status}` };
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    const problem = difference(entry, bytes);
    if (problem !== undefined) {
      return { file, state: "failed", detail: `${address}: ${problem}` };
    }
    mkdirSync(dirname(target), { recursive: true });
    // Renamed when complete: an interrupted download leaves no half file under the real name.
    writeFileSync(`${target}.part`, bytes);
    renameSync(`${target}.part`, target);
    return { file, state: "fetched", detail: target };
  } catch (error) {
    return { file, state: "failed", detail: `${address}: ${String(error)}` };
  }
}
