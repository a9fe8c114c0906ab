import { isMlsError, MlsError } from "@openmls-ts/traits";
import { checked, type Codec, decode, encode, malformed, opaque, struct, uint8 } from "../codec/index.ts";
import { EPOCH_SECRET_NAMES, type EpochSecretName, EpochSecrets } from "./epoch-secrets.ts";

const FORMAT = 1;

type Stored = { readonly format: number } & Readonly<Record<EpochSecretName, Uint8Array>>;

// Not of the RFC. All secrets of an epoch have the same length, Nh.
//   struct {
//       uint8 format = 1;
//       opaque sender_data_secret<V>; opaque exporter_secret<V>;  opaque external_secret<V>; opaque confirmation_key<V>;
//       opaque membership_key<V>;     opaque resumption_psk<V>;   opaque epoch_authenticator<V>; opaque init_secret<V>;
//   } EpochSecretsRecord;
const record: Codec<Stored> = checked(
  struct<Stored>({
    format: checked(uint8, (format) => {
      if (format !== FORMAT) {
        throw unreadable(`epoch secrets of format ${format}`);
      }
    }),
    ...(Object.fromEntries(EPOCH_SECRET_NAMES.map((name) => [name, opaque])) as Record<
      EpochSecretName,
      Codec<Uint8Array>
    >),
  }),
  (stored) => {
    const { length } = stored.initSecret;
    if (length === 0 || EPOCH_SECRET_NAMES.some((name) => stored[name].length !== length)) {
      throw malformed("epoch secrets differ in length");
    }
  },
);

function unreadable(message: string, cause?: unknown): MlsError {
  return new MlsError("ERR_MLS_STORAGE_FORMAT", message, cause === undefined ? {} : { cause });
}

/** The stored form, without the encryption_secret. Wipe it once it is written. */
export function encodeEpochSecrets(secrets: EpochSecrets): Uint8Array {
  const stored: Partial<Record<EpochSecretName, Uint8Array>> = {};
  for (const name of EPOCH_SECRET_NAMES) {
    stored[name] = secrets[name].expose();
  }
  return encode(record, { format: FORMAT, ...(stored as Record<EpochSecretName, Uint8Array>) });
}

/**
 * Reads what {@link encodeEpochSecrets} wrote.
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT`
 */
export function decodeEpochSecrets(bytes: Uint8Array): EpochSecrets {
  let stored: Stored;
  try {
    stored = decode(record, bytes);
  } catch (error) {
    throw isMlsError(error, "ERR_MLS_DECODE") ? unreadable("malformed epoch secrets", error) : error;
  }
  return EpochSecrets.restore((name) => stored[name]);
}
