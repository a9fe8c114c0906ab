import {
  bytesArgument,
  deepCopy,
  isMlsError,
  listArgument,
  MlsError,
  optionsArgument,
} from "@openmls-ts/traits";
import { type Codec, encode } from "../codec/index.ts";
import {
  type Capabilities,
  capabilities,
  credential,
  type CredentialWithKey,
  type Extension,
  extensions,
} from "../wire/index.ts";

/**
 * A copy of a structure that a caller passes, which can be written as it should be.
 * @throws MlsError `ERR_MLS_USAGE` naming the argument, `ERR_MLS_VALIDATION` where the structure has rules of its own
 */
export function structArgument<T>(name: string, codec: Codec<T>, value: T): T {
  const copy = deepCopy(value);
  try {
    encode(codec, copy);
  } catch (cause) {
    if (isMlsError(cause) && cause.code !== "ERR_MLS_ENCODE") {
      throw cause;
    }
    const why = isMlsError(cause) ? cause.message : "a field is missing";
    throw new MlsError("ERR_MLS_USAGE", `${name} cannot be written: ${why}`, {
      cause,
      details: { argument: name },
    });
  }
  return copy;
}

/** @throws MlsError `ERR_MLS_USAGE` */
export function credentialWithKeyArgument(name: string, value: CredentialWithKey): CredentialWithKey {
  const given = value as Partial<CredentialWithKey> | null | undefined;
  return {
    credential: structArgument(
      `${name}.credential`,
      credential,
      given?.credential as CredentialWithKey["credential"],
    ),
    signatureKey: bytesArgument(`${name}.signatureKey`, given?.signatureKey),
  };
}

const NONE: Capabilities = { versions: [], cipherSuites: [], extensions: [], proposals: [], credentials: [] };

/** Some capabilities, with empty lists in place of the others. @throws MlsError `ERR_MLS_USAGE` */
export function capabilitiesArgument(value: Partial<Capabilities>): Capabilities {
  const name = "capabilities";
  const given = optionsArgument(name, value, Object.keys(NONE) as (keyof Capabilities)[]);
  return structArgument(name, capabilities, { ...NONE, ...given });
}

/** @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_VALIDATION` rule rfc114 */
export function extensionsArgument(name: string, value: readonly Extension[]): readonly Extension[] {
  return structArgument(name, extensions, listArgument(name, value));
}
