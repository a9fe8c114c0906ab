import { scryptAsync } from "@noble/hashes/scrypt.js";
import {
  badArgument,
  concatBytes,
  numberArgument,
  optionsArgument,
  equalBytes,
  utf8,
} from "@openmls-ts/traits";
import { storeFault, wrongKey } from "./errors.ts";
import { FieldReader, numberField } from "./fields.ts";
import { randomBytes } from "./random.ts";
import { seal, unseal } from "./seal.ts";
import type { StoreKey } from "./store-key.ts";

const SALT_LENGTH = 16;
/** The least cost that is used or believed: 2^15 · 1 KiB = 32 MiB. */
export const MIN_LOG_N = 15;
/** The greatest: 1 GiB. A header that asks for more is no reason to take the memory of the device. */
export const MAX_LOG_N = 20;

/** How a passphrase becomes a key. */
export interface PassphraseOptions {
  /**
   * scrypt's cost as the logarithm of N, with r = 8 and p = 1 (RFC 7914 §2): 2^logN KiB of memory. 15 to 20; default 17.
   * Kept with what is sealed, so it can be raised by `changeKey`.
   */
  readonly logN?: number | undefined;
}

/**
 * A {@link StoreKey} from a passphrase, by scrypt. scrypt and not Argon2id, because this runs in JavaScript: it has no fast
 * 64-bit multiplication, on which Argon2id rests, so an attacker with native code would gain more from it.
 * @param passphrase any text that is not empty; normalised to NFC, so that it can be typed on another keyboard
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function passphraseKey(passphrase: string, options?: PassphraseOptions): StoreKey {
  const { logN } = optionsArgument("options", options, ["logN"]);
  const cost = numberArgument("options.logN", logN ?? 17, MIN_LOG_N, MAX_LOG_N);
  if (typeof passphrase !== "string" || passphrase === "") {
    throw badArgument(
      "passphrase",
      typeof passphrase === "string" ? "" : passphrase,
      "text that is not empty",
    );
  }
  const text = utf8(passphrase.normalize("NFC"));
  // Kept, as the passphrase is: deriving it takes most of a second.
  let derived: { readonly parameters: Uint8Array; readonly key: Promise<Uint8Array> } | undefined;
  const keyFor = async (parameters: Uint8Array): Promise<Uint8Array> => {
    if (derived === undefined || !equalBytes(derived.parameters, parameters)) {
      derived = { parameters, key: derive(text, parameters) };
    }
    return derived.key;
  };
  return {
    kind: "passphrase",
    seal: async (secret, context) => {
      // One salt for all that this object seals is enough: salts are against tables made beforehand.
      const parameters =
        derived?.parameters[0] === cost
          ? derived.parameters
          : concatBytes(numberField(cost, 1), randomBytes(SALT_LENGTH));
      const sealed = seal(await keyFor(parameters), concatBytes(parameters, context), secret);
      return concatBytes(parameters, sealed);
    },
    open: async (sealed, context) => {
      const reader = new FieldReader(sealed, "what the passphrase sealed");
      const parameters = reader.take(1 + SALT_LENGTH);
      const secret = unseal(await keyFor(parameters), concatBytes(parameters, context), reader.rest());
      if (secret === undefined) {
        throw wrongKey();
      }
      return secret;
    },
  };
}

async function derive(text: Uint8Array, parameters: Uint8Array): Promise<Uint8Array> {
  const logN = parameters[0] ?? 0;
  if (logN < MIN_LOG_N || logN > MAX_LOG_N) {
    throw storeFault("damaged", `a cost of 2^${logN} is out of bounds`);
  }
  const options = { N: 2 ** logN, r: 8, p: 1, dkLen: 32, maxmem: 2 ** 31 };
  return scryptAsync(text, parameters.subarray(1), options);
}
