import { type CipherSuite, MlsError, wipe } from "@openmls-ts/traits";
import { type Codec, decode, encode, malformed, opaque, struct } from "../codec/index.ts";
import { EPOCH_SECRET_NAMES, type EpochSecretName, EpochSecrets } from "./epoch-secrets.ts";

type Stored = Readonly<Record<EpochSecretName, Uint8Array>>;

// Not of the RFC. All secrets of an epoch have the same length, Nh.
//   struct {
//       opaque sender_data_secret<V>; opaque exporter_secret<V>;  opaque external_secret<V>; opaque confirmation_key<V>;
//       opaque membership_key<V>;     opaque resumption_psk<V>;   opaque epoch_authenticator<V>; opaque init_secret<V>;
//   } EpochSecretsRecord;
// The format version of the record that they are part of stands before them, and not here.
const record: Codec<Stored> = struct<Stored>(
  Object.fromEntries(EPOCH_SECRET_NAMES.map((name) => [name, opaque])) as Record<
    EpochSecretName,
    Codec<Uint8Array>
  >,
);

/** The stored form, without what is taken once. Wipe it once it is written. */
export function encodeEpochSecrets(secrets: EpochSecrets): Uint8Array {
  const stored: Partial<Record<EpochSecretName, Uint8Array>> = {};
  for (const name of EPOCH_SECRET_NAMES) {
    stored[name] = secrets[name].expose();
  }
  return encode(record, stored as Stored);
}

/**
 * Reads what {@link encodeEpochSecrets} wrote.
 * @param bytes wiped
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT`
 */
export function decodeEpochSecrets(suite: CipherSuite, bytes: Uint8Array): EpochSecrets {
  let stored: Stored;
  try {
    stored = decode(record, bytes);
    if (EPOCH_SECRET_NAMES.some((name) => stored[name].length !== suite.params.kdf.hashLength)) {
      throw malformed("epoch secrets of another length");
    }
  } catch (cause) {
    throw new MlsError("ERR_MLS_STORAGE_FORMAT", "malformed epoch secrets", { cause });
  } finally {
    wipe(bytes);
  }
  return EpochSecrets.restore((name) => stored[name]);
}
