import { describe, expect, it } from "vitest";
import { utf8 } from "@openmls-ts/traits";
import { MlsGroup, proposals, proposeAsExternalSender, PskType, PublicGroup } from "../index.ts";
import { ProposalType, WireFormat } from "../registry.ts";
import { mlsError } from "../testing/suites.ts";
import { externalSendersExtension } from "../wire/index.ts";
import { follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { forgeProposal } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { gce, psk, sharePsk } from "../testing/proposals.ts";
import { expectUnable, insideOf, newcomer, newWorld } from "../testing/world.ts";

describe("proposals of a hostile member", () => {
  it("that no commit can carry do not keep the others from committing", async () => {
    const world = await newWorld();
    const { alice, bob, mallory } = world;
    const psk = { pskType: PskType.external, pskId: utf8("nobody has it") };
    const bad = [
      await mallory.group.propose(mallory.signer, proposals.psk(psk)),
      await forgeProposal(await insideOf(mallory), mallory.signer, gce(0xff01)),
    ];
    const dave = await newcomer("dave");
    const good = await bob.group.propose(bob.signer, proposals.add(await keyPackageOf(dave)));
    for (const { message } of [...bad, good]) {
      await alice.group.processMessage(message);
    }
    for (const { message } of bad) {
      await bob.group.processMessage(message);
    }
    const { commit, summary } = await alice.group.removeMembers(alice.signer, [3]);
    expect(summary.added).toHaveLength(1);
    expect(summary.removed.map(({ leafIndex }) => leafIndex)).toEqual([3]);
    expect(summary.proposals).toHaveLength(2);
    await follow(bob.group, commit);
    const { welcome } = await alice.group.mergePendingCommit();
    const d = await joinFrom(dave, welcome);
    expect(d.epochAuthenticator).toEqual(bob.group.epochAuthenticator);
  });

  it("are not counted twice by an observer", async () => {
    const { alice, bob } = await newWorld();
    const observer = await newcomer("observer");
    const watched = await PublicGroup.fromGroupInfo(
      observer.provider,
      await alice.group.exportGroupInfo(alice.signer),
    );
    const { message } = await bob.group.propose(bob.signer, proposals.remove(2));
    await watched.processMessage(message);
    await watched.processMessage(message);
    expect(watched.pendingProposals).toHaveLength(1);
  });
});

describe("what a stranger names too long", () => {
  it("is a PSK that is not at hand", async () => {
    const { alice, mallory } = await newWorld();
    const psk = { pskType: PskType.external, pskId: new Uint8Array(2000) };
    const { message } = await mallory.group.propose(mallory.signer, proposals.psk(psk));
    await alice.group.processMessage(message);
    await expectUnable(
      alice,
      async () =>
        alice.group.commitBuilder().includePendingProposals(false).injectPsk(psk).build(alice.signer),
      "ERR_MLS_MISSING_PSK",
    );
  });
});

describe("a proposal that is known and not wanted", () => {
  it.each(["private", "public"] as const)(
    "is left out of our commits and followed in those of others, also after a restart (%s)",
    async (handshake) => {
      const { alice, bob, charlie } = await newWorld({ config: { handshake } });
      const { message, reference } = await charlie.group.propose(charlie.signer, proposals.update());
      for (const { group } of [alice, bob]) await group.processMessage(message);
      expect(await bob.group.removePendingProposal(reference)).toBe(true);
      expect(await bob.group.removePendingProposal(new Uint8Array(32))).toBe(false);
      const check = (group: typeof bob.group, wanted: boolean): void => {
        expect(group.knownProposals.map((known) => known.wanted)).toEqual([wanted]);
        expect(group.pendingProposals).toHaveLength(wanted ? 1 : 0);
      };
      check(bob.group, false);
      await bob.group.createMessage(bob.signer, utf8("nothing waits")); // rfc93: it holds nobody up
      const loaded = (await MlsGroup.load(bob.provider, bob.group.groupId))!;
      check(loaded, false);
      const { summary } = await loaded.selfUpdate(bob.signer);
      expect(summary.proposals).toEqual([]);
      await loaded.clearPendingCommit();
      expect(await loaded.restorePendingProposal(reference)).toBe(true);
      check(loaded, true);
      await expect(loaded.createMessage(bob.signer, utf8("?"))).rejects.toThrow(
        mlsError("ERR_MLS_PENDING_PROPOSALS", "rfc93"),
      );
      expect((await loaded.selfUpdate(bob.signer)).summary.proposals).toHaveLength(1);
      await loaded.clearPendingCommit();
      await loaded.removePendingProposal({ reference });
      const { commit } = await alice.group.commitToPendingProposals(alice.signer);
      await alice.group.mergePendingCommit();
      await follow(loaded, commit);
      await bob.group.reload();
      expect(bob.group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
      expect(bob.group.knownProposals).toEqual([]);
      expect(await bob.group.restorePendingProposal(reference)).toBe(false);
    },
  );
});

describe("what members store of one another", () => {
  it("is bounded in number and in bytes; what is over the bound can come again, and the key of a private one is spent", async () => {
    const limits = {
      maxStoredProposals: 3,
      maxStoredProposalBytes: 3000,
      maxLifetime: 0xffff_ffff_ffff_ffffn,
    };
    for (const [size, fits] of [
      [10, 3],
      [1200, 2],
    ] as const) {
      const all = await newWorld({ config: { handshake: "private" } });
      const { mallory } = all;
      const bob = (await MlsGroup.load({ ...all.bob.provider, limits }, all.bob.group.groupId))!;
      const state = await insideOf(mallory);
      const refused: Uint8Array[] = [];
      for (let i = 0; i < 5; i++) {
        const proposal = {
          proposalType: ProposalType.groupContextExtensions,
          extensions: [{ extensionType: 0xff01, extensionData: new Uint8Array(size).fill(i) }],
        };
        const wireFormat = WireFormat.mlsPrivateMessage;
        const { message } = await forgeProposal(state, mallory.signer, proposal, { wireFormat });
        await bob.processMessage(message).catch((error: unknown) => {
          expect(error).toEqual(mlsError("ERR_MLS_LIMIT"));
          refused.push(message);
        });
      }
      expect(bob.knownProposals).toHaveLength(fits);
      expect(refused).toHaveLength(5 - fits);
      await expect(bob.processMessage(refused[0]!)).rejects.toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
      const loaded = (await MlsGroup.load({ ...all.bob.provider, limits }, bob.groupId))!;
      expect(loaded.knownProposals).toEqual(bob.knownProposals);
      const stored = all.bob.storage.entries().filter(({ key }) => key.table === "proposal");
      expect(stored.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThanOrEqual(3000);
      if (size === 10) {
        const more = loaded.propose(all.bob.signer, proposals.update());
        await expect(more).rejects.toThrow(mlsError("ERR_MLS_LIMIT"));
      }
      expect((await loaded.selfUpdate(all.bob.signer)).commit.length).toBeGreaterThan(0);
    }
  });
});

describe("after a committed ReInit", () => {
  it("rfc78: proposals of members and from outside are refused, not stored", async () => {
    const service = await newcomer("service");
    const all = await newWorld({ extensions: [externalSendersExtension([service.credentialWithKey])] });
    const { alice, bob } = all;
    const mallory = await insideOf(all.mallory);
    const { commit } = await alice.group
      .commit()
      .propose(proposals.reinit({ groupId: utf8("next"), cipherSuite: 1 }))
      .build(alice.signer);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    await follow(all.mallory.group, commit);
    const before = bob.storage.entries();
    const inside = await insideOf(all.mallory);
    expect(inside.epoch.groupContext.epoch).toBe(mallory.epoch.groupContext.epoch + 1n);
    const { message } = await forgeProposal(inside, all.mallory.signer, { proposalType: 3, removed: 2 });
    const target = { cipherSuite: 1, groupId: bob.group.groupId, epoch: bob.group.epoch };
    const outside = await proposeAsExternalSender(
      service.provider,
      service.signer,
      target,
      0,
      proposals.remove(2),
    );
    for (const proposal of [message, outside]) {
      await expect(bob.group.processMessage(proposal)).rejects.toThrow(
        mlsError("ERR_MLS_GROUP_INACTIVE", "rfc78"),
      );
    }
    expect(bob.storage.entries()).toEqual(before);
    expect(bob.group.knownProposals).toEqual([]);
  });
});

describe("a commit of too many proposals", () => {
  it("is neither made nor taken", async () => {
    const limits = { maxProposalsPerCommit: 3, maxLifetime: 0xffff_ffff_ffff_ffffn };
    const all = await newWorld();
    const { alice, bob, mallory } = all;
    await sharePsk(all, "psk");
    const psks = [1, 2, 3, 4].map((nonce) => psk("psk", nonce));
    const limited = { ...bob, group: (await MlsGroup.load({ ...bob.provider, limits }, bob.group.groupId))! };
    const state = await insideOf(mallory);
    const [most, more] = [
      await forgeCommit(state, mallory.signer, { proposals: psks.slice(1) }),
      await forgeCommit(state, mallory.signer, { proposals: psks }),
    ];
    await expectUnable(limited, async () => limited.group.processMessage(more.message), "ERR_MLS_LIMIT");
    const make = async (): Promise<unknown> =>
      limited.group
        .commit()
        .propose(...psks)
        .build(bob.signer);
    await expectUnable(limited, make, "ERR_MLS_LIMIT");
    await follow(limited.group, most.message);
    expect(await alice.group.processMessage(more.message)).toMatchObject({ kind: "commit" });
  });
});
