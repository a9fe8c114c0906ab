import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ServerType } from "@hono/node-server";
import type { Hint } from "@openmls-ts/client";
import { type WebSocket, WebSocketServer } from "ws";
import type { Authenticator } from "./authenticator.ts";
import { encodeJson, toText } from "./json.ts";
import type { Metrics } from "./metrics.ts";

const PROTOCOL = "openmls-ts.v1";
const AUTH_MS = 5000;
const PING_MS = 30_000;
/** Sockets of one device. */
const PER_DEVICE = 4;
/** Bytes that may wait in a socket; beyond that hints are dropped. */
const BUFFER = 256 * 1024;

/** Pushes hints. A socket's first frame is its token; it is never in an address. */
export class Sockets {
  readonly #authenticator: Authenticator;
  readonly #metrics: Metrics;
  readonly #server: WebSocketServer = new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
  });
  readonly #byDevice = new Map<string, Set<WebSocket>>();
  readonly #ping: ReturnType<typeof setInterval>;

  constructor(authenticator: Authenticator, metrics: Metrics) {
    this.#authenticator = authenticator;
    this.#metrics = metrics;
    this.#ping = setInterval(() => {
      for (const sockets of this.#byDevice.values()) for (const socket of sockets) socket.ping();
    }, PING_MS);
    this.#ping.unref();
  }

  attach(server: ServerType): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const offered = request.headers["sec-websocket-protocol"]?.split(/,\s*/) ?? [];
      if (request.url !== "/v1/socket" || !offered.includes(PROTOCOL)) {
        socket.end("HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\n\r\n");
        return;
      }
      this.#server.handleUpgrade(request, socket, head, (opened) => this.#greet(opened));
    });
  }

  tell(device: Uint8Array, hint: Hint): void {
    const frame = JSON.stringify(encodeJson(hint));
    for (const socket of this.#byDevice.get(toText(device)) ?? []) {
      if (socket.bufferedAmount < BUFFER) socket.send(frame);
    }
  }

  close(): void {
    clearInterval(this.#ping);
    for (const sockets of this.#byDevice.values()) for (const socket of sockets) socket.close(1012);
    this.#server.close();
  }

  #greet(socket: WebSocket): void {
    const late = setTimeout(() => socket.close(4408, "no token"), AUTH_MS);
    socket.on("error", () => socket.terminate());
    socket.once("message", (data) => {
      clearTimeout(late);
      const device = this.#authenticator.device(tokenIn(data as Buffer));
      if (device === undefined) {
        socket.close(4401, "no valid token");
        return;
      }
      this.#admit(toText(device), socket);
    });
    socket.once("close", () => clearTimeout(late));
  }

  #admit(device: string, socket: WebSocket): void {
    const sockets = this.#byDevice.get(device) ?? new Set<WebSocket>();
    if (sockets.size >= PER_DEVICE) {
      socket.close(4429, "too many sockets");
      return;
    }
    sockets.add(socket);
    this.#byDevice.set(device, sockets);
    this.#metrics.sockets++;
    socket.once("close", () => {
      sockets.delete(socket);
      this.#metrics.sockets--;
      if (sockets.size === 0) this.#byDevice.delete(device);
    });
    socket.send(JSON.stringify({ kind: "everything" }));
  }
}

function tokenIn(data: Buffer): string {
  try {
    const { token } = JSON.parse(data.toString("utf8")) as { readonly token?: unknown };
    return typeof token === "string" ? token : "";
  } catch {
    return "";
  }
}
