import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type MlsGroupConfig, MlsGroup, proposals, StagedWelcome } from "../index.ts";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { client, createGroup, follow, joinFrom, keyPackageOf, ownerOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { remove } from "../testing/proposals.ts";
import { mlsError } from "../testing/suites.ts";
import { expectUnable, insideOf, newcomer, newWorld } from "../testing/world.ts";

const crypto = nodeCrypto();
const text = utf8("hello");

describe("settings of one member", () => {
  it("decide nothing about what the others send: members of all settings follow one another", async () => {
    const settings: readonly Partial<MlsGroupConfig>[] = [
      { handshake: "private", maxPastEpochs: 0, resumptionPskEpochs: 0, grease: false },
      { handshake: "public", maxPastEpochs: 3, paddingSize: 256, grease: "capabilities" },
      { ratchetTreeExtension: false, pauseForRemovals: true, resumptionPskEpochs: 1 },
      {},
    ];
    const people = await Promise.all(settings.map(async (_, i) => client(`member ${i}`, crypto)));
    const [first, ...others] = people;
    const groups = [await createGroup(first!, settings[0])];
    await groups[0]!.addMembers(first!.signer, await Promise.all(others.map(keyPackageOf)));
    const { welcome } = await groups[0]!.mergePendingCommit();
    for (const [i, other] of others.entries()) groups.push(await joinFrom(other, welcome, settings[i + 1]));
    for (const [i, sender] of groups.entries()) {
      const { signer } = people[i]!;
      const update = await sender.propose(signer, proposals.update());
      const committer = groups[(i + 1) % groups.length]!;
      for (const group of groups) if (group !== sender) await group.processMessage(update.message);
      const newcomerOfRound = await keyPackageOf(await client(`guest ${i}`, crypto));
      const { commit } = await committer
        .commit()
        .addMembers([newcomerOfRound])
        .build(people[(i + 1) % groups.length]!.signer);
      await committer.mergePendingCommit();
      for (const group of groups) if (group !== committer) await follow(group, commit);
      const said = await sender.createMessage(signer, text);
      for (const group of groups)
        if (group !== sender) expect(await group.processMessage(said)).toMatchObject({ data: text });
      expect(new Set(groups.map(({ epochAuthenticator }) => String(epochAuthenticator))).size).toBe(1);
    }
  });

  it("nor does a clock: a KeyPackage that expired on the way is followed by all, and added by nobody", async () => {
    let now = 1_800_000_000n;
    const clock = { now: () => now };
    const { alice, bob, charlie } = await newWorld({ provider: { clock } });
    const dave = await newcomer("dave", { provider: { clock } });
    const keyPackage = await keyPackageOf(dave);
    const { commit } = await alice.group.addMembers(alice.signer, [keyPackage]);
    now += 400n * 86_400n;
    await follow(bob.group, commit);
    await alice.group.mergePendingCommit();
    expect(bob.group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    const add = async (): Promise<unknown> => charlie.group.addMembers(charlie.signer, [keyPackage]);
    await expectUnable(charlie, add, "ERR_MLS_VALIDATION", "valn0105");
    const propose = async (): Promise<unknown> =>
      charlie.group.propose(charlie.signer, proposals.add(keyPackage));
    await expectUnable(charlie, propose, "ERR_MLS_VALIDATION", "valn0105");
    await follow(charlie.group, commit);
  });
});

describe("what can never be carried out is refused when it is asked for", () => {
  it("a ReInit into the same group id", async () => {
    const { alice } = await newWorld();
    const same = { groupId: alice.group.groupId, cipherSuite: 1 };
    const { group, signer } = alice;
    await expectUnable(
      alice,
      async () => group.commit().propose(proposals.reinit(same)).build(signer),
      "ERR_MLS_USAGE",
    );
    await expectUnable(alice, async () => group.propose(signer, proposals.reinit(same)), "ERR_MLS_USAGE");
  });

  it("a ReInit, its successor or a branch without resumption PSKs", async () => {
    const all = await newWorld({ config: { resumptionPskEpochs: 0 } });
    const { alice, bob } = all;
    const { group, signer } = alice;
    const next = proposals.reinit({ groupId: utf8("next"), cipherSuite: 1 });
    await expectUnable(alice, async () => group.commit().propose(next).build(signer), "ERR_MLS_USAGE");
    const keyPackages = [await keyPackageOf(bob)];
    const options = { ...ownerOf(alice), keyPackages };
    await expectUnable(alice, async () => group.branch(options), "ERR_MLS_USAGE");
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: [{ proposalType: 5, groupId: utf8("next"), version: 1, cipherSuite: 1, extensions: [] }],
    });
    await follow(group, message);
    await expectUnable(alice, async () => group.reinitialize(options), "ERR_MLS_USAGE");
  });

  it("a resumption PSK of the group in a commit that adds members, who cannot have it", async () => {
    const { alice, bob } = await newWorld();
    const { group, signer } = alice;
    const psk = proposals.resumptionPsk({ groupId: group.groupId, epoch: group.epoch });
    const keyPackage = await keyPackageOf(await newcomer("dave"));
    const both = async (): Promise<unknown> =>
      group.commit().addMembers([keyPackage]).propose(psk).build(signer);
    await expectUnable(alice, both, "ERR_MLS_USAGE");
    const { message } = await bob.group.propose(bob.signer, psk);
    await group.processMessage(message);
    const { leftOut, summary } = await group.addMembers(signer, [keyPackage]); // it waits for another commit
    expect(leftOut.map(({ reason }) => reason.code)).toEqual(["ERR_MLS_USAGE"]);
    expect(summary.added).toHaveLength(1);
    await group.clearPendingCommit();
    const { commit } = await group.commit().propose(psk).build(signer);
    await follow(bob.group, commit);
  });
});

describe("a branch (RFC 9420 §11.3)", () => {
  it("is compared with the epoch whose PSK links it, not with the present one", async () => {
    const { alice, bob, charlie, mallory } = await newWorld();
    const keyPackages = [await keyPackageOf(bob), await keyPackageOf(charlie)];
    const { group, welcome } = await alice.group.branch({ ...ownerOf(alice), keyPackages });
    // meanwhile Charlie was removed, and somebody else came to his leaf
    const dave = await newcomer("dave");
    const { commit } = await mallory.group
      .commit()
      .removeMembers([2])
      .addMembers([await keyPackageOf(dave)])
      .build(mallory.signer);
    await follow(bob.group, commit);
    await follow(
      bob.group,
      (await mallory.group.mergePendingCommit(), await mallory.group.selfUpdate(mallory.signer)).commit,
    );
    const joined = await joinFrom(bob, welcome);
    expect(joined.epochAuthenticator).toEqual(group.epochAuthenticator);
    expect(group.members()).toHaveLength(3);
    const late = [await keyPackageOf(bob), await keyPackageOf(dave)];
    await expect(alice.group.branch({ ...ownerOf(alice), keyPackages: late })).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn1414"),
    );
  });

  it("of an epoch that this client has forgotten is not joined", async () => {
    const { alice, bob, mallory } = await newWorld({ config: { resumptionPskEpochs: 2 } });
    const { welcome } = await alice.group.branch({
      ...ownerOf(alice),
      keyPackages: [await keyPackageOf(bob)],
    });
    for (let i = 0; i < 3; i++) {
      const { commit } = await mallory.group.selfUpdate(mallory.signer);
      await mallory.group.mergePendingCommit();
      await follow(bob.group, commit);
    }
    await expect(StagedWelcome.fromWelcome(bob.provider, welcome!)).rejects.toThrow(
      mlsError("ERR_MLS_MISSING_PSK"),
    );
  });
});

describe("between a Remove and its merge (RFC 9420 §15.2)", () => {
  it("messages still reach those who go, unless the group is told to pause", async () => {
    for (const pauseForRemovals of [false, true]) {
      const { alice, bob, charlie } = await newWorld({ config: { pauseForRemovals } });
      const { commit } = await alice.group.removeMembers(alice.signer, [2]);
      const { commit: update } = await alice.group
        .clearPendingCommit()
        .then(async () => alice.group.selfUpdate(alice.signer));
      const harmless = await bob.group.processMessage(update);
      await charlie.group.processMessage(await bob.group.createMessage(bob.signer, text));
      if (harmless.kind === "commit") harmless.stagedCommit.discard();
      const processed = await bob.group.processMessage(commit);
      if (processed.kind !== "commit") throw new Error(processed.kind);
      const send = async (): Promise<Uint8Array> => bob.group.createMessage(bob.signer, text);
      if (!pauseForRemovals) {
        expect(await charlie.group.processMessage(await send())).toMatchObject({ data: text });
        continue;
      }
      const paused = mlsError("ERR_MLS_PENDING_COMMIT");
      await expect(send()).rejects.toThrow(paused);
      const again = await bob.group.processMessage(commit); // staged twice
      if (again.kind !== "commit") throw new Error(again.kind);
      processed.stagedCommit.discard();
      await expect(send()).rejects.toThrow(paused);
      again.stagedCommit.discard();
      await charlie.group.processMessage(await send());
      await follow(bob.group, commit);
      await expect(charlie.group.processMessage(await send())).rejects.toThrow(
        mlsError("ERR_MLS_WRONG_EPOCH"),
      );
    }
  });

  it("the one who is removed cannot know whether the others take the commit (§12.4.2)", async () => {
    const all = await newWorld();
    const { bob, charlie, mallory } = all;
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [remove(2)],
      editTag: (tag) => tag.map((byte) => byte ^ 1),
    });
    await expect(bob.group.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_INVALID_TAG", "rfc27"));
    const processed = await charlie.group.processMessage(message);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    expect(processed.stagedCommit.selfRemoved).toBe(true);
    expect(charlie.group.isActive).toBe(true); // until the application merges it
    await charlie.group.processMessage(await bob.group.createMessage(bob.signer, text));
    expect(await MlsGroup.load(charlie.provider, charlie.group.groupId)).toBeDefined();
    await charlie.group.mergeStagedCommit(processed.stagedCommit);
    expect(charlie.storage.entries()).toEqual([]);
  });
});
