import { bytesToKey, equalBytes, MlsError } from "@openmls-ts/traits";
import { type Codec, decode, encode, malformed, opaque, struct, uint16, vector } from "../codec/index.ts";
import { type Table, TABLES } from "./records.ts";

/** One record of a group on its way between stores: the value as it is stored, format octet included. */
export interface ExportedRecord {
  readonly table: Table;
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/** A group on its way between stores. */
export interface ExportedGroup {
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  /** Ascending by table and id. */
  readonly records: readonly ExportedRecord[];
}

/** What travels: all but the count of writes, which is each store's own. */
export const EXPORTED_TABLES: readonly Table[] = TABLES.filter((table) => table !== "group_revision").sort();

const MAGIC = "openmls-ts group";
const FORMAT = 1;

// Not of the RFC:
//   struct {
//     opaque record[16 + 1] = "openmls-ts group" ‖ format 1;
//     uint16 cipher_suite; opaque group_id<V>; Record records<V>;   // Record: opaque table<V>, id<V>, value<V>
//     opaque digest[Nh] of all of this by the suite's hash, against damage
//   } ExportedGroup;
interface StoredRecord {
  readonly table: Uint8Array;
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

interface StoredExport {
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly records: readonly StoredRecord[];
}

const exported: Codec<StoredExport> = struct<StoredExport>({
  cipherSuite: uint16,
  groupId: opaque,
  records: vector(struct<StoredRecord>({ table: opaque, id: opaque, value: opaque })),
});

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** The bytes of a group without the digest. They hold its secrets: the caller wipes them. */
export function encodeExport({ records, ...group }: ExportedGroup): Uint8Array {
  const body = encode(exported, {
    ...group,
    records: records.map(({ table, id, value }) => ({ table: ascii(table), id, value })),
  });
  const bytes = new Uint8Array(MAGIC.length + 1 + body.length);
  bytes.set(ascii(MAGIC));
  bytes[MAGIC.length] = FORMAT;
  bytes.set(body, MAGIC.length + 1);
  body.fill(0);
  return bytes;
}

/** Of what suite a group is whose bytes come in. @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_STORAGE_FORMAT` */
export function exportedSuite(bytes: Uint8Array): number {
  if (!equalBytes(bytes.subarray(0, MAGIC.length), ascii(MAGIC)) || bytes.length < MAGIC.length + 3) {
    throw malformed("not a group that was exported");
  }
  const format = bytes[MAGIC.length]!;
  if (format !== FORMAT) {
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `an exported group of format ${format}; this release reads ${FORMAT}`,
    );
  }
  return decode(uint16, bytes.subarray(MAGIC.length + 1, MAGIC.length + 3));
}

/** What {@link encodeExport} wrote. @throws MlsError `ERR_MLS_DECODE` */
export function decodeExport(bytes: Uint8Array): ExportedGroup {
  const { records, ...group } = decode(exported, bytes.subarray(MAGIC.length + 1), {
    maxElements: bytes.length / 4, // three byte strings a record, the smallest of which are short
  });
  const tables = new Map(EXPORTED_TABLES.map((table): [string, Table] => [table, table]));
  let before = "";
  return {
    ...group,
    records: records.map(({ table: name, id, value }) => {
      const table = tables.get(bytesToKey(name));
      // The place of each is fixed, so that there is one form and no record twice.
      const place = `${String(table)} ${bytesToKey(id)}`;
      if (table === undefined || place <= before) {
        throw malformed("a record that does not belong there");
      }
      before = place;
      return { table, id, value };
    }),
  };
}
