import { MlsError } from "@openmls-ts/traits";

/** The part of Web Crypto that every runtime with a random generator has; older React Native needs a polyfill. */
interface RandomSource {
  readonly crypto?: { readonly getRandomValues?: (target: Uint8Array) => Uint8Array };
}

/**
 * Some bytes of the runtime's cryptographically secure generator.
 * @param length at most 65536
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` where there is none
 */
export function randomBytes(length: number): Uint8Array {
  const { crypto } = globalThis as RandomSource;
  if (typeof crypto?.getRandomValues !== "function") {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "this runtime has no crypto.getRandomValues");
  }
  return crypto.getRandomValues(new Uint8Array(length));
}
