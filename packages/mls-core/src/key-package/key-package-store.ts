import {
  bytesArgument,
  type MlsProvider,
  type StorageKey,
  type StorageProvider,
  type StorageRecord,
  wipe,
} from "@openmls-ts/traits";
import { type Codec, encode, opaque, struct, uint8 } from "../codec/index.ts";
import { bundleOf, type FeatureSet } from "../feature/index.ts";
import { decodeRecord, withFormat } from "../stored-format.ts";
import { storageOf } from "../typed-storage.ts";
import { type KeyPackageStruct, keyPackageStruct, lifetimeOf } from "../wire/index.ts";

/** A KeyPackage of this client with its private keys, as stored until somebody uses it. */
export interface KeyPackageSecrets {
  readonly keyPackage: KeyPackageStruct;
  readonly initPrivateKey: Uint8Array;
  readonly encryptionPrivateKey: Uint8Array;
  /** Whether its keys stay after a join. */
  readonly reusable: boolean;
}

interface Stored extends Omit<KeyPackageSecrets, "reusable"> {
  readonly reusable: number;
}

const stored: Codec<Stored> = struct<Stored>({
  reusable: uint8,
  initPrivateKey: opaque,
  encryptionPrivateKey: opaque,
  keyPackage: keyPackageStruct,
});

const TABLE = "key_package";
const NOBODY = new Uint8Array();

/** Where a KeyPackage's private keys lie. */
export function keyPackageKey(ref: Uint8Array): StorageKey {
  return { table: TABLE, owner: NOBODY, id: ref };
}

/** The value is the caller's to wipe once it is written. */
export function keyPackageRecord(ref: Uint8Array, secrets: KeyPackageSecrets): StorageRecord {
  const encoded = encode(stored, { ...secrets, reusable: secrets.reusable ? 1 : 0 });
  const value = withFormat(encoded, TABLE);
  wipe(encoded);
  return { key: keyPackageKey(ref), value };
}

/** @throws MlsError `ERR_MLS_STORAGE_FORMAT` */
export function decodeKeyPackageRecord(value: Uint8Array): KeyPackageSecrets {
  const { reusable, ...rest } = decodeRecord(stored, value, TABLE);
  return { ...rest, reusable: reusable === 1 };
}

/** The private keys of a KeyPackage of ours, or `undefined`. */
export async function loadKeyPackage(
  storage: StorageProvider,
  ref: Uint8Array,
): Promise<KeyPackageSecrets | undefined> {
  const value = await storage.get(keyPackageKey(ref));
  try {
    return value === undefined ? undefined : decodeKeyPackageRecord(value);
  } finally {
    wipe(value);
  }
}

/** A KeyPackage of this client that waits in the store, without its private keys. */
export interface StoredKeyPackage {
  /** The KeyPackageRef (RFC 9420 §5.2). */
  readonly ref: Uint8Array;
  readonly cipherSuite: number;
  /** Whether its keys stay after a join (RFC 9420 §16.8). */
  readonly reusable: boolean;
  /** Seconds since 1970. */
  readonly notAfter: bigint;
  readonly fields: KeyPackageStruct;
}

/** The references of all KeyPackages in the store, and nothing of their content. */
export async function keyPackageRefs(storage: StorageProvider): Promise<Uint8Array[]> {
  const records = await storage.list({ table: TABLE, owner: NOBODY, id: NOBODY });
  records.forEach(({ value }) => wipe(value));
  return records.map(({ key }) => key.id);
}

/** This client's KeyPackages that nobody has used yet. @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT` */
export async function listKeyPackages(provider: MlsProvider): Promise<StoredKeyPackage[]> {
  const { provider: checked } = bundleOf(provider);
  const records = await storageOf(checked).list({ table: TABLE, owner: NOBODY, id: NOBODY });
  return records.map(({ key, value }) => {
    const { keyPackage, reusable, initPrivateKey, encryptionPrivateKey } = decodeKeyPackageRecord(value);
    wipe(initPrivateKey, encryptionPrivateKey, value);
    const { leafNode, cipherSuite } = keyPackage;
    const notAfter = lifetimeOf(leafNode)?.notAfter ?? 0n;
    return { ref: new Uint8Array(key.id), cipherSuite, reusable, notAfter, fields: keyPackage };
  });
}

/** Deletes KeyPackages with their private keys: Welcomes for them cannot be opened any more. @throws MlsError */
export async function deleteKeyPackages(provider: MlsProvider, refs: readonly Uint8Array[]): Promise<void> {
  const { provider: checked } = bundleOf(provider);
  const deletes = [...refs].map((ref, at) => keyPackageKey(bytesArgument(`refs[${at}]`, ref)));
  await storageOf(checked).write({ deletes });
}

/**
 * Deletes the KeyPackages whose lifetime is over, reusable ones included, in one write.
 * @returns how many there were
 * @throws MlsError `ERR_MLS_STORAGE`
 */
export async function sweepKeyPackages(provider: MlsProvider): Promise<number> {
  const { clock } = bundleOf(provider);
  const now = clock.now();
  const expired = (await listKeyPackages(provider)).filter(({ notAfter }) => notAfter < now);
  await deleteKeyPackages(
    provider,
    expired.map(({ ref }) => ref),
  );
  return expired.length;
}

/** Whether the features call a KeyPackage reusable, or its maker did. */
export function isReusable(features: FeatureSet, keyPackage: KeyPackageStruct, asked: boolean): boolean {
  return asked || features.reusable(keyPackage);
}
