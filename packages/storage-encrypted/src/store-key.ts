import { badArgument, bytesArgument, equalBytes, isMlsError, utf8, wipe } from "@openmls-ts/traits";
import { innerError, wrongKey } from "./errors.ts";
import { seal, unseal } from "./seal.ts";

/**
 * What opens a store. It encrypts nothing but the store's own data keys, a few times in its life, so it may be slow and
 * far away: a passphrase, a `CryptoKey`, a key service of one's own.
 */
export interface StoreKey {
  /** Stored in clear: 1 to 32 ASCII letters, digits and `-`. A store is opened by a key of the kind that sealed it. */
  readonly kind: string;
  /**
   * Encrypts and authenticates `secret`, and authenticates `context`. What is needed for opening goes into the result.
   */
  seal(secret: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /**
   * Opens what {@link seal} made. The result is the caller's, who wipes it.
   * @throws MlsError `ERR_MLS_DECRYPTION` when this key, or what is authenticated, is another
   */
  open(sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
}

/**
 * A {@link StoreKey} of 32 random bytes, for example from the key chain of the operating system.
 * @param bytes 32 bytes, copied: wipe yours
 * @throws MlsError `ERR_MLS_USAGE` for anything else
 */
export function bytesKey(bytes: Uint8Array): StoreKey {
  const key = bytesArgument("bytes", bytes);
  if (key.length !== 32) {
    throw badArgument("bytes.length", key.length, "32");
  }
  return {
    kind: "bytes",
    seal: async (secret, context) => seal(key, context, secret),
    open: async (sealed, context) => {
      const secret = unseal(key, context, sealed);
      if (secret === undefined) {
        throw wrongKey();
      }
      return secret;
    },
  };
}

/** Looks at a key that somebody passed in. @throws MlsError `ERR_MLS_USAGE` */
export function storeKeyArgument(value: unknown): StoreKey {
  const key = value as StoreKey | null | undefined;
  const fits =
    typeof key === "object" &&
    key !== null &&
    typeof key.seal === "function" &&
    typeof key.open === "function" &&
    typeof key.kind === "string" &&
    /^[A-Za-z0-9-]{1,32}$/.test(key.kind);
  if (!fits) {
    throw badArgument("key", value, "a key made by passphraseKey, webCryptoKey or bytesKey");
  }
  return key;
}

/** Seals with a key that may be anybody's code, and sees that it opens what it sealed. */
export async function sealWith(key: StoreKey, secret: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
  try {
    // Copies: the key's code may keep or change what it is given.
    const sealed = bytesArgument("the result of key.seal", await key.seal(secret.slice(), context.slice()));
    const opened = await openWith(key, sealed, context);
    const same = equalBytes(opened, secret);
    wipe(opened);
    if (!same) {
      throw wrongKey();
    }
    return sealed;
  } catch (error) {
    throw innerError(error);
  }
}

/** Opens with a key that may be anybody's code. @throws MlsError `ERR_MLS_DECRYPTION` whatever else it throws */
export async function openWith(key: StoreKey, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
  try {
    return bytesArgument("the result of key.open", await key.open(sealed.slice(), context.slice()));
  } catch (error) {
    throw isMlsError(error) ? error : wrongKey();
  }
}

/** What data keys are sealed for. */
export function keyContext(kind: string): Uint8Array {
  return utf8(`openmls-ts storage-encrypted 1 ${kind}`);
}
