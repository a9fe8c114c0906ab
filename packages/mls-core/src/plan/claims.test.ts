import { describe, expect, it } from "vitest";
import { empty } from "../codec/index.ts";
import { defineProposal, type Feature } from "../feature/index.ts";
import { MlsGroup } from "../index.ts";
import { follow } from "../testing/client.ts";
import { add, cached, remove } from "../testing/proposals.ts";
import { mlsError } from "../testing/suites.ts";
import { newcomer, newWorld, type WorldOptions } from "../testing/world.ts";
import { isProposal } from "../wire/index.ts";
import { ProposalType } from "../registry.ts";

/** Everybody's wish that leaf 2 goes. */
const wish = defineProposal<object>({
  type: 0xf001,
  name: "a wish",
  codec: empty,
  places: { externalReference: true },
  once: "once",
  order: 25,
  claims: () => ({ key: "leaf 2", rule: "valn0304", rank: 2, grants: true }),
  apply: (_, _queued, plan) => plan.removeMember(2, true),
});
const features: readonly Feature[] = [{ name: "wishes", proposals: [wish] }];
const options: WorldOptions = { provider: { features } };

describe("a claim that grants what it outranks", () => {
  it("leaves out what the caller asked for, and reports it", async () => {
    const { alice, bob, charlie } = await newWorld(options);
    const named = await cached(bob, wish.make({}), alice);
    const { summary, leftOut } = await alice.group.removeMembers(alice.signer, [2]);
    expect(summary.removed).toMatchObject([{ leafIndex: 2, left: true, by: named }]);
    expect(leftOut.map(({ proposal, reason }) => [proposal.proposal, reason.rule])).toEqual([
      [remove(charlie.group.ownLeafIndex), "valn0304"],
    ]);
  });

  it("drops nothing else that the caller asked for", async () => {
    const { alice, bob } = await newWorld(options);
    await cached(bob, wish.make({}), alice);
    const twice = await add("dave");
    const { keyPackage } = isProposal(twice, ProposalType.add) ? twice : { keyPackage: undefined };
    expect(keyPackage).toBeDefined();
    await expect(
      alice.group.commit().removeMembers([2]).propose(twice, twice).build(alice.signer),
    ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION"));
    await expect(alice.group.removeMembers(alice.signer, [0])).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0303"),
    );
  });
});

describe("a type that is sent once an epoch", () => {
  it("is refused the second time, after a reload too, and free again in the next epoch", async () => {
    const { alice, bob } = await newWorld(options);
    await bob.group.propose(bob.signer, wish.make({}));
    const again = mlsError("ERR_MLS_VALIDATION", "once");
    await expect(bob.group.propose(bob.signer, wish.make({}))).rejects.toThrow(again);
    const loaded = (await MlsGroup.load(bob.provider, bob.group.groupId))!;
    await expect(loaded.propose(bob.signer, wish.make({}))).rejects.toThrow(again);
    await follow(loaded, (await alice.group.selfUpdate(alice.signer)).commit);
    expect((await loaded.propose(bob.signer, wish.make({}))).message.length).toBeGreaterThan(0);
  });
});

describe("members who leave in an external commit", () => {
  it("make it no resync for the rules (rfc109)", async () => {
    const strict: WorldOptions = { provider: { features, rules: { externalCommits: "no-resync" } } };
    const { alice, bob, charlie } = await newWorld(strict);
    const { message } = await bob.group.propose(bob.signer, wish.make({}));
    await alice.group.processMessage(message);
    const join = async (who: typeof bob | Awaited<ReturnType<typeof newcomer>>): Promise<Uint8Array> => {
      const groupInfo = await alice.group.exportGroupInfo(alice.signer);
      const { credentialWithKey } = who;
      const proposals = [message, message]; // handed out twice
      return (
        await MlsGroup.joinByExternalCommit(who.provider, who.signer, {
          groupInfo,
          credentialWithKey,
          proposals,
        })
      ).commit;
    };
    await expect(join(bob)).rejects.toThrow(mlsError("ERR_MLS_POLICY", "rfc109"));
    await follow(alice.group, await join(await newcomer("dave", strict)));
    expect(alice.group.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 1, 2, 3]);
    expect(alice.group.leafNode(2)).not.toEqual(charlie.group.ownLeafNode);
  });
});
