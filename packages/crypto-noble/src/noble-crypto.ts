import type { SuiteOptions } from "@openmls-ts/hpke";
import { buildCryptoProvider } from "@openmls-ts/hpke";
import type { CryptoProvider } from "@openmls-ts/traits";
import { optionsArgument } from "@openmls-ts/traits";
import { NOBLE } from "./primitives.ts";

/** Options of {@link nobleCrypto}. */
export type NobleCryptoOptions = SuiteOptions;

/**
 * A `CryptoProvider` in pure JavaScript for all suites of RFC 9420 §17.1, on any runtime with `crypto.getRandomValues`.
 * JavaScript cannot promise constant time; prefer a native provider where there is one.
 * @throws MlsError `ERR_MLS_USAGE` for options that are unknown, and suites that nothing implements
 */
export function nobleCrypto(options?: NobleCryptoOptions): CryptoProvider {
  const { suites } = optionsArgument("options", options, ["suites"]);
  return buildCryptoProvider(NOBLE, suites);
}
