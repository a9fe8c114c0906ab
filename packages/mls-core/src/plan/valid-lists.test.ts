import { isProposal } from "../wire/index.ts";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { ProposalType, PskType } from "../registry.ts";
import { follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeUpdate } from "../testing/forge-update.ts";
import { add, cached, gce, psk, reinit, remove, sharePsk } from "../testing/proposals.ts";
import { expectRefused, insideOf, newcomer, newWorld, sharedWorld } from "../testing/world.ts";

const world = sharedWorld();

describe("lists that are right", () => {
  it("valn0307: one PSK with two nonces; rfc58 trap43: order is the commit's", async () => {
    const all = await newWorld();
    await sharePsk(all, "a", "b", "c");
    const { alice, bob, mallory, charlie } = all;
    const byRef = await cached(charlie, psk("b", 7), alice, bob);
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [psk("c"), byRef, psk("a", 1), psk("a", 2)],
      path: false,
    });
    await follow(alice.group, message);
    await follow(bob.group, message);
    expect(alice.group.epochAuthenticator).toEqual(bob.group.epochAuthenticator);
  });

  it("trap43: twenty queued proposals keep their order over a restart; dropped ones leave no trace", async () => {
    const all = await newWorld();
    const { alice, bob, charlie } = all;
    const ids = Array.from({ length: 20 }, (_, i) => `psk ${i}`);
    await sharePsk(all, ...ids);
    for (const id of ids) {
      await cached(charlie, psk(id), alice, bob);
    }
    const dropped = alice.group.pendingProposals[3]!.reference;
    await alice.group.removePendingProposal(dropped);
    const reloaded = await MlsGroup.load(alice.provider, alice.group.groupId);
    const { commit, summary } = await reloaded!.commitToPendingProposals(alice.signer);
    expect(summary.psks.map((id) => ("pskId" in id ? id.pskId : undefined))).toEqual(
      ids.filter((_, i) => i !== 3).map((id) => utf8(id)),
    );
    await follow(bob.group, commit);
    await reloaded!.mergePendingCommit();
    expect(bob.group.epochAuthenticator).toEqual(reloaded!.epochAuthenticator);
  });

  it("valn0306 valn0111 rfc91: a member is added again next to the Remove of its old leaf, wherever they stand", async () => {
    const { alice, bob, mallory, charlie } = await newWorld();
    const again = { proposalType: ProposalType.add, keyPackage: (await keyPackageOf(charlie)).fields };
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [again, remove(2), gce()],
    });
    await follow(alice.group, message);
    await follow(bob.group, message);
    expect(bob.group.leafNode(2)?.leafNodeSource).toBe(1);
    expect(alice.group.epochAuthenticator).toEqual(bob.group.epochAuthenticator);
  });

  it("rfc91: a commit computed in the order of its list is refused", async () => {
    const all = await newWorld();
    const { mallory } = all;
    const one = await add("dave");
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [one, remove(2)],
      apply: (tree) => {
        if (isProposal(one, ProposalType.add)) {
          tree.addLeaf(one.keyPackage.leafNode); // before the leaf was freed
        }
        tree.removeLeaf(2);
      },
    });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn1101");
  });

  it("rfc59: each injection has a fresh nonce of Nh bytes", async () => {
    const all = await newWorld();
    await sharePsk(all, "a");
    const nonces = new Set<string>();
    const name = { pskType: PskType.external, pskId: utf8("a") };
    for (const player of [all.alice, all.bob, all.alice]) {
      const { summary } = await player.group.commitBuilder().injectPsk(name).build(player.signer);
      expect(summary.psks[0]?.pskNonce).toHaveLength(32);
      nonces.add(String(summary.psks[0]?.pskNonce));
      await player.group.clearPendingCommit();
    }
    expect(nonces.size).toBe(3);
  });

  it.each([
    ["Add", async () => [await add("dave")]],
    ["PSK", async () => [psk("a")]],
    ["ReInit", async () => [reinit]],
    ["Add and PSK", async () => [await add("dave"), psk("a")]],
  ])("rfc96: %s without a path", async (_, make) => {
    const all = await newWorld();
    await sharePsk(all, "a");
    const { alice, bob, mallory } = all;
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: await make(),
      path: false,
    });
    await follow(alice.group, message);
    await follow(bob.group, message);
    expect(alice.group.epochAuthenticator).toEqual(bob.group.epochAuthenticator);
  });

  it("rfc96: the joiner of a pathless Add agrees", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    const { summary } = await alice.group
      .commitBuilder()
      .addMembers([await keyPackageOf(dave)])
      .build(alice.signer);
    expect(summary.updatePathLeaf).toBeUndefined();
    const joined = await joinFrom(dave, (await alice.group.mergePendingCommit()).welcome);
    expect(joined.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
  });
});

describe("a commit without the path it needs", () => {
  it.each([
    ["valn1206: an empty commit", async () => []],
    ["valn1206: a Remove", async () => [remove(2)]],
    ["valn1206: Add and Remove", async () => [await add("dave"), remove(2)]],
    ["rfc95: GroupContextExtensions", async () => [gce()]],
    ["rfc95: Add and GroupContextExtensions", async () => [await add("dave"), gce()]],
  ])("%s", async (_, make) => {
    const all = await world();
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: await make(),
      path: false,
    });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn1206");
  });

  it("valn1206: an Update by reference", async () => {
    const all = await newWorld();
    const update = await forgeUpdate(await insideOf(all.charlie), all.charlie.signer);
    const byRef = await cached(all.charlie, update, all.bob);
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: [byRef],
      path: false,
    });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn1206");
  });
});
