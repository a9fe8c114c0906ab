import { memoryStorage } from "@openmls-ts/storage-memory";
import { MlsError, utf8 } from "@openmls-ts/traits";
import type { StorageProvider } from "@openmls-ts/traits";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type GroupCoordinator, groupCoordinator, type GroupEvent } from "../index.ts";
import { failureOf } from "../testing/failures.ts";

const groupId = utf8("group");
const group = { groupId };

let storage: StorageProvider;
let tabs: GroupCoordinator[] = [];
let names = 0;

/** A tab of those that share the store of this test. */
function tab(keep?: number): GroupCoordinator {
  const made = groupCoordinator({ storage, name: `test-${names}`, keep });
  tabs.push(made);
  return made;
}

beforeEach(() => {
  storage = memoryStorage();
  names++;
});

afterEach(() => {
  tabs.forEach((each) => each.close());
  tabs = [];
});

/** What a listener was told, as text. */
function textOf(event: GroupEvent): string {
  return event.kind === "published"
    ? `${event.position} ${Buffer.from(event.event).toString()}`
    : event.kind === "missed"
      ? `missed ${event.count}`
      : "changed";
}

async function publish(by: GroupCoordinator, ...texts: readonly string[]): Promise<void> {
  await by.run(group, async (turn) => texts.forEach((text) => turn.publish(utf8(text))));
}

/** What a new subscription of a tab is told, without the changes. */
async function listen(by: GroupCoordinator, after?: number): Promise<string[]> {
  const told: string[] = [];
  const listener = (event: GroupEvent): void => {
    if (event.kind !== "changed") told.push(textOf(event));
  };
  await by.subscribe(groupId, listener, { after });
  return told;
}

describe("turns", () => {
  it("of one group come one after the other, over all tabs, and those of others do not wait", async () => {
    const [one, two] = [tab(), tab()];
    const order: string[] = [];
    const step = async (by: GroupCoordinator, id: string, name: string): Promise<void> =>
      by.run({ groupId: utf8(id) }, async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, id === "a" ? 20 : 0));
        order.push(`${name} ends`);
      });
    await Promise.all([step(one, "a", "1"), step(two, "a", "2"), step(two, "b", "3")]);
    expect(order.filter((line) => !line.startsWith("3"))).toEqual([
      "1 begins",
      "1 ends",
      "2 begins",
      "2 ends",
    ]);
    expect(order.indexOf("3 ends")).toBeLessThan(order.indexOf("1 ends"));
  });

  it("see the group as it is, and give back what the operation gives", async () => {
    const reload = vi.fn(async () => undefined);
    const given = { groupId, reload };
    const result = await tab().run(given, async (_turn, same) => {
      expect([same, reload.mock.calls.length]).toEqual([given, 1]);
      return 5;
    });
    expect(result).toBe(5);
  });

  it("that fail publish nothing and let the next one come", async () => {
    const one = tab();
    const told = await listen(one);
    const failing = one.run(group, async (turn) => {
      turn.publish(utf8("lost"));
      throw new MlsError("ERR_MLS_DECRYPTION", "no");
    });
    expect((await failureOf(failing)).code).toBe("ERR_MLS_DECRYPTION");
    await publish(one, "next");
    await vi.waitFor(() => expect(told).toEqual(["1 next"]));
  });
});

describe("what is published", () => {
  it("is told in every tab, once and in order", async () => {
    const [one, two, three] = [tab(), tab(), tab()];
    const told = [await listen(one), await listen(two), await listen(three)];
    await Promise.all([publish(one, "a", "b"), publish(two, "c"), publish(three, "d")]);
    await vi.waitFor(() => told.forEach((each) => expect(each).toHaveLength(4)));
    expect(told[0]).toEqual(["1 a", "2 b", "3 c", "4 d"]);
    expect([told[1], told[2]]).toEqual([told[0], told[0]]);
  });

  it("is told from where a listener wants it, else from now on", async () => {
    const one = tab();
    await publish(one, "a", "b", "c");
    const [late, all, now] = [await listen(tab(), 2), await listen(tab(), 0), await listen(tab())];
    await publish(one, "d");
    await vi.waitFor(() => expect(now).toEqual(["4 d"]));
    await vi.waitFor(() =>
      expect([late, all]).toEqual([
        ["3 c", "4 d"],
        ["1 a", "2 b", "3 c", "4 d"],
      ]),
    );
  });

  it("is kept in a number that was asked for, and who slept longer learns that something is missing", async () => {
    const one = tab(3);
    for (const text of ["a", "b", "c", "d", "e"]) await publish(one, text);
    const told = await listen(tab(3), 1);
    await vi.waitFor(() => expect(told).toEqual(["missed 1", "3 c", "4 d", "5 e"]));
    expect(await storage.list({ table: "tab_event", owner: groupId, id: new Uint8Array(0) })).toHaveLength(3);
  });

  it("can be part of the operation's own batch", async () => {
    const one = tab();
    const told = await listen(one);
    await one.run(group, async (turn) => {
      const value = utf8("spent");
      const { puts, deletes } = turn.inBatch(utf8("mine"));
      await storage.write({
        puts: [...puts, { key: { table: "key", owner: groupId, id: groupId }, value }],
        deletes,
      });
      turn.publish(utf8("after"));
    });
    const failing = one.run(group, async (turn) => {
      turn.inBatch(utf8("never written"));
      turn.publish(utf8("goes on"));
    });
    await failing;
    await vi.waitFor(() => expect(told).toEqual(["1 mine", "2 after", "4 goes on"]));
  });

  it("is forgotten with its group, and counts anew", async () => {
    const one = tab();
    const told = await listen(one);
    await publish(one, "a", "b");
    await vi.waitFor(() => expect(told).toHaveLength(2));
    await one.forget(groupId);
    await publish(one, "c");
    await vi.waitFor(() => expect(told).toEqual(["1 a", "2 b", "1 c"]));
  });

  it("in a newer format is refused, and told to onError", async () => {
    const one = tab();
    await storage.write({
      puts: [
        { key: { table: "tab_event_head", owner: groupId, id: new Uint8Array(0) }, value: Uint8Array.of(2) },
      ],
    });
    const onError = vi.fn<(error: unknown) => void>();
    await one.subscribe(groupId, () => undefined, { after: 0, onError });
    await vi.waitFor(() => expect(onError).toHaveBeenCalled());
    expect(onError.mock.calls[0]?.[0]).toMatchObject({
      code: "ERR_MLS_STORAGE_FORMAT",
      details: { table: "tab_event_head" },
    });
    expect((await failureOf(publish(one, "a"))).code).toBe("ERR_MLS_STORAGE_FORMAT");
  });
});

describe("listeners", () => {
  it("hear of every turn that ended, until they stop", async () => {
    const [one, two] = [tab(), tab()];
    const told: string[] = [];
    const stop = await two.subscribe(groupId, (event) => told.push(textOf(event)));
    await vi.waitFor(() => expect(told).toEqual(["changed"]));
    await one.run(group, async () => undefined);
    await vi.waitFor(() => expect(told).toEqual(["changed", "changed"]));
    stop();
    await publish(two, "unheard");
    expect(told).toHaveLength(2);
  });

  it("that throw do not keep others from hearing", async () => {
    const one = tab();
    const onError = vi.fn();
    const broken = new RangeError("a bug of the application");
    await one.subscribe(
      groupId,
      ({ kind }) => {
        if (kind === "published") throw broken;
      },
      { onError },
    );
    const told = await listen(one);
    await publish(one, "a", "b");
    await vi.waitFor(() => expect(told).toEqual(["1 a", "2 b"]));
    await vi.waitFor(() => expect(onError.mock.calls).toEqual([[broken], [broken]]));
  });
});

describe("a coordinator", () => {
  it("that is closed takes no more turns", async () => {
    const one = tab();
    const told = await listen(one);
    one.close();
    one.close();
    expect(await failureOf(one.run(group, async () => 1))).toEqual({
      code: "ERR_MLS_STORAGE",
      reason: "closed",
    });
    expect(await failureOf(one.subscribe(groupId, () => undefined))).toEqual({
      code: "ERR_MLS_STORAGE",
      reason: "closed",
    });
    await publish(tab(), "a");
    expect(told).toEqual([]);
  });

  it("says when the browser gives no turn", async () => {
    const one = tab();
    const request = vi
      .spyOn(navigator.locks, "request")
      .mockRejectedValue(new DOMException("no", "SecurityError"));
    expect(await failureOf(publish(one, "a"))).toEqual({ code: "ERR_MLS_STORAGE", reason: "denied" });
    request.mockRestore();
  });

  it("needs Web Locks", () => {
    vi.stubGlobal("navigator", {});
    expect(() => tab()).toThrow(expect.objectContaining({ code: "ERR_MLS_UNSUPPORTED_RUNTIME" }) as Error);
    vi.unstubAllGlobals();
  });

  it("refuses what makes no sense", async () => {
    const usage = expect.objectContaining({ code: "ERR_MLS_USAGE" }) as Error;
    expect(() => groupCoordinator(undefined as never)).toThrow(usage);
    expect(() => groupCoordinator({ storage: {} as never, name: "x" })).toThrow(usage);
    expect(() => groupCoordinator({ storage, name: "" })).toThrow(usage);
    expect(() => groupCoordinator({ storage, name: "x", keep: 0 })).toThrow(usage);
    const one = tab();
    await expect(one.run(undefined as never, async () => 1)).rejects.toThrow(usage);
    await expect(one.run({ groupId: "x" } as never, async () => 1)).rejects.toThrow(usage);
    await expect(one.run(group, undefined as never)).rejects.toThrow(usage);
    await expect(one.run(group, async (turn) => turn.publish("x" as never))).rejects.toThrow(usage);
    await expect(one.subscribe(groupId, undefined as never)).rejects.toThrow(usage);
    await expect(one.subscribe(groupId, () => undefined, { after: -1 })).rejects.toThrow(usage);
    await expect(one.forget("x" as never)).rejects.toThrow(usage);
  });
});
