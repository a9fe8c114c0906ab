import {
  addressOf,
  type ClaimedKeyPackage,
  DeliveryError,
  type DeliveryErrorCode,
  type DeliveryService,
  type Entry,
  type EntryKind,
  type Hint,
  type Page,
  type Receipt,
} from "@openmls-ts/client";
import type { CryptoProvider, Signer } from "@openmls-ts/traits";
import {
  big,
  boolean,
  bytes,
  encodeJson,
  integer,
  type Json,
  list,
  object,
  text,
  toBytes,
  toText,
} from "./json.ts";
import { loginBytes } from "./login.ts";

/** Choices of {@link httpDeliveryService}. */
export interface HttpOptions {
  /** Where the service is, such as `https://ds.example`. */
  readonly url: string;
  readonly crypto: CryptoProvider;
  /** That of the device's MLS identity. */
  readonly signer: Signer;
  readonly cipherSuite?: number;
  /** Under which name to register at the first login. */
  readonly user: string;
  /** Default: that of the runtime. */
  readonly fetch?: typeof fetch;
}

const CODES: readonly string[] = [
  "conflict",
  "not-allowed",
  "unknown-group",
  "invalid",
  "too-large",
  "rate",
  "unauthenticated",
];

/**
 * The delivery service behind an address, for one device. It logs in by itself. Only an answer that is the service's own error says that
 * something was refused; everything else, a proxy's page too, is of unknown outcome.
 */
export async function httpDeliveryService(options: HttpOptions): Promise<DeliveryService> {
  const { url, crypto, signer, cipherSuite = 1, user } = options;
  const call = options.fetch ?? globalThis.fetch.bind(globalThis);
  const device = addressOf(await crypto.cipherSuite(1), signer.publicKey);
  let token: string | undefined;

  const request = async (method: string, path: string, body?: unknown, bearer?: string): Promise<Json> => {
    const response = await call(`${url}${path}`, {
      method,
      redirect: "error", // a token goes to nobody else
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(encodeJson(body)) }),
    });
    const answer = object("answer", await response.json());
    if (response.ok) return answer;
    const code = answer["code"];
    if (answer["outcome"] === "refused" && typeof code === "string" && CODES.includes(code)) {
      throw new DeliveryError(code as DeliveryErrorCode, String(answer["reason"]));
    }
    throw new DeliveryError("unavailable", `status ${response.status}`);
  };
  const login = async (): Promise<string> => {
    const challenge = await request("POST", "/v1/challenges", { device });
    const nonce = bytes(challenge, "nonce");
    const signature = await signer.sign(loginBytes(text(challenge, "origin", 1024), device, nonce));
    const registration = { user, cipherSuite, signatureKey: signer.publicKey };
    return text(await request("POST", "/v1/tokens", { device, nonce, signature, registration }), "token", 64);
  };
  const ask = async (method: string, path: string, body?: unknown): Promise<Json> => {
    token ??= await login();
    try {
      return await request(method, path, body, token);
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.code !== "unauthenticated") throw error;
      token = await login();
      return request(method, path, body, token);
    }
  };
  const at = (groupId: Uint8Array, rest: string): string => `/v1/groups/${toText(groupId)}${rest}`;

  return {
    hello: async () => {
      const answer = await ask("GET", "/v1");
      return {
        time: big(answer, "time"),
        maxMessage: integer(answer, "maxMessage", Number.MAX_SAFE_INTEGER),
        maxPage: integer(answer, "maxPage", Number.MAX_SAFE_INTEGER),
      };
    },
    createGroup: async (group) => receipt(await ask("POST", "/v1/groups", group)),
    commit: async ({ groupId, ...bundle }) => receipt(await ask("POST", at(groupId, "/commits"), bundle)),
    send: async (groupId, message) => receipt(await ask("POST", at(groupId, "/messages"), { message })),
    read: async (groupId, after) => page(await ask("GET", at(groupId, `/log?after=${after}`))),
    groupInfo: async (groupId) => {
      const answer = await ask("GET", at(groupId, "/info"));
      return { epoch: big(answer, "epoch"), seq: big(answer, "seq"), groupInfo: bytes(answer, "groupInfo") };
    },
    pending: async () =>
      each(await ask("GET", "/v1/pending"), "groups", (one) => ({
        groupId: bytes(one, "groupId"),
        head: big(one, "head"),
      })),
    acknowledge: async (groupId, seq) => {
      await ask("POST", at(groupId, "/acks"), { seq });
    },
    mail: async () =>
      each(await ask("GET", "/v1/mail"), "items", (one) => ({
        hash: bytes(one, "hash"),
        groupId: bytes(one, "groupId"),
        seq: big(one, "seq"),
        welcome: bytes(one, "welcome"),
      })),
    acknowledgeMail: async (hashes) => {
      await ask("POST", "/v1/mail/acks", { hashes });
    },
    devices: async (name) =>
      each(await ask("GET", `/v1/users/${encodeURIComponent(name)}/devices`), "devices", (one) => ({
        device: bytes(one, "device"),
        user: text(one, "user", 128),
      })),
    publishKeyPackages: async (keyPackages) => {
      const answer = await ask("PUT", "/v1/key-packages", { keyPackages });
      return {
        refused: each(answer, "refused", (one) => ({
          index: integer(one, "index", 0xffff),
          reason: text(one, "reason", 256),
        })),
      };
    },
    listKeyPackages: async () =>
      each(await ask("GET", "/v1/key-packages"), "keyPackages", (one) => ({
        ref: bytes(one, "ref"),
        cipherSuite: integer(one, "cipherSuite", 0xffff),
        lastResort: boolean(one, "lastResort"),
        notAfter: big(one, "notAfter"),
      })),
    deleteKeyPackages: async (refs) => {
      await ask("POST", "/v1/key-packages/deletions", { refs });
    },
    claimKeyPackages: async (claim) =>
      each(await ask("POST", "/v1/key-packages/claims", claim), "claimed", claimed),
    leave: async (groupId) => {
      await ask("DELETE", at(groupId, "/membership"));
    },
    hints: (listener) => hints(url, async () => (token ??= await login()), listener),
  };
}

const MOST = 1 << 16;

function each<T>(answer: Json, name: string, read: (one: Json) => T): T[] {
  return list(answer, name, MOST, (one) => read(object(name, one)));
}

function receipt(answer: Json): Receipt {
  return { seq: big(answer, "seq"), epoch: big(answer, "epoch"), duplicate: boolean(answer, "duplicate") };
}

function page(answer: Json): Page {
  return {
    entries: each(answer, "entries", (one): Entry => ({
      seq: big(one, "seq"),
      epoch: big(one, "epoch"),
      kind: text(one, "kind", 16) as EntryKind,
      sender: bytes(one, "sender"),
      time: big(one, "time"),
      bytes: bytes(one, "bytes"),
    })),
    holes: each(answer, "holes", (one) => ({
      from: big(one, "from"),
      to: big(one, "to"),
      why: text(one, "why", 16) as "expired" | "not-member",
    })),
    through: big(answer, "through"),
    head: big(answer, "head"),
    epoch: big(answer, "epoch"),
  };
}

function claimed(one: Json): ClaimedKeyPackage {
  const device = bytes(one, "device");
  return one["keyPackage"] === undefined
    ? { device, missing: one["missing"] === "exhausted" ? "exhausted" : "unknown-device" }
    : { device, keyPackage: bytes(one, "keyPackage"), lastResort: one["lastResort"] === true };
}

const RETRY_MS = 1000;
const LONGEST_MS = 60_000;

/** News over a WebSocket that is opened again when it breaks; none where the runtime has no WebSocket. */
function hints(url: string, token: () => Promise<string>, listener: (hint: Hint) => void): { close(): void } {
  let closed = false;
  let socket: WebSocket | undefined;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = (): void => {
    if (closed) return;
    const most = Math.min(LONGEST_MS, RETRY_MS * 2 ** failures++);
    timer = setTimeout(() => void open(), Math.random() * most);
  };
  const open = async (): Promise<void> => {
    if (closed || typeof WebSocket === "undefined") return;
    try {
      const bearer = await token();
      socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/socket`, "openmls-ts.v1");
      socket.onopen = () => {
        failures = 0;
        socket?.send(JSON.stringify({ token: bearer }));
      };
      socket.onmessage = ({ data }) => {
        const hint = hintOf(data);
        if (hint !== undefined) listener(hint);
      };
      socket.onclose = again;
    } catch {
      again();
    }
  };
  void open();
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

/** Hints of an unknown kind are no hints. */
function hintOf(data: unknown): Hint | undefined {
  try {
    const hint = object("hint", JSON.parse(String(data)));
    if (hint["kind"] === "group") return { kind: "group", groupId: toBytes("groupId", hint["groupId"]) };
    return hint["kind"] === "mail" || hint["kind"] === "everything" ? { kind: hint["kind"] } : undefined;
  } catch {
    return undefined;
  }
}
