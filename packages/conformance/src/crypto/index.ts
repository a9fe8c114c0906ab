import { aeadCases } from "./aead-cases.ts";
import type { CryptoConformanceCase } from "./context.ts";
import { hashCases } from "./hash-cases.ts";
import { hpkeCases } from "./hpke-cases.ts";
import { keyCases } from "./key-cases.ts";
import { providerCases } from "./provider-cases.ts";
import { pskCases } from "./psk-cases.ts";
import { signatureCases } from "./signature-cases.ts";

export type { CryptoConformanceCase, CryptoConformanceContext } from "./context.ts";
export type { WycheproofGroup, WycheproofSubject } from "./wycheproof/index.ts";
export { wycheproofCases, wycheproofFiles } from "./wycheproof/index.ts";

/** Everything a `CryptoProvider` promises, as cases that any test runner can run. */
export const cryptoProviderCases: readonly CryptoConformanceCase[] = [
  ...providerCases,
  ...hashCases,
  ...aeadCases,
  ...hpkeCases,
  ...pskCases,
  ...keyCases,
  ...signatureCases,
];
