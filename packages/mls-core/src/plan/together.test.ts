import { describe, expect, it } from "vitest";
import { customExtension, MlsGroup, proposals, PublicGroup } from "../index.ts";
import { ProposalType } from "../registry.ts";
import { forgeKeyPackage } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeUpdate } from "../testing/forge-update.ts";
import { follow } from "../testing/client.ts";
import { cached, gce, remove } from "../testing/proposals.ts";
import {
  expectRefused,
  expectUnable,
  insideOf,
  newcomer,
  newWorld,
  type Player,
  type World,
} from "../testing/world.ts";
import { type Proposal, type QueuedProposal, requiredCapabilitiesExtension } from "../wire/index.ts";

const NEEDED = 0xf00d;
const V = "ERR_MLS_VALIDATION";

const requiring = requiredCapabilitiesExtension({
  extensionTypes: [NEEDED],
  proposalTypes: [],
  credentialTypes: [],
});
const dropping = gce();

/** A group that asks every member for an extension type; all of them list it. */
async function demanding(): Promise<World> {
  return newWorld({ extensions: [requiring], provider: { features: [customExtension(NEEDED)] } });
}

/** An Add of somebody who lacks what the group asks for. */
const plainAdd = async (): Promise<Proposal> => ({
  proposalType: ProposalType.add,
  keyPackage: await forgeKeyPackage(await newcomer("dave")),
});

/** An Update to a leaf that lacks it. */
const plainUpdate = async ({ charlie }: World): Promise<Proposal> =>
  forgeUpdate(await insideOf(charlie), charlie.signer, {
    leaf: (leaf) => ({ ...leaf, extensions: [], capabilities: { ...leaf.capabilities, extensions: [] } }),
  });

describe("proposals that are valid only together (RFC 9420 §12.1, 12.3)", () => {
  it.each([
    ["Add", plainAdd],
    ["Update", plainUpdate],
  ] as const)(
    "an %s that the commit's GroupContextExtensions make valid, everywhere and over a reload",
    async (_, make) => {
      const all = await demanding();
      const { alice, bob, charlie, mallory } = all;
      const info = await alice.group.exportGroupInfo(alice.signer);
      const watcher = await newcomer("watcher", { provider: { features: alice.provider.features! } });
      const observer = await PublicGroup.fromGroupInfo(watcher.provider, info);
      const groups: Player[] = [alice, bob];
      const proposal = await cached(charlie, await make(all), ...groups, {
        ...alice,
        group: observer as never,
      });
      const permission = await cached(charlie, dropping, ...groups, { ...alice, group: observer as never });
      // by itself it stays out of our commit, and is refused in others'
      await alice.group.removePendingProposal(permission.reference!);
      const { leftOut } = await alice.group.commitToPendingProposals(alice.signer);
      expect(leftOut).toMatchObject([
        { proposal: { reference: proposal.reference }, reason: { rule: "valn0103" } },
      ]);
      await alice.group.clearPendingCommit();
      const alone = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals: [proposal] });
      await expectRefused(all, alone.message, V, "valn0103");
      await expect(observer.processMessage(alone.message)).rejects.toMatchObject({ rule: "valn0103" });
      // together they are committed by us, and by others
      await alice.group.restorePendingProposal(permission.reference!);
      const own = await alice.group.commitToPendingProposals(alice.signer);
      expect(own).toMatchObject({ leftOut: [], summary: { extensions: [] } });
      await alice.group.clearPendingCommit();
      for (const list of [
        [proposal, permission],
        [permission, proposal],
      ]) {
        const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals: list });
        const reloaded = await MlsGroup.load(bob.provider, bob.group.groupId);
        for (const group of [alice.group, bob.group, reloaded!, observer]) {
          const processed = await group.processMessage(message);
          if (processed.kind !== "commit") throw new Error(processed.kind);
          expect(processed.stagedCommit.summary.proposals).toHaveLength(2);
          processed.stagedCommit.discard();
        }
      }
      await follow(bob.group, own.commit);
      expect(bob.group.extensions).toEqual([]);
    },
  );

  it("received extensions that somebody lacks do not take valid Adds along, nor the other way round", async () => {
    const all = await newWorld();
    const { alice, charlie } = all;
    const add = await cached(charlie, await plainAdd(), alice);
    const extensions = await cached(charlie, gce(NEEDED), alice);
    const { summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.proposals).toMatchObject([{ reference: add.reference }]);
    expect(leftOut).toMatchObject([
      { proposal: { reference: extensions.reference }, reason: { rule: "rfc85" } },
    ]);
  });

  it("a broken Update does not take valid extensions along", async () => {
    const all = await demanding();
    const { alice, charlie } = all;
    const lacking = await forgeUpdate(await insideOf(charlie), charlie.signer, {
      leaf: (leaf) => ({ ...leaf, extensions: [], capabilities: { ...leaf.capabilities, extensions: [] } }),
      editSignature: (signature) => signature.map((byte) => byte ^ 1),
    });
    const update = await cached(charlie, lacking, alice);
    const extensions = await cached(charlie, { proposalType: 7, extensions: [requiring] }, alice);
    const { summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.proposals).toMatchObject([{ reference: extensions.reference }]);
    expect(leftOut).toMatchObject([
      { proposal: { reference: update.reference }, reason: { rule: "valn0102" } },
    ]);
  });

  it("what gave way to a proposal that fails itself is taken after all", async () => {
    const all = await newWorld();
    const { alice, charlie } = all;
    const good = await cached(charlie, gce(), alice);
    const bad = await cached(charlie, gce(NEEDED), alice); // the newer one, which would go first
    const { summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.proposals).toMatchObject([{ reference: good.reference }]);
    expect(leftOut).toMatchObject([{ proposal: { reference: bad.reference }, reason: { rule: "rfc85" } }]);
  });

  it("what the caller asks for goes before received extensions that it could not stand beside", async () => {
    const all = await newWorld({
      provider: { features: [customExtension(NEEDED)] },
    });
    const { alice, charlie } = all;
    const extensions = await cached(charlie, gce(NEEDED), alice);
    const { summary, leftOut } = await alice.group
      .commit()
      .propose(await plainAdd())
      .build(alice.signer);
    expect(summary.added).toHaveLength(1);
    expect(leftOut).toMatchObject([{ proposal: { reference: extensions.reference } }]);
  });
});

describe("the order of a list", () => {
  it("does not decide about Updates: they are judged in the final tree (RFC 9420 §12.3)", async () => {
    const all = await newWorld();
    const { alice, bob, charlie, mallory } = all;
    // Charlie takes over the encryption key that Alice's leaf gives up, and Alice another one
    const freed = alice.group.ownLeafNode.encryptionKey;
    const taking = await forgeUpdate(await insideOf(charlie), charlie.signer, {
      leaf: (leaf) => ({ ...leaf, encryptionKey: freed }),
    });
    const giving = await forgeUpdate(await insideOf(alice), alice.signer);
    const first = await cached(charlie, taking, bob);
    const second = await cached(alice, giving, bob);
    const orders: (readonly QueuedProposal[])[] = [
      [first, second],
      [second, first],
    ];
    const judged: unknown[] = [];
    for (const list of orders) {
      const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals: list });
      const verdict = bob.group.processMessage(message).then(
        (processed) => {
          if (processed.kind !== "commit") throw new Error(processed.kind);
          processed.stagedCommit.discard();
          return "taken";
        },
        (error: unknown) => error,
      );
      judged.push(await verdict);
    }
    expect(judged).toEqual(["taken", "taken"]);
    const one = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals: [first] });
    await expectRefused(all, one.message, V, "valn0112", bob);
  });

  it("does not decide about an Update beside the Remove of the leaf whose key it takes", async () => {
    const all = await newWorld();
    const { alice, bob, charlie, mallory } = all;
    const freed = alice.group.ownLeafNode.encryptionKey;
    const taking = await forgeUpdate(await insideOf(charlie), charlie.signer, {
      leaf: (leaf) => ({ ...leaf, encryptionKey: freed }),
    });
    const update = await cached(charlie, taking, bob);
    for (const list of [
      [remove(0), update],
      [update, remove(0)],
    ]) {
      const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals: list });
      expect(await bob.group.processMessage(message)).toMatchObject({ kind: "commit" });
    }
  });
});

describe("a commit of ours", () => {
  it("drops nothing that the caller asked for: an inline ReInit leaves the others out, and says so", async () => {
    const { alice, charlie } = await newWorld();
    const waiting = await cached(charlie, gce(), alice);
    const choice = { groupId: new Uint8Array([7]), cipherSuite: 1 };
    const { summary, leftOut } = await alice.group
      .commit()
      .propose(proposals.reinit(choice))
      .build(alice.signer);
    expect(summary.reinit).toMatchObject(choice);
    expect(leftOut).toMatchObject([
      { proposal: { reference: waiting.reference }, reason: { rule: "valn0309" } },
    ]);
  });

  it("is refused whole for something inline that cannot be", async () => {
    const { alice, charlie } = await newWorld();
    await cached(charlie, gce(), alice);
    const build = async (): Promise<unknown> =>
      alice.group.commit().removeMembers([2, 9]).build(alice.signer);
    await expectUnable(alice, build, V, "valn0701");
  });
});
