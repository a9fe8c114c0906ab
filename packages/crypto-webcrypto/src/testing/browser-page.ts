import { cryptoProviderCases } from "@openmls-ts/conformance";
import { webCrypto } from "../web-crypto.ts";

/** What the page tells the process that opened it. */
export interface BrowserReport {
  readonly userAgent: string;
  readonly suites: readonly number[];
  /** Why the other suites are missing. */
  readonly missing: readonly string[];
  readonly passed: number;
  readonly failed: readonly string[];
}

async function report(): Promise<BrowserReport> {
  const provider = webCrypto();
  const suites = await provider.supportedCipherSuites();
  const missing: string[] = [];
  for (const id of [1, 2, 3, 4, 5, 6, 7].filter(
    (suite) => !suites.some((supported) => supported === suite),
  )) {
    await provider.cipherSuite(id).catch((error: unknown) => {
      missing.push(`${(error as Error).message}: ${String((error as Error).cause)}`);
    });
  }
  const failed: string[] = [];
  for (const testCase of cryptoProviderCases) {
    await testCase.run({ provider }).catch((error: unknown) => {
      failed.push(`${testCase.name}: ${String(error)}`);
    });
  }
  const passed = cryptoProviderCases.length - failed.length;
  return { userAgent: navigator.userAgent, suites, missing, passed, failed };
}

const body = await report().catch((error: unknown) => ({ failed: [String(error)] }));
await fetch("/report", { method: "POST", body: JSON.stringify(body) });
