import { existsSync, readFileSync } from "node:fs";

/** The files that SQLite keeps for one database. */
export const FILES = ["", "-wal", "-shm"] as const;

/**
 * How many of the values each file of a database holds.
 * @param values of at least four octets
 */
export function countInFiles(
  path: string,
  values: readonly Uint8Array[],
): Record<(typeof FILES)[number], number> {
  const [main, wal, shm] = FILES.map((suffix) => countIn(`${path}${suffix}`, values));
  return { "": main ?? 0, "-wal": wal ?? 0, "-shm": shm ?? 0 };
}

function countIn(path: string, values: readonly Uint8Array[]): number {
  if (!existsSync(path)) {
    return 0;
  }
  const file = readFileSync(path);
  const byStart = new Map(values.map((value) => [Buffer.from(value).readUInt32LE(), Buffer.from(value)]));
  const found = new Set<number>();
  for (let at = 0; at + 4 <= file.length; at++) {
    const start = file.readUInt32LE(at);
    const value = byStart.get(start);
    if (value !== undefined && file.subarray(at, at + value.length).equals(value)) {
      found.add(start);
    }
  }
  return found.size;
}
