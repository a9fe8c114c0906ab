import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "@openmls-ts/browser-tests/launch";
import type { BrowserContext, Page } from "playwright-core";
import { bundle } from "../runtimes/bundled.ts";
import { serve } from "../runtimes/serve.ts";
import { blocksOf, shortProgram } from "./pages.ts";

async function open(context: BrowserContext, address: string, name: string): Promise<Page> {
  const page = await context.newPage();
  page.on("dialog", (dialog) => void dialog.accept()); // yes, that is the key that they read to me
  await page.goto(`${address}#${name}`);
  await page.getByText(`${name} is ready`).waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator("input").fill(text);
  await page.locator("input").press("Enter");
}

/** The chat of docs/recipes/browser.md: Alice and Bob, each a tab, talk; Bob reloads, and they talk again. */
export async function playChat(folder: string): Promise<void> {
  writeFileSync(join(folder, "chat.mjs"), shortProgram("recipes/browser.md"));
  const [html = ""] = blocksOf("recipes/browser.md", "html");
  const server = await serve(await bundle(folder, "chat.mjs", "esm"), html.replace("chat.js", "scene.js"));
  const browser = await launch("chromium");
  try {
    const alice = await open(browser.context, server.origin, "alice");
    const bob = await open(browser.context, server.origin, "bob");
    await bob.getByText("You are in the group").waitFor();
    await say(alice, "Hello Bob");
    await bob.getByText("alice: Hello Bob").waitFor();
    await bob.reload();
    await bob.getByText("bob is ready").waitFor();
    await say(bob, "I was away");
    await alice.getByText("bob: I was away").waitFor();
  } finally {
    await browser.close();
    server.close();
  }
}
