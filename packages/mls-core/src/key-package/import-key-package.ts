import { bytesArgument, MlsError, type MlsProvider, optionsArgument, wipe } from "@openmls-ts/traits";
import { environmentFor } from "../feature/index.ts";
import { storageOf } from "../typed-storage.ts";
import { type KeyPackage, KeyPackageIn } from "./key-package.ts";
import { isReusable, keyPackageRecord } from "./key-package-store.ts";

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
 * @throws MlsError as {@link KeyPackageIn.validate}, `ERR_MLS_USAGE` for keys of another length, `ERR_MLS_STORAGE`
 */
export async function importKeyPackage(
  provider: MlsProvider,
  keyPackage: Uint8Array,
  keys: KeyPackagePrivateKeys,
): Promise<KeyPackage> {
  const given = optionsArgument("keys", keys, ["initPrivateKey", "encryptionPrivateKey", "lastResort"]);
  const secrets = {
    initPrivateKey: bytesArgument("keys.initPrivateKey", given.initPrivateKey),
    encryptionPrivateKey: bytesArgument("keys.encryptionPrivateKey", given.encryptionPrivateKey),
  };
  const verified = await KeyPackageIn.fromMessage(keyPackage).validate(provider);
  const { suite, features } = await environmentFor(provider, verified.cipherSuite);
  const { privateKeyLength } = suite.params.kem;
  if (Object.values(secrets).some(({ length }) => length !== privateKeyLength)) {
    throw new MlsError("ERR_MLS_USAGE", `the private keys of this suite have ${privateKeyLength} bytes`);
  }
  const { fields, ref } = verified;
  const reusable = isReusable(features, fields, given.lastResort === true);
  const record = keyPackageRecord(ref, { ...secrets, keyPackage: fields, reusable });
  try {
    await storageOf(provider).write({ puts: [record] });
  } finally {
    wipe(record.value, secrets.initPrivateKey, secrets.encryptionPrivateKey);
  }
  return verified;
}
