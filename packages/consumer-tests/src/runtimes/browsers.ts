import { existsSync } from "node:fs";
import { BROWSERS, launch, PROGRAMS } from "@openmls-ts/browser-tests/launch";
import { bundle } from "./bundled.ts";
import { playedIn, type Runtime } from "./runtime.ts";
import { serve } from "./serve.ts";

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
