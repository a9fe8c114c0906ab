import type { BrowserContext } from "playwright-core";
import type { Checks } from "./harness/checks.ts";
import type { TestServer } from "./harness/server.ts";
import { openTab, type Tab } from "./harness/tab.ts";
import { differences } from "./multiset.ts";
import type { Realm } from "./realm/page.ts";

/** What two tabs do, in turns or not. */
interface Scene {
  readonly server: TestServer;
  readonly tabs: readonly [Tab, Tab];
  /** What each of them sends; in turns it reads as many messages too. */
  readonly count: number;
}

/** Two tabs with one state: nothing lost, nothing used twice, nothing shown in one tab only. */
export async function checkTabs(
  checks: Checks,
  context: BrowserContext,
  server: TestServer,
  operations: number,
): Promise<void> {
  const tabs = [await openTab(context, server.origin), await openTab(context, server.origin)] as const;
  const scene = { server, tabs, count: Math.ceil(operations / 2) };
  const each = `${2 * scene.count} operations each`;
  await checks.part(`two tabs take turns, ${each}`, async () => takeTurns(scene, "page"));
  const few = { ...scene, count: Math.min(scene.count, 10) };
  await checks.part("a page and a service worker take turns", async () => takeTurns(few, "service worker"));
  await checks.part(`two tabs retry, ${scene.count} operations each`, async () => retry(scene));
  await Promise.all(tabs.map(async (tab) => tab.close()));
}

/** @param other where the second one is */
async function takeTurns(
  { server, tabs, count }: Scene,
  other: Realm,
): Promise<{ readonly passed: number; readonly note: string }> {
  const [one, two] = tabs;
  const mark = await one.run("storyBegins", { crypto: "webcrypto", name: `turns-${other}` });
  await one.run("keepPastEpochs", mark);
  const messages = server.offer(await one.run("bobWrites", { mark, count: 2 * count }));
  const work = { mark, operations: 2 * count, messages };
  const [told, toldToo] = await Promise.all([
    one.run("aliceTakesTurns", { ...work, tab: 0 }),
    two.run("aliceTakesTurns", { ...work, tab: 1 }, other),
  ]);
  if (JSON.stringify(told) !== JSON.stringify(toldToo)) {
    throw new Error("the two were not told the same");
  }
  const ofKind = (kind: string): string[] =>
    told.filter((event) => event.startsWith(kind)).map((event) => event.slice(kind.length + 1));
  const bobs = Array.from({ length: 2 * count }, (_, i) => `bob ${i}`);
  expectSame(ofKind("read"), bobs);
  const sent = server.offer(ofKind("sent"));
  expectSame(await one.run("bobReads", { mark, messages: sent }), textsOf(count));
  return { passed: 1, note: `${told.length} events in both` };
}

async function retry({ server, tabs, count }: Scene): Promise<{ readonly passed: number }> {
  const [one] = tabs;
  const mark = await one.run("storyBegins", { crypto: "webcrypto", name: "retrying" });
  const work = { mark, operations: count };
  const sent = await Promise.all(tabs.map(async (each, tab) => each.run("aliceRetries", { ...work, tab })));
  const messages = server.offer(sent.flat());
  expectSame(await one.run("bobReads", { mark, messages }), textsOf(count));
  return { passed: 1 };
}

/** What both tabs send. */
function textsOf(count: number): string[] {
  return [0, 1].flatMap((tab) => Array.from({ length: count }, (_, i) => `tab ${tab} ${i}`));
}

function expectSame(found: readonly string[], expected: readonly string[]): void {
  const { missing, unexpected } = differences(found, expected);
  if (missing.length + unexpected.length > 0) {
    throw new Error(
      `lost: ${missing.slice(0, 5).join(", ")}; too many: ${unexpected.slice(0, 5).join(", ")}`,
    );
  }
}
