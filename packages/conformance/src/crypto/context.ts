import type { CipherSuite, CipherSuiteParams, CryptoProvider } from "@openmls-ts/traits";
import { CIPHER_SUITES } from "@openmls-ts/traits";
import type { ConformanceCase } from "../case.ts";
import { checkRejects } from "../case.ts";
import type { KnownAnswers } from "./known-inputs.ts";
import { KNOWN_ANSWERS } from "./known-answers.ts";

/** How the cases get at the implementation under test. */
export interface CryptoConformanceContext {
  readonly provider: CryptoProvider;
}

/** One requirement on a `CryptoProvider`. */
export type CryptoConformanceCase = ConformanceCase<CryptoConformanceContext>;

type SuiteBody = (suite: CipherSuite, answers: KnownAnswers) => Promise<void>;

/**
 * One case for every suite of the registry that `applies` admits. On a provider that does not list the suite, the
 * requirement is that `cipherSuite` refuses it.
 */
export function suiteCases(
  requirement: string,
  body: SuiteBody,
  applies: (params: CipherSuiteParams) => boolean = () => true,
): readonly CryptoConformanceCase[] {
  return CIPHER_SUITES.filter((params) => applies(params)).map((params) => ({
    name: `suite ${params.id}: ${requirement}`,
    async run({ provider }) {
      const supported = await provider.supportedCipherSuites();
      if (!supported.includes(params.id)) {
        const refused = async (): Promise<unknown> => provider.cipherSuite(params.id);
        await checkRejects("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", refused, "a suite that is not listed");
        return;
      }
      const answers = KNOWN_ANSWERS.find(({ suite }) => suite === params.id);
      if (answers === undefined) {
        throw new Error(`no known answers for suite ${params.id}`);
      }
      await body(await provider.cipherSuite(params.id), answers);
    },
  }));
}

/** Suites over the NIST curves: points have a form, scalars a range. */
export function isNist(params: CipherSuiteParams): boolean {
  return params.kem.curve?.startsWith("P-") === true;
}

/** Suites over Curve25519 and Curve448. */
export function isMontgomery(params: CipherSuiteParams): boolean {
  return !isNist(params);
}
