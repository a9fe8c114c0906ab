import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What a server does beside serving pages. */
export interface ServerOptions {
  /** Texts by path. */
  readonly texts?: Readonly<Record<string, () => string>>;
  /** Told the body of each POST, in the order in which they came. */
  readonly post?: (body: string) => void;
}

/** A server on localhost, which browsers take for a secure context. */
export interface TestServer {
  readonly origin: string;
  /** Serves a value as JSON from now on; returns its path. */
  offer(value: unknown): string;
  close(): Promise<void>;
}

const entry = (name: string): string => fileURLToPath(new URL(`../realm/${name}`, import.meta.url));

/** Bundles the pages' code as an application would. @returns names and texts of scripts */
async function bundles(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [entry("page.ts"), entry("worker.ts"), entry("crash-page.ts")],
    outdir: "/",
    conditions: ["@openmls-ts/source"],
    bundle: true,
    format: "iife",
    target: "es2022",
    platform: "browser",
    write: false,
  });
  return new Map(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf("/")), text]));
}

/** Starts the server; `/page` is a page that can be given orders. */
export async function testServer({ texts = {}, post }: ServerOptions = {}): Promise<TestServer> {
  const scripts = await bundles();
  const offers: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const [type, body] = contentOf(path);
    if (request.method === "POST") {
      text(request)
        .then((sent) => {
          post?.(sent);
          response.end();
        })
        .catch(() => response.destroy()); // cut off
    } else if (body === undefined) {
      response.writeHead(404).end();
    } else {
      response.setHeader("content-type", type).end(body);
    }
  });
  const contentOf = (path: string): readonly [type: string, body: string | undefined] => {
    if (path.startsWith("/offer/")) {
      return ["application/json", offers[Number(path.slice(7))]];
    }
    if (scripts.has(`${path}.js`)) {
      return ["text/html", `<!doctype html><title>test</title><script src="${path}.js"></script>`];
    }
    return scripts.has(path) ? ["text/javascript", scripts.get(path)] : ["text/plain", texts[path]?.()];
  };
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    offer: (value) => `/offer/${offers.push(JSON.stringify(value)) - 1}`,
    close: async () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
