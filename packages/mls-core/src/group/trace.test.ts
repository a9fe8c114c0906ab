import { AsyncLocalStorage } from "node:async_hooks";
import { bytesToHex, type TraceEvent, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, PublicGroup, StagedWelcome } from "../index.ts";
import { cast, CRYPTO } from "../testing/cast.ts";
import { client, createGroup, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const [, node] = CRYPTO[0]!;

/** Collects what a trace hears. */
function book(): { readonly events: TraceEvent[]; readonly trace: (event: TraceEvent) => void } {
  const events: TraceEvent[] = [];
  return { events, trace: (event) => events.push(event) };
}

const heard = (events: readonly TraceEvent[]): string[] =>
  events.map(({ operation, epoch, outcome }) => `${operation} ${String(epoch)} ${outcome}`);

describe.each(CRYPTO)("a trace on %s", (_, crypto) => {
  it("hears of every operation once, with group, epoch and outcome", async () => {
    const { events, trace } = book();
    const [alice, bob] = [
      await client("alice", crypto, 1, { trace }),
      await client("bob", crypto, 1, { trace }),
    ];
    const group = await createGroup(alice);
    await group.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const { welcome } = await group.mergePendingCommit();
    const bobs = await (await StagedWelcome.fromWelcome(bob.provider, welcome!)).intoGroup();
    const message = await bobs.createMessage(bob.signer, utf8("secret words"));
    await group.processMessage(message);
    await expect(group.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    await group.leave(alice.signer);
    const loaded = (await MlsGroup.load(bob.provider, group.groupId))!;
    await loaded.processMessage((await group.propose(alice.signer, proposals.update())).message);
    const { commit } = await loaded.commitToPendingProposals(bob.signer);
    await loaded.mergePendingCommit();
    await group.processMessage(commit);
    expect(heard(events)).toEqual([
      "create 0 ok",
      "commit 0 ok",
      "mergePendingCommit 1 ok",
      "stageWelcome 1 ok",
      "joinByWelcome 1 ok",
      "createMessage 1 ok",
      "processMessage 1 ok",
      "processMessage 1 ERR_MLS_SECRET_CONSUMED",
      "propose 1 ok",
      "load 1 ok",
      "propose 1 ok",
      "processMessage 1 ok",
      "commit 1 ok",
      "mergePendingCommit 2 ok",
      "processMessage 1 ok",
    ]);
    for (const { groupId, duration } of events) {
      expect(groupId).toEqual(group.groupId);
      expect(duration).toBeGreaterThanOrEqual(0);
      expect(duration).toBeLessThan(60_000);
    }
    expect(events[7]!.rule).toBe("rfc65");
  });
});

describe("a trace", () => {
  it("never shows a secret or what was said", async () => {
    const { events, trace } = book();
    const [alice, bob] = await cast(node, ["alice", "bob"], { provider: { trace } });
    const psk = (await (await alice!.group()).resumptionPsk())!;
    await bob!.hear(await alice!.say("the words"));
    const fields = new Set(events.flatMap((event) => Object.keys(event)));
    expect([...fields]).toEqual(["operation", "groupId", "epoch", "duration", "outcome", "rule"]);
    const all = events.flatMap((event) =>
      Object.values(event).map((value) => (value instanceof Uint8Array ? bytesToHex(value) : String(value))),
    );
    expect(all).not.toContain(bytesToHex(psk));
    expect(all.join()).not.toContain(bytesToHex(utf8("the words")));
  });

  it.each<readonly [string, () => unknown]>([
    ["throws", () => { throw new Error("the log is full"); }], // prettier-ignore
    ["rejects", async () => Promise.reject(new Error("later"))],
  ])("that %s changes nothing", async (_, trace) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): number => unhandled.push(error);
    process.on("unhandledRejection", note);
    try {
      const provider = { trace: trace };
      const [alice, bob] = await cast(node, ["alice", "bob"], { provider });
      expect(await bob!.hear(await alice!.say("hi"))).toMatchObject({ kind: "application" });
      const group = await alice!.group();
      await expect(group.processMessage(utf8("?"))).rejects.toThrow(mlsError("ERR_MLS_DECODE"));
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("may call the group again: its operation is over", async () => {
    const watched = new Map<string, MlsGroup>();
    const calls: Promise<unknown>[] = [];
    const trace = ({ operation }: TraceEvent): void => {
      const group = operation === "createMessage" ? watched.get("alice") : undefined;
      if (group !== undefined) calls.push(group.exportGroupInfo(alice!.signer));
    };
    const asyncContext = new AsyncLocalStorage();
    const [alice] = await cast(node, ["alice"], { provider: { trace, asyncContext } });
    const group = await alice!.group();
    watched.set("alice", group);
    await group.createMessage(alice!.signer, utf8("hi"));
    expect(calls).toHaveLength(1);
    await expect(calls[0]).resolves.toBeInstanceOf(Uint8Array);
  });

  it("is a function", async () => {
    const alice = await client("alice", node, 1, { trace: console as never });
    await expect(createGroup(alice)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("leaves objects as they are where there is none, and covers every call that waits for something", async () => {
    const [plain] = await cast(node, ["alice"]);
    expect(Object.getOwnPropertyNames(await plain!.group())).not.toContain("createMessage");
    const { events, trace } = book();
    const [alice] = await cast(node, ["alice"], { provider: { trace } });
    const group = await alice!.group();
    const server = await client("server", node, 1, { trace });
    const seen = await PublicGroup.fromGroupInfo(server.provider, await group.exportGroupInfo(alice!.signer));
    const viaCommit = [
      "addMembers",
      "removeMembers",
      "selfUpdate",
      "swapMembers",
      "commitToPendingProposals",
    ];
    for (const object of [group, seen]) {
      const untraced = new Set<string>();
      for (let type: object = Object.getPrototypeOf(object) as object; type !== Object.prototype;) {
        for (const name of Object.getOwnPropertyNames(type)) {
          const { value } = Object.getOwnPropertyDescriptor(type, name)! as { value?: unknown };
          const waits = Object.prototype.toString.call(value) === "[object AsyncFunction]";
          if (waits && !Object.hasOwn(object, name)) untraced.add(name);
        }
        type = Object.getPrototypeOf(type) as object;
      }
      expect([...untraced].sort()).toEqual(object === group ? [...viaCommit, "leave"].sort() : []);
    }
    events.length = 0;
    await group.selfUpdate(alice!.signer);
    expect(heard(events)).toEqual(["commit 1 ok"]);
  });
});
