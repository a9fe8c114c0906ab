import { addChecksums, checksumOf, damaged } from "./checksum.ts";
import { runOnce } from "./connection.ts";
import type { SqliteConnection, SqliteParameter } from "./connection.ts";
import { rowsOf, verifyFile } from "./verify.ts";

/**
 * From schema version 1, which had no checksums, within the caller's transaction. What is damaged already cannot be
 * told there, except by SQLite itself.
 * @throws MlsError `ERR_MLS_STORAGE`
 */
export function addChecksumsToRecords(connection: SqliteConnection, version: number): void {
  verifyFile(connection);
  runOnce(connection, "ALTER TABLE openmls_records ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0");
  const update = connection.prepare(
    `UPDATE openmls_records SET checksum = ? WHERE "table" = ? AND owner = ? AND id = ?`,
  );
  let sum = 0;
  for (const { table, owner, id, value } of rowsOf(connection, ["table", "owner", "id", "value"])) {
    const checksum = checksumOf(table, owner, id, value);
    if (checksum === undefined) {
      throw damaged("a record");
    }
    update.run(checksum, ...([table, owner, id] as SqliteParameter[]));
    sum = addChecksums(sum, checksum);
  }
  update.release();
  runOnce(connection, "INSERT INTO openmls_meta (name, value) VALUES ('checksum', ?)", sum);
  runOnce(connection, "UPDATE openmls_meta SET value = ? WHERE name = 'schema_version'", version);
}
