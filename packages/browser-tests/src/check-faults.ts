import type { BrowserContext, CDPSession } from "playwright-core";
import type { Checks } from "./harness/checks.ts";
import type { TestServer } from "./harness/server.ts";
import { openTab } from "./harness/tab.ts";

const LOST = "ERR_MLS_STORAGE lost";

/** What other tabs and the browser do to a database that is in use. */
export async function checkFaults(
  checks: Checks,
  context: BrowserContext,
  { origin }: TestServer,
): Promise<void> {
  const [one, two] = [await openTab(context, origin), await openTab(context, origin)];

  await checks.part("a database deleted by another tab", async () => {
    await one.run("hold", "deleted");
    expectText(await two.run("deleteDatabase", "deleted"), "ok");
    expectText(await one.run("readHeld", "deleted"), "ERR_MLS_STORAGE deleted");
    return { passed: 1 };
  });

  await checks.part("storage that is asked to persist", async () => {
    expectText(await one.run("persistence", undefined), "boolean number");
    expectText(await one.run("persistence", undefined, "worker"), "boolean number");
    return { passed: 1 };
  });

  // Only Chromium's protocol can fill the disk and clear what a site stored.
  const protocol = await context.newCDPSession(context.pages()[0]!).catch(() => undefined);
  if (protocol !== undefined) {
    // An origin of its own, of whose disk Chromium has no opinion yet.
    const fresh = origin.replace("localhost", "fresh.localhost");
    const tab = await openTab(context, fresh);
    await checkWithProtocol(checks, protocol, tab, fresh);
    await tab.close();
  }
  await Promise.all([one.close(), two.close()]);
}

async function checkWithProtocol(
  checks: Checks,
  protocol: CDPSession,
  tab: Awaited<ReturnType<typeof openTab>>,
  origin: string,
): Promise<void> {
  await checks.part("a full disk", async () => {
    await protocol.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 2 ** 20 });
    await tab.run("hold", "full");
    expectText(await tab.run("writeMuch", { name: "full", mebibytes: 8 }), "ERR_MLS_STORAGE quota");
    await protocol.send("Storage.overrideQuotaForOrigin", { origin });
    expectText(String(await tab.run("countHeld", "full")), "1");
    expectText(await tab.run("writeMuch", { name: "full", mebibytes: 8 }), "ok");
    return { passed: 1 };
  });

  await checks.part("storage that the user clears", async () => {
    await tab.run("hold", "cleared");
    await protocol.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
    expectText(await tab.run("readHeld", "cleared"), LOST);
    expectText(await tab.run("readHeld", "cleared"), LOST);
    return { passed: 1 };
  });
}

function expectText(found: string, expected: string): void {
  if (found !== expected) {
    throw new Error(`expected ${expected}, found ${found}`);
  }
}
