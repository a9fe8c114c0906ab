import { bytesToHex, equalBytes, isMlsError, utf8 } from "@openmls-ts/traits";
import type { MlsErrorCode, StorageKey, StorageProvider, StorageRecord } from "@openmls-ts/traits";
import { check, checkRejects as checkRejectsWith } from "../case.ts";

export { check } from "../case.ts";

/** Text is its UTF-8 octets; numbers are octets. */
export type BytesLike = string | readonly number[] | Uint8Array;

/** A fresh array of the octets. */
export function bytes(from: BytesLike): Uint8Array {
  return typeof from === "string" ? utf8(from) : Uint8Array.from(from);
}

/** A key of table `t`, owner `o` unless told otherwise. */
export function keyOf(id: BytesLike, owner: BytesLike = "o", table = "t"): StorageKey {
  return { table, owner: bytes(owner), id: bytes(id) };
}

/** A record of table `t`, owner `o` unless told otherwise. */
export function recordOf(
  id: BytesLike,
  value: BytesLike,
  owner: BytesLike = "o",
  table = "t",
): StorageRecord {
  return { key: keyOf(id, owner, table), value: bytes(value) };
}

/** Octets as text in messages. */
function show(value: Uint8Array | undefined): string {
  if (value === undefined) {
    return "undefined";
  }
  const hex = bytesToHex(value.subarray(0, 32));
  return `<${hex}${value.length > 32 ? `… ${value.length} bytes` : ""}>`;
}

/** Fails the case unless the record has this value, or does not exist (`undefined`). */
export async function checkValue(
  store: StorageProvider,
  key: StorageKey,
  expected: BytesLike | undefined,
): Promise<void> {
  const found: unknown = await store.get(key);
  check(found === undefined || found instanceof Uint8Array, "get resolves to a Uint8Array or undefined");
  const bytesFound = found as Uint8Array | undefined;
  const wanted = expected === undefined ? undefined : bytes(expected);
  const same =
    bytesFound === undefined || wanted === undefined ? bytesFound === wanted : equalBytes(bytesFound, wanted);
  check(same, `get of id ${show(key.id)}: expected ${show(wanted)}, found ${show(bytesFound)}`);
}

/** Fails the case unless exactly these ids stand under the prefix, in this order. */
export async function checkIds(
  store: StorageProvider,
  prefix: StorageKey,
  expected: readonly BytesLike[],
): Promise<void> {
  const records = await store.list(prefix);
  for (const { key } of records) {
    check(key.table === prefix.table, `list of table ${prefix.table} returned a record of ${key.table}`);
    check(equalBytes(key.owner, prefix.owner), `list returned a record of owner ${show(key.owner)}`);
  }
  checkList(
    `ids under ${show(prefix.id)}`,
    records.map(({ key }) => key.id),
    expected,
  );
}

/** Fails the case unless exactly these owners have records in the table, in this order. */
export async function checkOwners(
  store: StorageProvider,
  table: string,
  expected: readonly BytesLike[],
): Promise<void> {
  checkList(`owners in ${table}`, await store.listOwners(table), expected);
}

function checkList(what: string, found: readonly Uint8Array[], expected: readonly BytesLike[]): void {
  const left = found.map(show).join(" ");
  const right = expected.map((one) => show(bytes(one))).join(" ");
  check(left === right, `${what}: expected ${right}, found ${left}`);
}

/** Fails the case unless the promise rejects with an `MlsError` of this code. */
export async function checkRejects(code: MlsErrorCode, call: () => Promise<unknown>): Promise<void> {
  await checkRejectsWith(code, call, "the call");
}

/** Fails the case unless the value, caught elsewhere, is an `MlsError` of this code. */
export function checkError(code: MlsErrorCode, error: unknown): void {
  check(
    isMlsError(error, code),
    `expected ${code}, found ${error instanceof Error ? String(error) : typeof error}`,
  );
}
