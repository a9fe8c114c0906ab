import { MlsError, type MlsProvider } from "@openmls-ts/traits";
import { type KeyPackage, KeyPackageIn } from "./key-package.ts";
import { keyPackageRecord } from "./key-package-store.ts";
import { storageOf } from "../typed-storage.ts";

/** The private keys of a KeyPackage made elsewhere. */
export interface KeyPackagePrivateKeys {
  /** Nsk bytes. */
  readonly initPrivateKey: Uint8Array;
  /** Nsk bytes. */
  readonly encryptionPrivateKey: Uint8Array;
  /** Keeps the keys after a join (RFC 9420 §16.8). Default: no. */
  readonly lastResort?: boolean;
}

/**
 * Takes over a KeyPackage with its private keys, for example from a backup or from another implementation.
 * @param keyPackage an MLSMessage of wire format mls_key_package
 * @throws MlsError as {@link KeyPackageIn.validate}, `ERR_MLS_USAGE` for empty keys, `ERR_MLS_STORAGE`
 */
export async function importKeyPackage(
  provider: MlsProvider,
  keyPackage: Uint8Array,
  keys: KeyPackagePrivateKeys,
): Promise<KeyPackage> {
  const verified = await KeyPackageIn.fromMessage(keyPackage).validate(provider);
  if (keys.initPrivateKey.length === 0 || keys.encryptionPrivateKey.length === 0) {
    throw new MlsError("ERR_MLS_USAGE", "a private key is empty");
  }
  const secrets = { ...keys, keyPackage: verified.fields, lastResort: keys.lastResort ?? false };
  await storageOf(provider).write({ puts: [keyPackageRecord(verified.ref, secrets)] });
  return verified;
}
