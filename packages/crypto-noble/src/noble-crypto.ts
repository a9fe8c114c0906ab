import { buildCipherSuite } from "@openmls-ts/hpke";
import type { CipherSuite, CipherSuiteId, CryptoProvider } from "@openmls-ts/traits";
import { CIPHER_SUITES, cipherSuiteParams, MlsError } from "@openmls-ts/traits";
import { noblePrimitives } from "./primitives.ts";

/**
 * A `CryptoProvider` in pure JavaScript for all suites of RFC 9420 §17.1, on any runtime with `crypto.getRandomValues`.
 * JavaScript cannot promise constant time; prefer a native provider where there is one.
 */
export function nobleCrypto(): CryptoProvider {
  return new NobleCrypto();
}

class NobleCrypto implements CryptoProvider {
  readonly name: string = "noble";
  readonly #suites: Map<CipherSuiteId, CipherSuite> = new Map<CipherSuiteId, CipherSuite>();

  async supportedCipherSuites(): Promise<readonly CipherSuiteId[]> {
    return CIPHER_SUITES.map(({ id }) => id).sort((a, b) => a - b);
  }

  async cipherSuite(id: number): Promise<CipherSuite> {
    const params = cipherSuiteParams(id);
    if (params === undefined) {
      throw new MlsError("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", `unknown cipher suite ${id}`);
    }
    let suite = this.#suites.get(params.id);
    if (suite === undefined) {
      suite = buildCipherSuite(noblePrimitives(params));
      this.#suites.set(params.id, suite);
    }
    return suite;
  }
}
