import { proposals } from "../index.ts";
import { describe, expect, it } from "vitest";
import { type Proposal } from "../wire/index.ts";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { ProposalType, SenderType } from "../registry.ts";
import { follow } from "../testing/client.ts";
import { forgeKeyPackage, forgeProposal } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeUpdate } from "../testing/forge-update.ts";
import { add, cached, gce, psk, reinit, remove, sharePsk } from "../testing/proposals.ts";
import {
  expectRefused,
  expectUnable,
  insideOf,
  newcomer,
  newWorld,
  sharedWorld,
  type World,
} from "../testing/world.ts";

const world = sharedWorld();

describe("a list by value that breaks a rule (valn1204, rfc89)", () => {
  const cases: readonly [string, string, (all: World) => Promise<Proposal[]>][] = [
    ["valn0303: removes the committer", "valn0303", async () => [remove(3)]],
    ["valn0304: two Removes of one leaf", "valn0304", async () => [remove(2), remove(2)]],
    [
      "valn0305: two Adds of one client",
      "valn0305",
      async () => {
        const dave = await newcomer("dave");
        const both = [await forgeKeyPackage(dave), await forgeKeyPackage(dave)];
        return both.map((keyPackage) => ({ proposalType: ProposalType.add, keyPackage }));
      },
    ],
    [
      "valn0306: adds a member once more",
      "valn0306",
      async ({ charlie }) => [{ proposalType: ProposalType.add, keyPackage: await forgeKeyPackage(charlie) }],
    ],
    ["valn0307: one PSK twice", "valn0307", async () => [psk("a"), psk("a")]],
    ["valn0308: two equal GroupContextExtensions", "valn0308", async () => [gce(), gce()]],
    ["valn0308: two different GroupContextExtensions", "valn0308", async () => [gce(), gce(0xf001)]],
    ["valn0309: ReInit and an Add", "valn0309", async () => [reinit, await add("dave")]],
    ["valn0309: ReInit and a PSK", "valn0309", async () => [psk("a"), reinit]],
    ["valn0309: two ReInits", "valn0309", async () => [reinit, reinit]],
    [
      "valn0310: ExternalInit in a member's commit",
      "valn0310",
      async () => [{ proposalType: ProposalType.externalInit, kemOutput: new Uint8Array(32).fill(9) }],
    ],
  ];

  it.each(cases)("%s", async (_, rule, make) => {
    const all = await world();
    await sharePsk(all, "a");
    const proposals = await make(all);
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, { proposals });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", rule);
    // the sender's own check, with the same verdict (rfc89); Mallory's API is as honest as anybody's
    const { mallory } = all;
    await expectUnable(
      mallory,
      async () => {
        const builder = mallory.group.commitBuilder();
        for (const proposal of proposals) {
          builder.propose(proposal);
        }
        return builder.build(mallory.signer);
      },
      "ERR_MLS_VALIDATION",
      rule,
    );
  });

  it("valn0302: an Update of the committer's own, by value", async () => {
    const all = await world();
    const state = await insideOf(all.mallory);
    const update = await forgeUpdate(state, all.mallory.signer);
    const { message } = await forgeCommit(state, all.mallory.signer, { proposals: [update] });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn0302");
  });

  it("valn0301: one broken proposal spoils the commit", async () => {
    const all = await world();
    const broken: readonly [Proposal, MlsErrorCode, string][] = [
      [remove(7), "ERR_MLS_VALIDATION", "valn0701"],
      [{ ...reinit, version: 0 }, "ERR_MLS_VALIDATION", "valn0901"],
    ];
    for (const [proposal, code, rule] of broken) {
      const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
        proposals: [proposal],
      });
      await expectRefused(all, message, code, rule);
    }
  });

  it("valn0312: an Update and an Add that share a signature key", async () => {
    const all = await newWorld();
    const dave = await newcomer("dave");
    const update = await forgeUpdate(await insideOf(all.charlie), dave.signer, {
      leaf: (leaf) => ({ ...leaf, signatureKey: dave.signer.publicKey }),
    });
    const byRef = await cached(all.charlie, update, all.bob);
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: [byRef, { proposalType: ProposalType.add, keyPackage: await forgeKeyPackage(dave) }],
    });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn0306");
  });
});

describe("a list by reference", () => {
  it("valn0302: the committer's own Update", async () => {
    const all = await newWorld();
    const update = await forgeUpdate(await insideOf(all.mallory), all.mallory.signer);
    const byRef = await cached(all.mallory, update, all.bob);
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: [byRef],
    });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn0302");
  });

  it("valn0302 rfc94: our own Update is left out of our commit", async () => {
    const { alice } = await newWorld();
    await alice.group.propose(alice.signer, proposals.update());
    const { summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.proposals).toHaveLength(0);
  });

  it("valn0303: another member's Remove of the committer", async () => {
    const all = await newWorld();
    const byRef = await cached(all.charlie, remove(3), all.bob);
    const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
      proposals: [byRef],
      apply: () => undefined,
    });
    await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn0303");
  });

  it("valn0304: two Updates, and Update with Remove, of one leaf", async () => {
    const all = await newWorld();
    const state = await insideOf(all.charlie);
    const first = await cached(all.charlie, await forgeUpdate(state, all.charlie.signer), all.bob);
    const second = await cached(all.charlie, await forgeUpdate(state, all.charlie.signer), all.bob);
    for (const proposals of [
      [first, second],
      [first, remove(2)],
      [remove(2), first],
    ]) {
      const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, { proposals });
      await expectRefused(all, message, "ERR_MLS_VALIDATION", "valn0304");
    }
    // a committer keeps the Remove, otherwise the newest Update
    const { bob } = all;
    const updating = await bob.group.commitToPendingProposals(bob.signer);
    expect(updating.summary.updated).toHaveLength(1);
    expect(updating.summary.proposals[0]?.reference).toEqual(second.reference);
    await bob.group.clearPendingCommit();
    await cached(all.alice, remove(2), bob);
    const removing = await bob.group.commitToPendingProposals(bob.signer);
    expect(removing.summary.updated).toHaveLength(0);
    expect(removing.summary.removed).toMatchObject([{ leafIndex: 2 }]);
  });

  it("valn0307 valn0308: once by value and once by reference", async () => {
    const all = await newWorld();
    await sharePsk(all, "a");
    for (const [proposal, rule] of [
      [psk("a"), "valn0307"],
      [gce(), "valn0308"],
    ] as const) {
      const byRef = await cached(all.charlie, proposal, all.bob);
      const { message } = await forgeCommit(await insideOf(all.mallory), all.mallory.signer, {
        proposals: [byRef, proposal],
      });
      await expectRefused(all, message, "ERR_MLS_VALIDATION", rule);
    }
  });

  it("valn0309: a queued ReInit waits for the other proposals", async () => {
    const { alice, charlie } = await newWorld();
    await cached(charlie, reinit, alice);
    await cached(charlie, await add("dave"), alice);
    const { summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.reinit).toBeUndefined();
    expect(summary.added).toHaveLength(1);
  });

  it("rfc94: a commit that leaves out a valid cached proposal is accepted", async () => {
    const { alice, bob, charlie } = await newWorld();
    await cached(charlie, remove(3), bob);
    await follow(bob.group, (await alice.group.selfUpdate(alice.signer)).commit);
    expect(bob.group.members()).toHaveLength(4);
    expect(bob.group.pendingProposals).toHaveLength(0);
  });

  it("rfc81: a proposal of the last epoch is gone with it", async () => {
    const all = await newWorld();
    const { alice, bob, mallory } = all;
    const byRef = await cached(all.charlie, remove(0), bob);
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    for (const player of [bob, mallory, all.charlie]) {
      await follow(player.group, commit);
    }
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals: [byRef] });
    await expectRefused(all, message, "ERR_MLS_MISSING_PROPOSAL", "rfc82");
  });

  it("rfc82 rfc14: the missing references are named, and the commit passes once they arrived", async () => {
    const all = await newWorld();
    const { bob, charlie, mallory } = all;
    const proposal = remove(0);
    const { message, reference } = await forgeProposal(await insideOf(charlie), charlie.signer, proposal);
    const sender = { senderType: SenderType.member, leafIndex: 2 } as const;
    const commit = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [{ proposal, sender, reference }],
    });
    await expect(bob.group.processMessage(commit.message)).rejects.toMatchObject({
      details: { references: [reference] },
    });
    await expectRefused(all, commit.message, "ERR_MLS_MISSING_PROPOSAL", "rfc82");
    await bob.group.processMessage(message);
    await follow(bob.group, commit.message);
    expect(bob.group.members()).toHaveLength(3);
  });
});
