import { MlsError } from "@openmls-ts/traits";

/** Web Crypto's limit for one call. */
const QUOTA = 65536;

/** The part of Web Crypto that every runtime with a random generator has; older React Native needs a polyfill. */
interface RandomSource {
  readonly crypto?: { readonly getRandomValues?: (target: Uint8Array) => Uint8Array };
}

/**
 * Bytes of the runtime's cryptographically secure generator.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` where there is none
 */
export function randomBytes(length: number): Uint8Array {
  const { crypto } = globalThis as RandomSource;
  if (typeof crypto?.getRandomValues !== "function") {
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_RUNTIME",
      "this runtime has no crypto.getRandomValues; install a polyfill before using MLS",
    );
  }
  const bytes = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += QUOTA) {
    crypto.getRandomValues(bytes.subarray(offset, offset + QUOTA));
  }
  return bytes;
}
