import { addChecksums, checksumOf, damaged } from "./checksum.ts";
import type { SqliteDatabase } from "./database.ts";
import { rowsOf, verifyFile } from "./verify.ts";

/**
 * From schema version 1, which had no checksums, within the caller's transaction. What is damaged already cannot be
 * told there, except by SQLite itself.
 * @throws MlsError `ERR_MLS_STORAGE`
 */
export function addChecksumsToRecords(database: SqliteDatabase, version: number): void {
  verifyFile(database);
  database.exec("ALTER TABLE openmls_records ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0");
  const update = database.prepare(
    `UPDATE openmls_records SET checksum = ? WHERE "table" = ? AND owner = ? AND id = ?`,
  );
  let sum = 0;
  for (const { table, owner, id, value } of rowsOf(database, `"table", owner, id, value`)) {
    const checksum = checksumOf(table, owner, id, value);
    if (checksum === undefined) {
      throw damaged("a record");
    }
    update.run(checksum, table, owner, id);
    sum = addChecksums(sum, checksum);
  }
  database.prepare("INSERT INTO openmls_meta (name, value) VALUES ('checksum', ?)").run(sum);
  database.prepare("UPDATE openmls_meta SET value = ? WHERE name = 'schema_version'").run(version);
}
