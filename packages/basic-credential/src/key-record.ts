import { concatBytes, MlsError } from "@openmls-ts/traits";
import type { CipherSuite, StorageKey } from "@openmls-ts/traits";

/** The table of signature keys. */
const TABLE = "signature_keys";

/** First octet of every record; a change of what follows takes the next number. */
const FORMAT = 1;

/**
 * Where a key is stored. The owner is the code point of the signature scheme, not of the suite, so that suites of
 * one scheme share their keys, as RFC 9420 §5.1 lets them.
 */
export function keyRecordName(suite: CipherSuite, publicKey: Uint8Array): StorageKey {
  const { id } = suite.params.signature;
  return { table: TABLE, owner: Uint8Array.of(id >> 8, id & 0xff), id: publicKey };
}

/**
 * ```text
 * struct {
 *   uint8 format = 1;
 *   opaque private_key[length of the scheme's private key];
 * } SignatureKeyRecord;
 * ```
 */
export function encodeKeyRecord(privateKey: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(FORMAT), privateKey);
}

/**
 * The private key in a record, as a copy.
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT`
 */
export function decodeKeyRecord(suite: CipherSuite, record: Uint8Array): Uint8Array {
  if (record[0] !== FORMAT) {
    const format = record[0] === undefined ? "none" : String(record[0]);
    throw new MlsError(
      "ERR_MLS_STORAGE_FORMAT",
      `signature key record of format ${format}, expected ${FORMAT}`,
    );
  }
  if (record.length !== 1 + suite.params.signature.privateKeyLength) {
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", "signature key record of the wrong length");
  }
  return record.slice(1);
}
