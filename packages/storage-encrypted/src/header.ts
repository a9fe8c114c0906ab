import { concatBytes, isBytes, MlsError, utf8, wipe } from "@openmls-ts/traits";
import { DataKey, SECRET_LENGTH } from "./data-key.ts";
import { storeFault, wrongKey } from "./errors.ts";
import { bytesField, FieldReader, numberField } from "./fields.ts";
import { randomBytes } from "./random.ts";
import { keyContext, openWith, sealWith } from "./store-key.ts";
import type { StoreKey } from "./store-key.ts";

/** The format of the whole store. */
const FORMAT = 1;

/** A new data key. @param id a uint32 that none before it had */
export function newDataKey(id: number): DataKey {
  return new DataKey(id, randomBytes(SECRET_LENGTH));
}

/** The header: format, kind of the application's key, and what it sealed: each data key with its number. */
export async function sealHeader(key: StoreKey, dataKeys: readonly DataKey[]): Promise<Uint8Array> {
  const plaintext = concatBytes(...dataKeys.flatMap((each) => [numberField(each.id, 4), each.expose()]));
  const sealed = await sealWith(key, plaintext, keyContext(key.kind)).finally(() => wipe(plaintext));
  return concatBytes(numberField(FORMAT, 1), bytesField(utf8(key.kind)), bytesField(sealed));
}

/**
 * The data keys by number, the newest last.
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a store of a newer release, `ERR_MLS_DECRYPTION` for another key
 */
export async function openHeader(key: StoreKey, header: Uint8Array): Promise<ReadonlyMap<number, DataKey>> {
  if (!isBytes(header) || header.length === 0) {
    throw storeFault("damaged", "the header is empty");
  }
  if (header[0] !== FORMAT) {
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", `an encrypted store of format ${header[0]}`, {
      details: { table: "encrypted" },
    });
  }
  const reader = new FieldReader(header.subarray(1), "the header");
  const kind = String.fromCharCode(...reader.take(Math.min(reader.number(4), 255)));
  const sealed = reader.bytes();
  reader.end();
  if (kind !== key.kind) {
    throw wrongKey();
  }
  const plaintext = await openWith(key, sealed, keyContext(kind));
  const keys = new Map<number, DataKey>();
  const entries = new FieldReader(plaintext, "the list of keys");
  for (let at = 0; at < plaintext.length; at += 4 + SECRET_LENGTH) {
    const id = entries.number(4);
    keys.set(id, new DataKey(id, entries.take(SECRET_LENGTH)));
  }
  wipe(plaintext);
  return keys;
}
