import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { KeyPackage, MlsGroup, proposals } from "../index.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeProposal } from "../testing/forge.ts";
import { forgeUpdate } from "../testing/forge-update.ts";
import { follow } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, newWorld, recordsOf } from "../testing/world.ts";

describe("received proposals that are more than a commit may hold", () => {
  it("are left out from the newest, and what is asked for is not", async () => {
    const { alice, bob, charlie } = await newWorld({ provider: { limits: { maxProposalsPerCommit: 3 } } });
    const references: Uint8Array[] = [];
    for (const [player, member] of [
      [bob, 2],
      [charlie, 1],
      [bob, 3],
    ] as const) {
      const sent = await player.group.propose(player.signer, proposals.remove(member));
      references.push(sent.reference);
      for (const { group } of [alice, bob, charlie]) {
        if (group !== player.group) await group.processMessage(sent.message);
      }
    }
    const built = await alice.group
      .commit()
      .propose(proposals.groupContextExtensions([]))
      .build(alice.signer);
    expect(built.leftOut.map(({ proposal, reason }) => [proposal.reference, reason.code])).toEqual([
      [references[2], "ERR_MLS_LIMIT"],
    ]);
    expect(built.summary.removed.map(({ leafIndex }) => leafIndex).sort()).toEqual([1, 2]);
    const tooMuch = alice.group.commit().propose(...Array.from({ length: 4 }, () => proposals.remove(1)));
    await alice.group.clearPendingCommit();
    await expect(tooMuch.build(alice.signer)).rejects.toThrow(mlsError("ERR_MLS_LIMIT"));
  });
});

describe("received leaves with a key in common", () => {
  it.each(["the honest one first", "the copy last, of two honest ones"])(
    "%s: the first stays",
    async (how) => {
      const { alice, bob, charlie, mallory } = await newWorld();
      const honest = await bob.group.propose(bob.signer, proposals.update());
      await alice.group.processMessage(honest.message);
      const other = how.endsWith("two honest ones")
        ? await charlie.group.propose(charlie.signer, proposals.update())
        : undefined;
      if (other !== undefined) await alice.group.processMessage(other.message);
      const stolen = alice.group.pendingProposals[0]!.proposal;
      if (!("leafNode" in stolen)) throw new Error("no Update");
      const state = await insideOf(mallory);
      const copy = await forgeUpdate(state, mallory.signer, {
        leaf: (leaf) => ({ ...leaf, encryptionKey: stolen.leafNode.encryptionKey }),
      });
      const forged = await forgeProposal(state, mallory.signer, copy);
      await alice.group.processMessage(forged.message);
      const { summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
      expect(summary.updated.map(({ leafIndex }) => leafIndex)).toEqual(other === undefined ? [1] : [1, 2]);
      expect(leftOut.map(({ proposal, reason }) => [proposal.reference, reason.rule])).toEqual([
        [forged.reference, "valn0112"],
      ]);
      // who names both is refused all the same
      const named = [honest, forged].map(({ reference }) => reference);
      const commit = await forgeCommit(state, mallory.signer, {
        proposals: alice.group.knownProposals.filter(({ reference }) =>
          named.some((each) => each.join() === reference.join()),
        ),
      });
      await expect(alice.group.processMessage(commit.message)).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION"),
      );
    },
  );

  it("both fall where the key is a member's already", async () => {
    const { alice, mallory, charlie } = await newWorld();
    const { encryptionKey } = alice.group.leafNode(1)!;
    for (const player of [mallory, charlie]) {
      const state = await insideOf(player);
      const update = await forgeUpdate(state, player.signer, {
        leaf: (leaf) => ({ ...leaf, encryptionKey }),
      });
      await alice.group.processMessage((await forgeProposal(state, player.signer, update)).message);
    }
    const { leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(leftOut.map(({ reason }) => reason.rule)).toEqual(["valn0112", "valn0112"]);
  });
});

it("a proposal of ours that was dismissed is wanted again when it is made again", async () => {
  const { alice, bob } = await newWorld();
  const first = await alice.group.propose(alice.signer, proposals.remove(2));
  await alice.group.removePendingProposal(first.reference);
  expect(alice.group.pendingProposals).toEqual([]);
  const again = await alice.group.propose(alice.signer, proposals.remove(2));
  expect(again.reference).toEqual(first.reference);
  expect(alice.group.pendingProposals).toHaveLength(1);
  expect(alice.group.knownProposals).toHaveLength(1);
  await bob.group.processMessage(first.message);
  await bob.group.removePendingProposal(first.reference);
  await bob.group.processMessage(again.message); // only whoever makes it says that it is wanted
  expect(bob.group.pendingProposals).toEqual([]);
});

describe("a group that is deleted", () => {
  it("leaves nothing behind, a join that waited included", async () => {
    const { alice, bob } = await newWorld();
    const groupInfo = await bob.group.exportGroupInfo(bob.signer);
    await MlsGroup.joinByExternalCommit(alice.provider, alice.signer, {
      groupInfo,
      credentialWithKey: alice.credentialWithKey,
    });
    expect(recordsOf(alice)).toMatch(/^join /mu);
    await alice.group.delete();
    expect(recordsOf(alice)).toBe("");
    expect(await MlsGroup.pendingExternalJoin(alice.provider, bob.group.groupId)).toBeUndefined();
  });

  it("can be damaged", async () => {
    const { alice } = await newWorld();
    const { groupId } = alice.group;
    const keyPackage = await KeyPackage.builder().build(
      1,
      alice.provider,
      alice.signer,
      alice.credentialWithKey,
    );
    const key = { table: "epoch", owner: groupId, id: new Uint8Array() };
    const [epoch] = await alice.storage.list(key);
    await alice.storage.write({ puts: [{ key, value: epoch!.value.subarray(1) }] });
    await expect(MlsGroup.load(alice.provider, groupId)).rejects.toThrow(mlsError("ERR_MLS_STORAGE_FORMAT"));
    await MlsGroup.deleteStored(alice.provider, groupId);
    expect(await MlsGroup.load(alice.provider, groupId)).toBeUndefined();
    expect(
      new Set(
        recordsOf(alice)
          .split("\n")
          .map((line) => line.split(" ")[0]),
      ),
    ).toEqual(new Set(["key_package"]));
    expect(keyPackage.ref).toBeDefined();
    await expect(alice.group.createMessage(alice.signer, utf8("late"))).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_CONFLICT"),
    );
    await expect(MlsGroup.deleteStored(alice.provider, "id" as unknown as Uint8Array)).rejects.toThrow(
      mlsError("ERR_MLS_USAGE"),
    );
  });
});

it("who is removed keeps a join that waits", async () => {
  const { alice, bob } = await newWorld();
  const groupInfo = await bob.group.exportGroupInfo(bob.signer);
  await MlsGroup.joinByExternalCommit(alice.provider, alice.signer, {
    groupInfo,
    credentialWithKey: alice.credentialWithKey,
  });
  const { commit } = await bob.group.removeMembers(bob.signer, [0]);
  await follow(alice.group, commit);
  expect(recordsOf(alice)).toMatch(/^join [^\n]*$/u);
});
