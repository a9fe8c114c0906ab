/** Octets of a page in the files of these tests. */
export const PAGE = 4096;

/** The first octet of a page that holds records and no pages below it. */
export function leafPage(file: Buffer): number {
  for (let at = PAGE; at < file.length; at += PAGE) {
    // A leaf of an index, which is how SQLite keeps tables WITHOUT ROWID; openmls_meta has two records.
    if (file.readUInt8(at) === 0x0a && file.readUInt16BE(at + 3) > 2) {
      return at;
    }
  }
  throw new Error("no leaf in this file");
}

/** A copy with a change. */
export function changed(file: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(file);
  change(copy);
  return copy;
}

/** A copy whose header names a page full of records as one to be used next: all records are there, until a write. */
export function withLeafAsFree(file: Buffer): Buffer {
  return changed(file, (copy) => {
    copy.writeUInt32BE(leafPage(file) / PAGE + 1, 32);
    copy.writeUInt32BE(1, 36);
  });
}
