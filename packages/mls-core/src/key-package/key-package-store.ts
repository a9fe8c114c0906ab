import { MlsError, type StorageKey, type StorageProvider, type StorageRecord } from "@openmls-ts/traits";
import { type Codec, decode, encode, opaque, struct, uint8 } from "../codec/index.ts";
import { keyPackageStruct, type KeyPackageStruct } from "../wire/index.ts";

/** A KeyPackage of this client with its private keys, as stored until somebody uses it. */
export interface KeyPackageSecrets {
  readonly keyPackage: KeyPackageStruct;
  readonly initPrivateKey: Uint8Array;
  readonly encryptionPrivateKey: Uint8Array;
  readonly lastResort: boolean;
}

const FORMAT = 1;

interface Stored extends Omit<KeyPackageSecrets, "lastResort"> {
  readonly format: number;
  readonly lastResort: number;
}

const stored: Codec<Stored> = struct<Stored>({
  format: uint8,
  lastResort: uint8,
  initPrivateKey: opaque,
  encryptionPrivateKey: opaque,
  keyPackage: keyPackageStruct,
});

/** Where a KeyPackage's private keys lie. */
export function keyPackageKey(ref: Uint8Array): StorageKey {
  return { table: "key_package", owner: new Uint8Array(), id: ref };
}

export function keyPackageRecord(ref: Uint8Array, secrets: KeyPackageSecrets): StorageRecord {
  const value = encode(stored, { ...secrets, format: FORMAT, lastResort: secrets.lastResort ? 1 : 0 });
  return { key: keyPackageKey(ref), value };
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeKeyPackageRecord(value: Uint8Array): KeyPackageSecrets {
  if (value[0] !== FORMAT) {
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", `key package record of format ${String(value[0])}`);
  }
  const { lastResort, ...rest } = decode(stored, value);
  return { ...rest, lastResort: lastResort === 1 };
}

/** The private keys of a KeyPackage of ours, or `undefined`. */
export async function loadKeyPackage(
  storage: StorageProvider,
  ref: Uint8Array,
): Promise<KeyPackageSecrets | undefined> {
  const value = await storage.get(keyPackageKey(ref));
  return value === undefined ? undefined : decodeKeyPackageRecord(value);
}
