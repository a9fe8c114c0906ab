import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync } from "node:fs";
import { BROWSERS, launch, PROGRAMS } from "@openmls-ts/browser-tests/launch";
import { bundle } from "./bundled.ts";
import { playedIn, type Runtime } from "./runtime.ts";

/** Serves a page with the script on localhost, which browsers take for a secure context. */
async function serve(script: string): Promise<{ readonly origin: string; close(): void }> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/scene.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    response.end(isScript ? script : '<!doctype html><title>scene</title><script src="/scene.js"></script>');
  });
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}/`, close: () => void server.close() };
}

/** Browsers of the system; one that is not installed is not claimed. */
export const browsers: readonly Runtime[] = BROWSERS.filter((name) => existsSync(PROGRAMS[name])).map(
  (name): Runtime => ({
    id: name,
    title: name === "chromium" ? "Chromium" : "Firefox",
    how: "bundled by esbuild",
    play: async ({ folder }) => {
      const server = await serve(await bundle(folder, "browser-side.mjs", "iife"));
      const browser = await launch(name);
      try {
        const page = await browser.context.newPage();
        await page.goto(server.origin);
        const lines = await page.evaluate(async () =>
          (globalThis as unknown as { scene(): Promise<string[]> }).scene(),
        );
        const version = browser.context.browser()?.version() ?? "";
        return { version, played: playedIn(lines.join("\n")) };
      } finally {
        await browser.close();
        server.close();
      }
    },
  }),
);
