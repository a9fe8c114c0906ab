import { MlsError } from "@openmls-ts/traits";
import { closeSync, openSync } from "node:fs";
import type { SqliteDatabase } from "./database.ts";
import { loadDriver } from "./native.ts";

/**
 * Opens a database file, creating it if need be.
 * @param timeout milliseconds to wait for another connection's lock
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` before anything native is loaded, or where better-sqlite3 is missing
 */
export function openDatabase(path: string, timeout: number): SqliteDatabase {
  checkRuntime(process.versions);
  const Database = loadDriver();
  createPrivateFile(path);
  const database = new Database(path, { timeout });
  // Sorting, and undoing half a statement, must not spill keys into temporary files.
  database.pragma("temp_store = MEMORY");
  return database;
}

/** The Node-API version that better-sqlite3 13 is built for: in Node.js from 22.14 on. */
const NODE_API = 10;

/**
 * Refuses a runtime that better-sqlite3 13 would take down with it.
 * @param versions `process.versions`
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME`
 */
export function checkRuntime(versions: { readonly node: string; readonly napi?: string | undefined }): void {
  if (!(Number(versions.napi) >= NODE_API)) {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      `storage-sqlite needs Node.js 22.14 or newer, this is ${versions.node}`,
    );
  }
}

/** SQLite gives its files the mode of the database file; ours holds keys, so only its owner may read it. */
function createPrivateFile(path: string): void {
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
