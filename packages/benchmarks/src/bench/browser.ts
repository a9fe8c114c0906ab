import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { browserNamed, launch } from "@openmls-ts/browser-tests/launch";
import { build } from "esbuild";
import type { PageOrder } from "./in-browser.ts";
import type { Row } from "./run.ts";

/** Measures in a page of a browser of this system. */
export async function inBrowser(
  browser: string,
  order: PageOrder,
): Promise<{ machine: string; rows: Row[] }> {
  const name = browserNamed(browser);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./in-browser.ts", import.meta.url))],
    conditions: ["@openmls-ts/source"],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    platform: "browser",
    write: false,
  });
  const script = outputFiles[0]!.text;
  const server = createServer((request, response) => {
    // An isolated page has a clock with steps of 5 µs instead of 100.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    const [type, body] =
      request.url === "/bench.js"
        ? ["text/javascript", script]
        : ["text/html", '<!doctype html><title>bench</title><script src="/bench.js"></script>'];
    response.setHeader("content-type", type).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  const running = await launch(name);
  const { context } = running;
  try {
    const page = await context.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    const rows = await page.evaluate(
      async (what) => (globalThis as unknown as { bench(order: PageOrder): Promise<Row[]> }).bench(what),
      order,
    );
    return { machine: `${name} ${context.browser()?.version() ?? ""}`, rows };
  } finally {
    await running.close();
    server.close();
  }
}
