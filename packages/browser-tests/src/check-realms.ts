import type { BrowserContext } from "playwright-core";
import { allPassed, type Checks } from "./harness/checks.ts";
import type { TestServer } from "./harness/server.ts";
import { openTab } from "./harness/tab.ts";
import type { Realm } from "./realm/page.ts";

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
  await checks.part("a small write", async () => {
    const [strict, relaxed] = [await tab.run("writeTime", "strict"), await tab.run("writeTime", "relaxed")];
    return { passed: 1, note: `strict ${strict.toFixed(2)} ms, relaxed ${relaxed.toFixed(2)} ms` };
  });
  await tab.close();
}
