import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Serves a page and its script `scene.js` on localhost, which browsers take for a secure context. */
export async function serve(
  script: string,
  page = '<!doctype html><title>scene</title><script src="/scene.js"></script>',
): Promise<{ readonly origin: string; close(): void }> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/scene.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    response.end(isScript ? script : page);
  });
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}/`, close: () => void server.close() };
}
