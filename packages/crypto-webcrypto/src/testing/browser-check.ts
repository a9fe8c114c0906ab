// Runs the conformance cases in a real browser:
//   node --conditions=@openmls-ts/source packages/crypto-webcrypto/src/testing/browser-check.ts /usr/bin/chromium
// or a Firefox, which is known by its name.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BrowserReport } from "./browser-page.ts";

const TIMEOUT_MS = 120_000;

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("browser-page.ts", import.meta.url))],
  conditions: ["@openmls-ts/source"],
  bundle: true,
  format: "esm",
  platform: "browser",
  write: false,
});
const script = outputFiles[0]?.text ?? "";

let resolve: (report: BrowserReport) => void;
let reject: (reason: Error) => void;
const answer = new Promise<BrowserReport>((answered, failed) => {
  resolve = answered;
  reject = failed;
});
const server = createServer((request, response) => {
  if (request.method === "POST") {
    text(request)
      .then((body) => {
        resolve(JSON.parse(body) as BrowserReport);
      })
      .catch(reject);
    response.end();
  } else if (request.url === "/page.js") {
    response.setHeader("content-type", "text/javascript").end(script);
  } else {
    response.setHeader("content-type", "text/html").end(`<script type="module" src="/page.js"></script>`);
  }
});
await new Promise<void>((listening) => server.listen(0, "localhost", listening));

// localhost is a secure context: SubtleCrypto is there.
const profile = await mkdtemp(join(tmpdir(), "webcrypto-"));
const program = process.argv[2] ?? "chromium";
const flags = basename(program).startsWith("firefox")
  ? ["--headless", "--no-remote", "--profile", profile]
  : [
      ...["--headless", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      `--user-data-dir=${profile}`,
    ];
const { port } = server.address() as AddressInfo;
const browser = spawn(program, [...flags, `http://localhost:${port}/`], { stdio: "ignore" });
browser.once("error", (error) => {
  reject(error);
});
const timer = setTimeout(() => {
  reject(new Error("the browser did not answer in time"));
}, TIMEOUT_MS);

try {
  const report = await answer;
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  process.exitCode = report.failed.length === 0 ? 0 : 1;
} finally {
  clearTimeout(timer);
  const closed = new Promise((done) => browser.once("close", done));
  if (browser.kill()) {
    await closed;
  }
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
