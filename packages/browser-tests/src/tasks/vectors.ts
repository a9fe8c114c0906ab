import type { CaseContext } from "@openmls-ts/test-vectors/format";
import { rfcFormats } from "@openmls-ts/test-vectors/rfc-formats";
import { type CipherSuite, isMlsError } from "@openmls-ts/traits";
import type { CaseReport } from "./conformance.ts";
import { cryptoNamed, type ProviderName } from "./providers.ts";

/** Official vectors as the server hands them out: some cases of one suite, `null` for cases without one. */
export interface VectorBatch {
  readonly file: string;
  readonly format: string;
  readonly suite: number | null;
  readonly cases: readonly unknown[];
}

/** Runs the cases at a path of the server. What the provider does not have in this browser counts in neither number. */
export async function vectors(order: {
  readonly path: string;
  readonly crypto: ProviderName;
}): Promise<CaseReport> {
  const { file, format, suite, cases } = (await (await fetch(order.path)).json()) as VectorBatch;
  const runner = rfcFormats.find(({ name }) => name === format);
  if (runner === undefined) {
    throw new Error(`no runner for format ${format}`);
  }
  const crypto = cryptoNamed(order.crypto);
  const supported: readonly number[] = await crypto.supportedCipherSuites();
  if (
    (suite !== null && !supported.includes(suite)) ||
    (await runner.unsupported?.({ crypto })) !== undefined
  ) {
    return { passed: 0, failed: [] };
  }
  // Formats without a suite never ask for it.
  const context: CaseContext = {
    crypto,
    suite: suite === null ? (undefined as unknown as CipherSuite) : await crypto.cipherSuite(suite),
  };
  const failed: string[] = [];
  let passed = 0;
  for (const [index, vector] of cases.entries()) {
    try {
      await runner.run(vector, context);
      passed++;
    } catch (error) {
      // Some cases go on in a second suite.
      if (!isMlsError(error, "ERR_MLS_UNSUPPORTED_CIPHER_SUITE"))
        failed.push(`${file}, suite ${suite}, case ${index}: ${String(error)}`);
    }
  }
  return { passed, failed };
}
