import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { proposals } from "../index.ts";
import { actor, type Actor, cast, CRYPTO } from "../testing/cast.ts";
import { client, createGroup, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const psksOf = async (who: Actor, epochs: readonly bigint[]): Promise<(string | undefined)[]> =>
  Promise.all(
    epochs.map(async (epoch) => {
      const psk = await (await who.group()).resumptionPsk(epoch);
      return psk === undefined ? undefined : bytesToHex(psk);
    }),
  );

/** Other groups of the same people on the same stores. */
async function secondGroup(people: readonly Actor[]): Promise<Actor[]> {
  const [first, ...others] = people;
  const group = await createGroup(first!);
  await group.addMembers(first!.signer, await Promise.all(others.map(keyPackageOf)));
  const { welcome } = await group.mergePendingCommit();
  for (const other of others) await joinFrom(other, welcome);
  return people.map((who) => actor(who, () => group.groupId));
}

describe.each(CRYPTO)("resumption PSKs on %s", (_, crypto) => {
  it("are readable by epoch, the same for all, as long as the settings say", async () => {
    const config = { resumptionPskEpochs: 3 };
    const [alice, bob] = await cast(crypto, ["alice", "bob"], { config });
    for (let turns = 0; turns < 3; turns++) await bob!.hear(await alice!.turn());
    const epochs = [1n, 2n, 3n, 4n, 5n];
    const seen = await psksOf(alice!, epochs);
    expect(seen.map((psk) => psk?.length)).toEqual([undefined, 64, 64, 64, undefined]);
    expect(new Set(seen).size).toBe(4);
    expect(await psksOf(bob!, epochs)).toEqual(seen);
    expect(bytesToHex((await (await bob!.group()).resumptionPsk())!)).toBe(seen[3]);
    await (await bob!.group()).setConfig({ resumptionPskEpochs: 1 });
    expect(await psksOf(bob!, epochs)).toEqual([undefined, undefined, undefined, seen[3], undefined]);
  });

  it("link one group's epoch to another's: who was not there cannot follow", async () => {
    const people = await cast(crypto, ["alice", "bob"]);
    for (let turns = 0; turns < 2; turns++) await people[1]!.hear(await people[0]!.turn());
    const { groupId } = await people[0]!.group();
    const [alice, bob] = await secondGroup(people);
    const link = proposals.resumptionPsk({ groupId, epoch: 2n });
    const { commit } = await (await alice!.group()).commit().propose(link).build(alice!.signer);
    await (await alice!.group()).mergePendingCommit();
    await bob!.hear(commit);
    expect((await bob!.group()).epochAuthenticator).toEqual((await alice!.group()).epochAuthenticator);
    const stranger = await client("stranger", crypto);
    const added = await (await alice!.group()).addMembers(alice!.signer, [await keyPackageOf(stranger)]);
    const { welcome } = await (await alice!.group()).mergePendingCommit();
    await bob!.hear(added.commit);
    const joined = await joinFrom(stranger, welcome);
    const again = await (
      await bob!.group()
    )
      .commit()
      .propose(proposals.resumptionPsk({ groupId, epoch: 3n }))
      .build(bob!.signer);
    await alice!.hear(again.commit);
    const before = joined.epochAuthenticator;
    await expect(joined.processMessage(again.commit)).rejects.toMatchObject({
      code: "ERR_MLS_MISSING_PSK",
      details: { id: { pskGroupId: groupId, pskEpoch: 3n } },
    });
    expect(joined.epochAuthenticator).toEqual(before);
  });
});

describe("a resumption PSK", () => {
  const [, node] = CRYPTO[0]!;

  it("of the present epoch can be read where none is kept, and is a copy", async () => {
    const [alice] = await cast(node, ["alice"], { config: { resumptionPskEpochs: 0 } });
    const group = await alice!.group();
    const [psk, again] = [await group.resumptionPsk(), await group.resumptionPsk(1n)];
    expect(psk).toEqual(again);
    psk!.fill(0);
    expect(await group.resumptionPsk()).toEqual(again);
    expect(await group.resumptionPsk(0n)).toBeUndefined();
    for (const epoch of [1, "1", -1n, 2n ** 64n, utf8("1")]) {
      await expect(group.resumptionPsk(epoch as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    }
  });
});
