import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder for database files. */
export interface TestFolder {
  /** A path that no call has returned before. */
  file(): string;
  remove(): void;
}

/** Makes a temporary folder; the caller removes it. */
export function testFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), "openmls-sqlite-"));
  let count = 0;
  return {
    file: () => join(path, `store-${count++}.db`),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
