import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { type Actor, cast, CRYPTO } from "../testing/cast.ts";
import { mlsError } from "../testing/suites.ts";

const WRONG_EPOCH = mlsError("ERR_MLS_WRONG_EPOCH", "rfc35");

function records({ storage }: Actor, table: string): number {
  return storage.entries().filter(({ key }) => key.table === table).length;
}

describe.each(CRYPTO)("past epochs on %s", (_, crypto) => {
  it("are kept by count and by age, and given up on demand", async () => {
    let now = 1_800_000_000n;
    const clock = { now: () => now };
    const config = { maxPastEpochs: 3, maxPastEpochAge: 60n };
    const [alice, bob] = await cast(crypto, ["alice", "bob"], { config, provider: { clock } });
    const late: Uint8Array[] = [];
    for (let turns = 0; turns < 4; turns++) {
      late.push(await bob!.say(`in epoch ${turns + 1}`));
      await alice!.hear(await bob!.turn());
      now += 20n;
    }
    const group = await alice!.group();
    expect(group.pastEpochs).toEqual([
      { epoch: 2n, endedAt: 1_800_000_020n },
      { epoch: 3n, endedAt: 1_800_000_040n },
      { epoch: 4n, endedAt: 1_800_000_060n },
    ]);
    await expect(alice!.hear(late[0]!)).rejects.toThrow(WRONG_EPOCH); // by count
    now += 1n; // 61 s after epoch 2 ended
    await expect(alice!.hear(late[1]!)).rejects.toThrow(WRONG_EPOCH); // by age
    expect(records(alice!, "past_epoch")).toBe(3); // a refused message changes nothing
    expect(await alice!.hear(late[2]!)).toMatchObject({ data: utf8("in epoch 3") });
    expect(records(alice!, "past_epoch")).toBe(2); // one that is taken sweeps what is too old
    expect(await (await alice!.group()).deletePastEpochs({ olderThan: 30n })).toBe(1);
    await expect(alice!.hear(late[2]!)).rejects.toThrow(WRONG_EPOCH);
    expect((await alice!.group()).pastEpochs).toHaveLength(1);
    expect(await (await alice!.group()).deletePastEpochs()).toBe(1);
    await expect(alice!.hear(late[3]!)).rejects.toThrow(WRONG_EPOCH);
    expect(records(alice!, "past_epoch")).toBe(0);
    const keys = alice!.storage.entries().filter(({ key }) => key.table === "message_key");
    expect(keys.every(({ key }) => key.id[7] === 5)).toBe(true); // nothing of an ended epoch
    expect(await alice!.hear(await bob!.say("still here"))).toMatchObject({ kind: "application" });
  });
});

describe("past epochs", () => {
  const [, node] = CRYPTO[0]!;

  it("are chosen by when they ended, or by how many are kept", async () => {
    let now = 1000n;
    const setting = { config: { maxPastEpochs: 5 }, provider: { clock: { now: () => now } } };
    const [alice] = await cast(node, ["alice"], setting);
    for (; now < 1005n; now++) await alice!.turn();
    const left = async (): Promise<bigint[]> => (await alice!.group()).pastEpochs.map(({ epoch }) => epoch);
    expect(await left()).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(await (await alice!.group()).deletePastEpochs({ endedBefore: 1001n })).toBe(1);
    expect(await left()).toEqual([2n, 3n, 4n, 5n]);
    expect(await (await alice!.group()).deletePastEpochs({ keep: 2, olderThan: 1000n })).toBe(2);
    expect(await left()).toEqual([4n, 5n]);
    expect(await (await alice!.group()).deletePastEpochs({ keep: 2 })).toBe(0);
  });

  it("that a smaller setting does not cover are gone at once, on the disk and in memory", async () => {
    const [alice, bob] = await cast(node, ["alice", "bob"], { config: { maxPastEpochs: 3 } });
    const late = [await bob!.say("one")];
    await alice!.hear(await bob!.turn());
    late.push(await bob!.say("two"));
    await alice!.hear(await bob!.turn());
    const group = await alice!.group();
    await group.setConfig({ maxPastEpochs: 1 });
    expect(records(alice!, "past_epoch")).toBe(1);
    await expect(group.processMessage(late[0]!)).rejects.toThrow(WRONG_EPOCH);
    expect(await group.processMessage(late[1]!)).toMatchObject({ data: utf8("two") });
  });

  it("a clock that went back keeps them, and a choice that is none is refused", async () => {
    let now = 1000n;
    const config = { maxPastEpochs: 2, maxPastEpochAge: 5n };
    const [alice, bob] = await cast(node, ["alice", "bob"], {
      config,
      provider: { clock: { now: () => now } },
    });
    const late = await bob!.say("late");
    await alice!.hear(await bob!.turn());
    now = 10n;
    expect(await alice!.hear(late)).toMatchObject({ kind: "application" });
    const group = await alice!.group();
    for (const choice of [{ keep: -1 }, { olderThan: 3 }, { endedBefore: new Date() }, { epoch: 1n }, 7]) {
      await expect(group.deletePastEpochs(choice as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    }
    expect(group.pastEpochs).toHaveLength(2);
  });
});
