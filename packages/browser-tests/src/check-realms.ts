import type { BrowserContext } from "playwright-core";
import { allPassed, type Checks } from "./harness/checks.ts";
import type { TestServer } from "./harness/server.ts";
import { openTab } from "./harness/tab.ts";
import type { Realm } from "./realm/page.ts";
import { PROVIDERS } from "./tasks/providers.ts";

export const REALMS: readonly Realm[] = ["page", "worker", "service worker"];

/** The conformance cases, everywhere that a browser runs code. */
export async function checkRealms(
  checks: Checks,
  context: BrowserContext,
  { origin }: TestServer,
): Promise<void> {
  const tab = await openTab(context, origin);
  for (const realm of REALMS) {
    for (const durability of ["strict", "relaxed"] as const) {
      await checks.part(`storage cases in a ${realm}, ${durability}`, async () =>
        allPassed(await tab.run("conformance", durability, realm)),
      );
    }
  }
  for (const realm of REALMS) {
    await checks.part(`storage cases in a ${realm}, encrypted over IndexedDB`, async () =>
      allPassed(await tab.run("encryptedConformance", "relaxed", realm)),
    );
  }
  for (const crypto of PROVIDERS) {
    // What is pure JavaScript is the same everywhere.
    for (const realm of crypto === "webcrypto" ? REALMS : (["page"] as const)) {
      await checks.part(`crypto cases of ${crypto} in a ${realm}`, async () => {
        const report = await tab.run("cryptoConformance", crypto, realm);
        const { passed } = allPassed(report);
        return { passed, note: `${passed} passed, suites ${report.suites.join(" ")}` };
      });
    }
  }
  await checks.part("a small write", async () => {
    const [strict, relaxed] = [await tab.run("writeTime", "strict"), await tab.run("writeTime", "relaxed")];
    return { passed: 1, note: `strict ${strict.toFixed(2)} ms, relaxed ${relaxed.toFixed(2)} ms` };
  });
  await tab.close();
}
