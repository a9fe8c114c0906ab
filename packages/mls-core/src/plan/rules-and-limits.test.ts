import type { CommitFacts, Verdict } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals } from "../index.ts";
import { keyPackageOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { add, cached, gce, psk, remove, sharePsk } from "../testing/proposals.ts";
import { applicationIdExtension } from "../wire/index.ts";
import { expectRefused, expectUnable, insideOf, newcomer, newWorld } from "../testing/world.ts";

describe("rules of the application that refuse one received proposal", () => {
  const allow = (facts: CommitFacts): Verdict =>
    facts.removed.length === 0 ? { allowed: true } : { allowed: false, reason: "nobody leaves today" };

  it("make nobody unable: a commit goes on without it and says why, also after a reload", async () => {
    const all = await newWorld({ provider: { rules: { allow: async (facts) => allow(facts) } } });
    const { alice, bob, charlie } = all;
    await sharePsk(all, "a", "b", "c");
    const kept = [await cached(charlie, psk("a"), alice, bob), await cached(charlie, psk("b"), alice, bob)];
    const refused = await cached(charlie, remove(3), alice, bob);
    kept.push(await cached(charlie, psk("c"), alice, bob));
    const reloaded = await MlsGroup.load(bob.provider, bob.group.groupId);
    const reason = { code: "ERR_MLS_POLICY", rule: "rfc90" };
    for (const [group, signer] of [
      [alice.group, alice.signer],
      [reloaded!, bob.signer],
    ] as const) {
      const { summary, leftOut } = await group.commitToPendingProposals(signer);
      expect(summary.proposals.map(({ reference }) => reference)).toEqual(
        kept.map(({ reference }) => reference),
      );
      expect(leftOut).toMatchObject([{ proposal: { reference: refused.reference }, reason }]);
      expect(leftOut[0]?.reason.message).toContain("nobody leaves today");
    }
  });

  it("refuse what the caller asked for", async () => {
    const { alice } = await newWorld({ provider: { rules: { allow: async (facts) => allow(facts) } } });
    const build = async (): Promise<unknown> => alice.group.removeMembers(alice.signer, [2]);
    await expectUnable(alice, build, "ERR_MLS_POLICY", "rfc90");
  });

  it("may refuse a pair: one of the two goes", async () => {
    const notTogether = async ({ psks }: CommitFacts): Promise<boolean> => psks.length < 2;
    const all = await newWorld({ provider: { rules: { allow: notTogether } } });
    await sharePsk(all, "a", "b");
    const { alice, charlie } = all;
    await cached(charlie, psk("a"), alice);
    await cached(charlie, psk("b"), alice);
    const { summary, leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect([summary.psks.length, leftOut.length]).toEqual([1, 1]);
  });
});

describe("limits bind sender and receiver alike", () => {
  it("maxProposalsPerCommit", async () => {
    const all = await newWorld({
      provider: { limits: { maxProposalsPerCommit: 3, maxLifetime: 1n << 62n } },
    });
    const { alice, mallory } = all;
    await sharePsk(all, "a", "b", "c", "d");
    const four = ["a", "b", "c", "d"].map((name) => psk(name));
    const build = async (): Promise<unknown> =>
      alice.group
        .commit()
        .propose(...four)
        .build(alice.signer);
    await expectUnable(alice, build, "ERR_MLS_LIMIT");
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, { proposals: four });
    await expectRefused(all, message, "ERR_MLS_LIMIT");
    const three = await alice.group
      .commit()
      .propose(...four.slice(1))
      .build(alice.signer);
    expect(three.summary.psks).toHaveLength(3);
  });

  it("maxMessageSize: messages, proposals, commits and Welcomes", async () => {
    const all = await newWorld({ provider: { limits: { maxMessageSize: 4096, maxLifetime: 1n << 62n } } });
    const { alice, bob } = all;
    const long = new Uint8Array(5000);
    const extension = applicationIdExtension(long);
    for (const operation of [
      async () => alice.group.createMessage(alice.signer, long),
      async () => alice.group.propose(alice.signer, proposals.update({ extensions: [extension] })),
      async () => alice.group.selfUpdate(alice.signer, { extensions: [extension] }),
      async () => alice.group.commitToPendingProposals(alice.signer, { authenticatedData: long }),
    ]) {
      await expectUnable(alice, operation, "ERR_MLS_LIMIT");
    }
    await expect(bob.group.processMessage(long)).rejects.toMatchObject({ code: "ERR_MLS_LIMIT" });
    const crowd = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => keyPackageOf(await newcomer(`${at}`))),
    );
    await expectUnable(alice, async () => alice.group.addMembers(alice.signer, crowd), "ERR_MLS_LIMIT");
  });

  it("maxLeafSize and maxKeyPackageSize", async () => {
    const limits = { maxLeafSize: 1000, maxKeyPackageSize: 1200, maxLifetime: 1n << 62n };
    const all = await newWorld({ provider: { limits } });
    const { alice, mallory } = all;
    const extension = applicationIdExtension(new Uint8Array(1000));
    const update = async (): Promise<unknown> =>
      alice.group.selfUpdate(alice.signer, { extensions: [extension] });
    await expectUnable(alice, update, "ERR_MLS_LIMIT");
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      leaf: (leaf) => ({ ...leaf, extensions: [extension] }),
    });
    await expectRefused(all, message, "ERR_MLS_LIMIT");
    expect(
      await alice.group
        .commit()
        .propose(await add("dave"), gce())
        .build(alice.signer),
    ).toBeDefined();
  });
});
