import { readFileSync } from "node:fs";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, MlsGroup } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type MlsProvider, type Trace, type TraceEvent, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { combineTraces, type LoggedOperation, loggerTrace } from "./index.ts";
import { diagnosticsTrace, OPERATION_CHANNEL } from "./node.ts";

const event: TraceEvent = {
  operation: "processMessage",
  groupId: Uint8Array.of(0xab, 0xcd, 0xef, 1, 2),
  epoch: 7n,
  duration: 1.23456,
  outcome: "ERR_MLS_VALIDATION",
  rule: "some-rule",
};
const unknown: TraceEvent = {
  ...event,
  operation: "load",
  groupId: undefined,
  epoch: undefined,
  outcome: "ok",
  rule: undefined,
};

/** A group of one, watched. */
async function watched(trace: Trace): Promise<void> {
  const crypto = nodeCrypto();
  const provider: MlsProvider = {
    crypto,
    storage: memoryStorage(),
    credentialValidator: { validate: async () => true },
    trace,
  };
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  const owner = { credential: basicCredential(utf8("alice")), signatureKey: signer.publicKey };
  const group = await MlsGroup.builder().groupId(utf8("Z")).build(provider, signer, owner);
  await group.createMessage(signer, utf8("hi"));
  await group.mergePendingCommit().catch(() => undefined);
}

describe("a logger", () => {
  it("gets a line and plain data, failures apart", async () => {
    const [lines, failures]: [[string, LoggedOperation][], [string, LoggedOperation][]] = [[], []];
    await watched(
      loggerTrace(
        (...line) => lines.push(line),
        (...line) => failures.push(line),
      ),
    );
    expect(lines.map(([message]) => message.replace(/[\d.]+ ms$/, "n ms"))).toEqual([
      "mls create 5a@0 ok n ms",
      "mls createMessage 5a@0 ok n ms",
    ]);
    expect(failures).toHaveLength(1);
    const [message, fields] = failures[0]!;
    expect(message).toMatch(/^mls mergePendingCommit 5a@0 ERR_MLS_NO_PENDING_COMMIT/);
    expect(fields.outcome).toBe("ERR_MLS_NO_PENDING_COMMIT");
    expect(JSON.parse(JSON.stringify(lines[1]![1]))).toEqual(lines[1]![1]);
  });

  it("gets what is known", () => {
    const lines: [string, LoggedOperation][] = [];
    const trace = loggerTrace((...line) => lines.push(line));
    for (const one of [event, unknown]) trace(one);
    expect(lines).toEqual([
      [
        "mls processMessage abcdef01@7 ERR_MLS_VALIDATION (some-rule) 1.2 ms",
        {
          operation: "processMessage",
          groupId: "abcdef0102",
          epoch: "7",
          duration: 1.235,
          outcome: "ERR_MLS_VALIDATION",
          rule: "some-rule",
        },
      ],
      ["mls load ok 1.2 ms", { operation: "load", duration: 1.235, outcome: "ok" }],
    ]);
  });

  it("is a function", () => {
    for (const log of [console, undefined, "debug"]) {
      expect(() => loggerTrace(log as never)).toThrow(
        expect.objectContaining({ code: "ERR_MLS_USAGE" }) as Error,
      );
    }
  });
});

describe("diagnostics_channel", () => {
  it("carries the events to whoever subscribes, while they do", async () => {
    const seen: unknown[] = [];
    const listener = (message: unknown): number => seen.push(message);
    const trace = diagnosticsTrace();
    trace(event);
    subscribe(OPERATION_CHANNEL, listener);
    await watched(trace);
    unsubscribe(OPERATION_CHANNEL, listener);
    trace(event);
    expect(seen).toMatchObject([
      { operation: "create", groupId: utf8("Z"), epoch: 0n, outcome: "ok" },
      { operation: "createMessage", outcome: "ok" },
      { operation: "mergePendingCommit", outcome: "ERR_MLS_NO_PENDING_COMMIT" },
    ]);
  });

  it("of a name of one's own", () => {
    const seen: unknown[] = [];
    const listener = (message: unknown): number => seen.push(message);
    subscribe("mine", listener);
    diagnosticsTrace("mine")(event);
    unsubscribe("mine", listener);
    expect(seen).toEqual([event]);
  });
});

describe("several traces", () => {
  it("all hear, even after one that throws", () => {
    const heard: string[] = [];
    const all = combineTraces(
      () => void heard.push("first"),
      () => {
        throw new Error("full");
      },
      ({ operation }) => void heard.push(operation),
    );
    expect(() => all(event)).toThrow("full");
    expect(heard).toEqual(["first", "processMessage"]);
    expect(() => combineTraces()(event)).not.toThrow();
  });

  it("as the README puts them", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    expect(readme).toContain("combineTraces(loggerTrace(console.debug, console.warn), diagnosticsTrace())");
    const line = /`(mls createMessage [^`]+)`/.exec(readme)![1];
    const lines: string[] = [];
    const groupId = new Uint8Array(5).fill(0x5a);
    const [operation, outcome] = ["createMessage", "ok"] as const;
    combineTraces(
      loggerTrace((message) => lines.push(message)),
      diagnosticsTrace(),
    )({
      ...unknown,
      operation,
      groupId,
      epoch: 7n,
      outcome,
      duration: 1.3,
    });
    expect(lines).toEqual([line]);
  });
});
