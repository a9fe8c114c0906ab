import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { proposals } from "../index.ts";
import { type Actor, cast, CRYPTO } from "../testing/cast.ts";
import { mlsError } from "../testing/suites.ts";

const GONE = mlsError("ERR_MLS_SECRET_CONSUMED", "rfc65");
const TOO_FAR = mlsError("ERR_MLS_LIMIT", "rfc69");

/** How many keys of overtaken messages are in the store: records of 10 bytes of id behind the epoch's 8. */
const skipped = ({ storage }: Actor): number =>
  storage.entries().filter(({ key }) => key.table === "message_key" && key.id[8] === 2).length;

async function sayMany(who: Actor, count: number): Promise<Uint8Array[]> {
  const group = await who.group();
  const said: Uint8Array[] = [];
  for (let i = 0; i < count; i++) said.push(await group.createMessage(who.signer, utf8(`message ${i}`)));
  return said;
}

describe.each(CRYPTO)("rfc69: the window of a ratchet on %s", (_, crypto) => {
  it("is the group's: what is overtaken too far is gone, what is too far ahead is refused", async () => {
    const config = { outOfOrderTolerance: 2, maxForwardDistance: 10 };
    const [alice, bob] = await cast(crypto, ["alice", "bob"], { config });
    const said = await sayMany(alice!, 23);
    await expect(bob!.hear(said[11]!)).rejects.toThrow(TOO_FAR);
    expect(await bob!.hear(said[10]!)).toMatchObject({ generation: 10 });
    expect(skipped(bob!)).toBe(2); // the eight before are never derived into keys that are kept
    for (const at of [8, 9])
      expect(await bob!.hear(said[at]!)).toMatchObject({ data: utf8(`message ${at}`) });
    for (const at of [7, 9, 10]) await expect(bob!.hear(said[at]!)).rejects.toThrow(GONE);
    expect(await bob!.hear(said[21]!)).toMatchObject({ generation: 21 });
    await (await bob!.group()).setConfig({ outOfOrderTolerance: 1 });
    expect(skipped(bob!)).toBe(1);
    await expect(bob!.hear(said[19]!)).rejects.toThrow(GONE);
    expect(await bob!.hear(said[20]!)).toMatchObject({ generation: 20 });
    expect(await bob!.hear(said[22]!)).toMatchObject({ generation: 22 });
  });
});

describe("the window of a ratchet", () => {
  const [, node] = CRYPTO[0]!;

  it("decides nothing about proposals and commits, which members must not lose one another on", async () => {
    const config = { outOfOrderTolerance: 0, maxForwardDistance: 0 };
    const [alice, bob] = await cast(node, ["alice", "bob"], { config });
    const first = await (
      await alice!.group()
    ).propose(alice!.signer, proposals.psk({ pskType: 1, pskId: utf8("x") }));
    await (await alice!.group()).removePendingProposal(first.reference);
    const commit = await alice!.turn();
    await bob!.hear(commit); // generation 1: the proposal is on its way
    expect((await bob!.group()).epoch).toBe(2n);
    const [lost, kept] = await sayMany(alice!, 2);
    await expect(bob!.hear(kept!)).rejects.toThrow(TOO_FAR);
    expect(await bob!.hear(lost!)).toMatchObject({ generation: 0 });
    expect(await bob!.hear(kept!)).toMatchObject({ generation: 1 });
  });

  it("is no wider than the provider's limits, and costs steps, not keys", async () => {
    const limits = { maxForwardDistance: 20, maxSkippedKeys: 3, maxLifetime: 0xffff_ffff_ffff_ffffn };
    const config = { outOfOrderTolerance: 100, maxForwardDistance: 1000 };
    const [alice, bob] = await cast(node, ["alice", "bob"], { config, provider: { limits } });
    const said = await sayMany(alice!, 22);
    await expect(bob!.hear(said[21]!)).rejects.toThrow(TOO_FAR);
    await bob!.hear(said[20]!);
    expect(skipped(bob!)).toBe(3);
  });

  it("covers past epochs, and a narrower one is in force for them at once", async () => {
    const [alice, bob] = await cast(node, ["alice", "bob"], { config: { maxPastEpochs: 1 } });
    const said = await sayMany(alice!, 6);
    await bob!.hear(said[4]!);
    await bob!.hear(await alice!.turn());
    expect(skipped(bob!)).toBe(4);
    const group = await bob!.group();
    await group.setConfig({ outOfOrderTolerance: 2 });
    expect(skipped(bob!)).toBe(2);
    await expect(group.processMessage(said[1]!)).rejects.toThrow(GONE);
    expect(await group.processMessage(said[3]!)).toMatchObject({ kind: "application" });
    expect(await group.processMessage(said[5]!)).toMatchObject({ kind: "application" });
  });
});
