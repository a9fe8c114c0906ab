/** The statements of one schema. `$1` is the store in all of them; bytes go out as hexadecimal text. */
export interface Statements {
  /** ($2 table, $3 owner key, $4 id) → value */
  readonly get: string;
  /** ($2 table, $3 owner key, $4 from, $5 below) → id, value, ascending */
  readonly list: string;
  /** ($2 table) → owner: one search each, however many records it has */
  readonly listOwners: string;
  /** ($2 tables, $3 owner keys, $4 ids, $5 values or nulls) → the table of the first that does not hold */
  readonly judge: string;
  /** ($2 tables, $3 owner keys, $4 from, $5 below) */
  readonly deleteRanges: string;
  /** ($2 tables, $3 owner keys, $4 ids) */
  readonly delete: string;
  /** ($2 tables, $3 owner keys, $4 ids, $5 long owners or nulls, $6 values), no key twice */
  readonly put: string;
}

/** @param schema the quoted name */
export function statementsFor(schema: string): Statements {
  const records = `${schema}.openmls_records`;
  const ofOwner = `store = $1 AND "table" = $2 AND owner_key = $3`;
  const sameKey = `r.store = $1 AND r."table" = k."table" AND r.owner_key = k.owner_key`;
  return {
    get: `SELECT encode(value, 'hex') AS value FROM ${records} WHERE ${ofOwner} AND id = $4`,
    list: `SELECT encode(id, 'hex') AS id, encode(value, 'hex') AS value FROM ${records}
      WHERE ${ofOwner} AND id >= $4 AND id < $5 ORDER BY ${records}.id`,
    listOwners: `WITH RECURSIVE owners (owner_key) AS (
        (SELECT owner_key FROM ${records} WHERE store = $1 AND "table" = $2 ORDER BY owner_key LIMIT 1)
        UNION ALL
        SELECT (SELECT r.owner_key FROM ${records} AS r
          WHERE r.store = $1 AND r."table" = $2 AND r.owner_key > owners.owner_key ORDER BY r.owner_key LIMIT 1)
        FROM owners WHERE owners.owner_key IS NOT NULL
      )
      SELECT encode(coalesce((SELECT r.long_owner FROM ${records} AS r
          WHERE r.store = $1 AND r."table" = $2 AND r.owner_key = owners.owner_key LIMIT 1), owner_key), 'hex') AS owner
      FROM owners WHERE owner_key IS NOT NULL`,
    judge: `SELECT k."table" FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[])
        WITH ORDINALITY AS k ("table", owner_key, id, value, place)
      LEFT JOIN ${records} AS r ON ${sameKey} AND r.id = k.id
      WHERE r.value IS DISTINCT FROM k.value ORDER BY k.place LIMIT 1`,
    deleteRanges: `DELETE FROM ${records} AS r
      USING unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[]) AS k ("table", owner_key, start, below)
      WHERE ${sameKey} AND r.id >= k.start AND r.id < k.below`,
    delete: `DELETE FROM ${records} AS r
      USING unnest($2::text[], $3::bytea[], $4::bytea[]) AS k ("table", owner_key, id)
      WHERE ${sameKey} AND r.id = k.id`,
    put: `INSERT INTO ${records} (store, "table", owner_key, id, long_owner, value)
      SELECT $1, k."table", k.owner_key, k.id, k.long_owner, k.value
      FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])
        AS k ("table", owner_key, id, long_owner, value)
      ON CONFLICT (store, "table", owner_key, id) DO UPDATE SET value = excluded.value`,
  };
}
