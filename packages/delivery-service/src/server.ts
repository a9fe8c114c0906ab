import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import type { Hint } from "@openmls-ts/client";
import type { CryptoProvider } from "@openmls-ts/traits";
import type { Hono } from "hono";
import { type MayRegister, keyAuthenticator } from "./authenticator.ts";
import { Database } from "./database.ts";
import { type ServiceLimits } from "./limits.ts";
import { Metrics } from "./metrics.ts";
import { Rates } from "./rates.ts";
import { type RequestLog, routes } from "./routes.ts";
import { ServiceCore } from "./service.ts";
import { Sockets } from "./sockets.ts";

/** Choices of {@link startDeliveryService}. */
export interface DeliveryServiceOptions {
  /** Default: any that is free. */
  readonly port?: number;
  /** Default: `127.0.0.1`. */
  readonly host?: string;
  /** File of the database. Default: in memory. */
  readonly file?: string;
  readonly crypto: CryptoProvider;
  /** What devices sign for when they log in: the service's public address. Default: the one that it listens at. */
  readonly origin?: string;
  readonly limits?: Partial<ServiceLimits>;
  /** Who may register. Default: one device for each name, the first that comes. */
  readonly mayRegister?: MayRegister;
  /** Told about each request. */
  readonly log?: (entry: RequestLog) => void;
  /** Seconds since 1970. */
  readonly now?: () => number;
  /** More routes, for example files of a web chat. */
  readonly extend?: (app: Hono) => void;
}

/** A service that runs. */
export interface RunningDeliveryService {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a delivery service: one process on SQLite. */
export async function startDeliveryService(options: DeliveryServiceOptions): Promise<RunningDeliveryService> {
  const {
    port = 0,
    host = "127.0.0.1",
    file = ":memory:",
    crypto,
    limits = {},
    log = () => undefined,
  } = options;
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const database = new Database(file);
  const metrics = new Metrics();
  const authenticator = keyAuthenticator(database, crypto, now, options.mayRegister);
  const sockets = new Sockets(authenticator, metrics);
  const core = new ServiceCore({
    database,
    crypto,
    now,
    limits,
    tell: (device: Uint8Array, hint: Hint) => sockets.tell(device, hint),
  });
  const rates = new Rates(core.limits.rate, core.limits.burst, () => performance.now());
  let url = "";
  const app = routes({
    core,
    authenticator,
    rates,
    metrics,
    log,
    origin: () => options.origin ?? url,
  });
  options.extend?.(app);
  const server: ServerType = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      requestTimeout: core.limits.bodySeconds * 1000,
      headersTimeout: Math.min(5000, core.limits.bodySeconds * 1000),
      connectionsCheckingInterval: 500,
    },
  });
  sockets.attach(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: async () => {
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      database.close();
    },
  };
}
