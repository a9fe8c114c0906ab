import { MlsError } from "@openmls-ts/traits";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/** SQLite gives its files the mode of the database file; ours holds keys, so only its owner may read it. */
export function createPrivateFile(path: string): void {
  if (path === ":memory:" || path.startsWith("file:")) {
    return;
  }
  try {
    // "wx" never opens an existing file: closing it here would drop the locks this process holds on it.
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It exists, or it cannot be created: then SQLite reports why.
  }
}

/**
 * Makes a file whole or not at all: `write` fills one beside it, empty and readable by its owner alone, which gets the name
 * once it is on the disk. What a backup that was interrupted has left there is removed.
 * @throws MlsError `ERR_MLS_USAGE` if there is a file already
 */
export function writeWhole(path: string, write: (partial: string) => void): void {
  if (existsSync(path)) {
    throw new MlsError("ERR_MLS_USAGE", "path is a file that exists: a backup replaces nothing", {
      details: { argument: "path" },
    });
  }
  const partial = `${path}.partial`;
  remove(partial);
  try {
    closeSync(openSync(partial, "wx", 0o600));
    write(partial);
    sync(partial, "r+");
    renameSync(partial, path);
  } catch (error) {
    remove(partial);
    throw error;
  }
  if (process.platform !== "win32") {
    // The name is in its folder; Windows has no such thing to be synced.
    sync(dirname(path), "r");
  }
}

function remove(partial: string): void {
  for (const suffix of ["", "-journal"]) {
    rmSync(`${partial}${suffix}`, { force: true });
  }
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
