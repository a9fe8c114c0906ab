import type { BrowserContext } from "playwright-core";
import { REALMS } from "./check-realms.ts";
import type { Checks } from "./harness/checks.ts";
import type { TestServer } from "./harness/server.ts";
import { openTab } from "./harness/tab.ts";
import { PROVIDERS } from "./tasks/providers.ts";

/** A group that is made, reloaded with its page, and goes on; everywhere that a browser runs code. */
export async function checkStory(
  checks: Checks,
  context: BrowserContext,
  { origin }: TestServer,
): Promise<void> {
  const tab = await openTab(context, origin);
  for (const crypto of PROVIDERS) {
    for (const realm of REALMS) {
      await checks.part(`a group over ${crypto} in a ${realm}, with a reload`, async () => {
        const mark = await tab.run("storyBegins", { crypto, name: `story-${crypto}-${realm}` }, realm);
        await tab.reload();
        return { passed: 1, note: await tab.run("storyGoesOn", mark, realm) };
      });
    }
  }
  await tab.close();
}
