import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { StagedWelcome } from "@openmls-ts/mls-core";
import { type CryptoProvider, type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { type EpochReport, epochReport, partitionMembers, reboot, recoverForkByReadding } from "./index.ts";
import { type Person, person, together } from "./testing/people.ts";

const CRYPTO: readonly (readonly [string, CryptoProvider])[] = [
  ["node", nodeCrypto()],
  ["web", webCrypto()],
  ["noble", nobleCrypto()],
];
const [, node] = CRYPTO[0]!;
const code = (value: MlsErrorCode): Error =>
  expect.objectContaining({ name: "MlsError", code: value }) as Error;

interface Fork {
  readonly groupId: Uint8Array;
  readonly alice: Person;
  readonly bob: Person;
  readonly charlie: Person;
  readonly dave: Person;
}

/** Alice and Charlie in one state of epoch 2, Bob and Dave in another, each by a commit of their own. */
async function forked(crypto: CryptoProvider): Promise<Fork> {
  const names = ["alice", "bob", "charlie", "dave"];
  const [alice, bob, charlie, dave] = await Promise.all(names.map(async (name) => person(name, crypto)));
  const people = { alice: alice!, bob: bob!, charlie: charlie!, dave: dave! };
  const groupId = await together(Object.values(people));
  for (const [committer, follower] of [
    [people.alice, people.charlie],
    [people.bob, people.dave],
  ] as const) {
    const { commit } = await (await committer.group(groupId)).selfUpdate(committer.signer);
    await (await committer.group(groupId)).mergePendingCommit();
    await follower.follow(groupId, commit);
  }
  return { groupId, ...people };
}

const reportOf = async (who: Person, groupId: Uint8Array): Promise<EpochReport> =>
  epochReport(await who.group(groupId));

async function expectTogether(groupId: Uint8Array, people: readonly Person[]): Promise<void> {
  const [first] = people;
  const own = [await reportOf(first!, groupId)];
  const reports = await Promise.all(people.map(async (who) => reportOf(who, groupId)));
  expect(partitionMembers(own, reports.entries()).same).toHaveLength(people.length);
  const message = await (await first!.group(groupId)).createMessage(first!.signer, utf8("all here?"));
  for (const who of people.slice(1)) {
    expect(await (await who.group(groupId)).processMessage(message)).toMatchObject({
      data: utf8("all here?"),
    });
  }
}

describe.each(CRYPTO)("a forked group on %s", (_, crypto) => {
  it("is found out by reports, and whole again when the others are added again", async () => {
    const { groupId, alice, bob, charlie, dave } = await forked(crypto);
    const group = await alice.group(groupId);
    const reports = await Promise.all([alice, bob, charlie, dave].map(async (who) => reportOf(who, groupId)));
    const { same, forked: others } = partitionMembers([epochReport(group)], reports.entries());
    expect([same, others]).toEqual([
      [0, 2],
      [1, 3],
    ]);
    const readd = recoverForkByReadding(group, same);
    expect(readd.complementPartition.map(({ identity }) => identity)).toEqual([utf8("bob"), utf8("dave")]);
    const keyPackages = await Promise.all([bob, dave].map(async (who) => who.keyPackage()));
    const { commit, summary } = await readd.provideKeyPackages(keyPackages).build(alice.signer);
    expect(summary).toMatchObject({ removed: [{ leafIndex: 1 }, { leafIndex: 3 }], added: [{}, {}] });
    const { welcome } = await (await alice.group(groupId)).mergePendingCommit();
    await charlie.follow(groupId, commit);
    await (await bob.group(groupId)).delete();
    await bob.join(welcome);
    await (await StagedWelcome.fromWelcome(dave.provider, welcome!, { replaceOldGroup: true })).intoGroup();
    await expectTogether(groupId, [alice, bob, charlie, dave]);
  });

  it("is whole again in a new group", async () => {
    const { groupId, alice, bob, charlie, dave } = await forked(crypto);
    const { provider, signer, credentialWithKey } = alice;
    const old = await alice.group(groupId);
    const next = reboot(old, utf8("next"));
    expect(next.oldMembers.map(({ leafIndex }) => leafIndex)).toEqual([1, 2, 3]);
    const others = [bob, charlie, dave];
    const keyPackages = await Promise.all(others.map(async (who) => who.keyPackage()));
    const { group, welcome, welcomed } = await next
      .refineGroup((builder) => builder.config({ ...old.config, maxPastEpochs: 4 }))
      .finish({
        provider,
        signer,
        credentialWithKey,
        extensions: next.oldExtensions,
        keyPackages,
        refineCommit: (commit) => commit.forceSelfUpdate(),
      });
    expect(welcomed).toHaveLength(3);
    expect(group).toMatchObject({ groupId: utf8("next"), epoch: 1n });
    expect((await alice.group(utf8("next"))).config).toMatchObject({ paddingSize: 32, maxPastEpochs: 4 });
    for (const who of others) await who.join(welcome);
    await expectTogether(utf8("next"), [alice, ...others]);
    expect((await alice.group(groupId)).epoch).toBe(2n); // stays until it is deleted
  });
});

describe("adding again", () => {
  it("needs members, the own leaf among them", async () => {
    const { groupId, alice } = await forked(node);
    const group = await alice.group(groupId);
    for (const partition of [[0, 4], [1, 2], [], [0, -1], [0, 1.5], [0, "1"], "0", undefined]) {
      expect(() => recoverForkByReadding(group, partition as never)).toThrow(code("ERR_MLS_USAGE"));
    }
    expect(() => recoverForkByReadding({ members: () => [] } as never, [0])).toThrow(code("ERR_MLS_USAGE"));
    expect(group.pendingCommit).toBeUndefined();
  });

  it("takes nobody in whose key package is bad, and changes nothing then", async () => {
    const { groupId, alice, bob, charlie } = await forked(node);
    const group = await alice.group(groupId);
    const before = alice.storage.entries();
    const readd = recoverForkByReadding(group, [0, 2]);
    const bad = await bob.keyPackage();
    bad[bad.length - 1]! ^= 1;
    await expect(readd.provideKeyPackages([bad]).build(alice.signer)).rejects.toThrow(
      code("ERR_MLS_INVALID_SIGNATURE"),
    );
    const there = await charlie.keyPackage(); // who is in the own partition stays as it is
    await expect(readd.provideKeyPackages([there]).build(alice.signer)).rejects.toMatchObject({
      code: "ERR_MLS_VALIDATION",
      rule: "valn0306",
    });
    expect(alice.storage.entries()).toEqual(before);
  });
});

describe("a new group", () => {
  it("is not left behind half made", async () => {
    const { groupId, alice, bob } = await forked(node);
    const { provider, signer, credentialWithKey } = alice;
    const before = alice.storage.entries();
    const next = reboot(await alice.group(groupId), utf8("next"));
    const bad = await bob.keyPackage();
    bad[bad.length - 1]! ^= 1;
    const choices = { provider, signer, credentialWithKey, extensions: [], keyPackages: [bad] };
    await expect(next.finish(choices)).rejects.toThrow(code("ERR_MLS_INVALID_SIGNATURE"));
    expect(alice.storage.entries()).toEqual(before);
    const { group } = await next.finish({ ...choices, keyPackages: [await bob.keyPackage()] });
    expect(group.members()).toHaveLength(2);
    await expect(next.finish(choices)).rejects.toThrow(code("ERR_MLS_GROUP_EXISTS"));
  });

  it("is of a group, with a name and choices", async () => {
    const { groupId, alice } = await forked(node);
    const group = await alice.group(groupId);
    expect(() => reboot({} as never, utf8("x"))).toThrow(code("ERR_MLS_USAGE"));
    expect(() => reboot(group, "x" as never)).toThrow(code("ERR_MLS_USAGE"));
    const next = reboot(group, utf8("x"));
    expect(() => next.refineGroup(7 as never)).toThrow(code("ERR_MLS_USAGE"));
    const { provider, signer, credentialWithKey } = alice;
    for (const choices of [
      undefined,
      { provider, signer, credentialWithKey, extensions: [] },
      { members: [] },
    ]) {
      await expect(next.finish(choices as never)).rejects.toThrow(code("ERR_MLS_USAGE"));
    }
  });
});
