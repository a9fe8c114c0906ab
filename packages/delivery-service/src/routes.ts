import { type CommitBundle, DeliveryError, type DeliveryErrorCode } from "@openmls-ts/client";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { routePath } from "hono/route";
import type { Authenticator } from "./authenticator.ts";
import * as json from "./json.ts";
import type { Metrics } from "./metrics.ts";
import type { Rates } from "./rates.ts";
import type { ServiceCore } from "./service.ts";

/** The status of each refusal. */
const STATUS: Readonly<Record<DeliveryErrorCode, 401 | 403 | 404 | 409 | 413 | 422 | 429 | 503>> = {
  conflict: 409,
  "not-allowed": 403,
  "unknown-group": 404,
  invalid: 422,
  "too-large": 413,
  rate: 429,
  unauthenticated: 401,
  unavailable: 503,
};

/** A line about a request; never contents. */
export interface RequestLog {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** What the routes need. */
export interface RouteOptions {
  readonly core: ServiceCore;
  readonly authenticator: Authenticator;
  readonly rates: Rates;
  readonly metrics: Metrics;
  readonly log: (entry: RequestLog) => void;
  /** What devices sign for when they log in. */
  readonly origin: () => string;
}

const MANY = 1024;

/** The service's HTTP interface; paths begin with `/v1`. */
export function routes({ core, authenticator, rates, metrics, log, origin }: RouteOptions): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const started = performance.now();
    await next();
    const route = routePath(c, -1);
    const entry = { method: c.req.method, route, status: c.res.status, ms: performance.now() - started };
    metrics.count(route, c.res.status);
    log(entry);
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  app.use(
    bodyLimit({
      maxSize: Math.ceil((core.limits.bundle * 4) / 3) + 4096,
      onError: () => {
        throw new DeliveryError("too-large", "a body");
      },
    }),
  );
  app.onError((error, c) => {
    const known = error instanceof DeliveryError ? error : undefined;
    const code = known?.code ?? "unavailable";
    if (known === undefined) metrics.fault();
    const body = { code, outcome: known?.outcome ?? "unknown", reason: known?.message ?? "internal" };
    return c.json(body, STATUS[code]);
  });

  const body = async (c: Context): Promise<json.Json> => {
    try {
      return json.object("body", await c.req.json());
    } catch (cause) {
      throw cause instanceof DeliveryError ? cause : new DeliveryError("invalid", "no JSON", { cause });
    }
  };
  const service = (c: Context): ReturnType<ServiceCore["connect"]> => {
    const [, token = ""] = /^Bearer ([\w-]{43})$/.exec(c.req.header("authorization") ?? "") ?? [];
    const device = authenticator.device(token);
    if (device === undefined) throw new DeliveryError("unauthenticated", "no valid token");
    rates.spend(json.toText(device));
    return core.connect(device);
  };
  const group = (c: Context): Uint8Array => json.toBytes("group", c.req.param("group"));
  const answer = (c: Context, value: unknown): Response => c.json(json.encodeJson(value) as object);

  app.post("/v1/challenges", async (c) => {
    rates.spend("challenges");
    const device = json.bytes(await body(c), "device");
    if (device.length !== 16) throw new DeliveryError("invalid", "an address has 16 bytes");
    return answer(c, { nonce: authenticator.challenge(device), origin: origin() });
  });
  app.post("/v1/tokens", async (c) => {
    const given = await body(c);
    const registration =
      given["registration"] === undefined
        ? undefined
        : registrationOf(json.object("registration", given["registration"]));
    const granted = await authenticator.login(
      origin(),
      json.bytes(given, "device"),
      json.bytes(given, "nonce"),
      json.bytes(given, "signature"),
      registration,
    );
    return answer(c, granted);
  });
  app.get("/v1", async (c) => answer(c, await service(c).hello()));
  app.post("/v1/groups", async (c) => {
    const asked = service(c);
    const given = await body(c);
    const groupInfo = json.optionalBytes(given, "groupInfo");
    return answer(
      c,
      await asked.createGroup({
        groupId: json.bytes(given, "groupId"),
        cipherSuite: json.integer(given, "cipherSuite", 0xffff),
        ...(groupInfo === undefined ? {} : { groupInfo }),
      }),
    );
  });
  app.post("/v1/groups/:group/commits", async (c) => {
    const asked = service(c);
    return answer(c, await asked.commit(bundleOf(group(c), await body(c))));
  });
  app.post("/v1/groups/:group/messages", async (c) => {
    const asked = service(c);
    return answer(c, await asked.send(group(c), json.bytes(await body(c), "message")));
  });
  app.get("/v1/groups/:group/log", async (c) => {
    const after = json.big({ after: c.req.query("after") ?? "0" }, "after");
    return answer(c, await service(c).read(group(c), after));
  });
  app.get("/v1/groups/:group/info", async (c) => answer(c, await service(c).groupInfo(group(c))));
  app.post("/v1/groups/:group/acks", async (c) => {
    const asked = service(c);
    await asked.acknowledge(group(c), json.big(await body(c), "seq"));
    return answer(c, {});
  });
  app.delete("/v1/groups/:group/membership", async (c) => {
    await service(c).leave(group(c));
    return answer(c, {});
  });
  app.get("/v1/pending", async (c) => answer(c, { groups: await service(c).pending() }));
  app.get("/v1/mail", async (c) => answer(c, { items: await service(c).mail() }));
  app.post("/v1/mail/acks", async (c) => {
    const asked = service(c);
    const hashes = json.list(await body(c), "hashes", MANY, (hash) => json.toBytes("hash", hash));
    await asked.acknowledgeMail(hashes);
    return answer(c, {});
  });
  app.get("/v1/users/:user/devices", async (c) =>
    answer(c, { devices: await service(c).devices(c.req.param("user")) }),
  );
  app.get("/v1/key-packages", async (c) => answer(c, { keyPackages: await service(c).listKeyPackages() }));
  app.put("/v1/key-packages", async (c) => {
    const asked = service(c);
    const list = json.list(await body(c), "keyPackages", MANY, (one) => json.toBytes("keyPackage", one));
    return answer(c, await asked.publishKeyPackages(list));
  });
  app.post("/v1/key-packages/deletions", async (c) => {
    const asked = service(c);
    await asked.deleteKeyPackages(json.list(await body(c), "refs", MANY, (ref) => json.toBytes("ref", ref)));
    return answer(c, {});
  });
  app.post("/v1/key-packages/claims", async (c) => {
    const asked = service(c);
    const given = await body(c);
    const claimed = await asked.claimKeyPackages({
      id: json.bytes(given, "id"),
      cipherSuite: json.integer(given, "cipherSuite", 0xffff),
      devices: json.list(given, "devices", MANY, (device) => json.toBytes("device", device)),
    });
    return answer(c, { claimed });
  });
  app.get("/healthz", (c) => c.text("ok"));
  app.get("/metrics", (c) => c.text(metrics.text()));
  return app;
}

function registrationOf(given: json.Json): { user: string; cipherSuite: number; signatureKey: Uint8Array } {
  return {
    user: json.text(given, "user", 128),
    cipherSuite: json.integer(given, "cipherSuite", 0xffff),
    signatureKey: json.bytes(given, "signatureKey"),
  };
}

function bundleOf(groupId: Uint8Array, given: json.Json): CommitBundle {
  const welcome = json.optionalBytes(given, "welcome");
  const groupInfo = json.optionalBytes(given, "groupInfo");
  return {
    groupId,
    basis: json.big(given, "basis"),
    commit: json.bytes(given, "commit"),
    ...(welcome === undefined ? {} : { welcome }),
    ...(groupInfo === undefined ? {} : { groupInfo }),
    added: json.list(given, "added", MANY * 8, (one) => {
      const added = json.object("added", one);
      return {
        device: json.bytes(added, "device"),
        leafIndex: json.integer(added, "leafIndex", 0xffff_ffff),
        keyPackageRef: json.bytes(added, "keyPackageRef"),
      };
    }),
    removed: json.list(given, "removed", MANY * 8, (one) => json.toBytes("removed", one)),
  };
}
