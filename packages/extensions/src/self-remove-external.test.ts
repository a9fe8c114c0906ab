import { type ExternalJoinOptions, MlsGroup, proposals, type StagedExternalJoin } from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import type { Client } from "../../mls-core/src/testing/client.ts";
import { forgeExternalCommit } from "../../mls-core/src/testing/forge-welcome.ts";
import { flip } from "../../mls-core/src/testing/forge.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { selfRemove } from "./self-remove.ts";
import {
  begin,
  company,
  expectTogether,
  type Member,
  outsider,
  restart,
  service,
  spread,
} from "./testing/company.ts";
import { expectAllRefuse, forged, inside } from "./testing/hostile.ts";

const feature = selfRemove();
const options = { features: [feature] };
const names = ["alice", "bob", "charlie", "mallory"] as const;
const V = "ERR_MLS_VALIDATION";

async function join(
  who: Client,
  from: Member,
  messages: readonly Uint8Array[],
  more: Partial<ExternalJoinOptions> = {},
): Promise<StagedExternalJoin<MlsGroup>> {
  return MlsGroup.joinByExternalCommit(who.provider, who.signer, {
    groupInfo: await from.group.exportGroupInfo(from.signer),
    credentialWithKey: who.credentialWithKey,
    proposals: messages,
    ...more,
  });
}

describe("joining from outside", () => {
  it.each([0, 1, 2])("XS-11 XS-13: with %i members who leave", async (count) => {
    const all = await company(names, options);
    const { alice, charlie } = all;
    const observer = await service(alice, options);
    const leaving = [all.bob, all.mallory].slice(0, count);
    for (const leaver of leaving) {
      await spread((await leaver.group.leave(leaver.signer)).message, alice, charlie, observer);
    }
    const dave = await outsider("dave", options);
    const staged = await join(dave, alice, feature.messages(observer.knownProposals));
    await restart(charlie);
    await begin(staged.commit, alice, charlie, observer);
    const newcomer = { ...dave, group: await staged.intoGroup() };
    expect(newcomer.group.ownLeafIndex).toBe(count === 0 ? 4 : 1);
    expect(observer.members()).toHaveLength(5 - count);
    await expectTogether(alice, charlie, newcomer);
  });

  it("XS-11: other references are refused, by the newcomer and by everybody", async () => {
    const { alice, bob, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const removal = await bob.group.propose(bob.signer, proposals.remove(2));
    await spread(removal.message, alice, observer);
    const dave = await outsider("dave", options);
    await expect(join(dave, alice, [removal.message])).rejects.toThrow(mlsError(V, "valn0406"));
    expect(dave.storage.entries()).toEqual([]);
    const named = {
      proposal: { proposalType: 3, removed: 2 },
      sender: { senderType: 1, leafIndex: 1 },
      reference: removal.reference,
    } as const;
    const { message } = await forgeExternalCommit(await inside(mallory), dave, { proposals: [named] });
    await expectAllRefuse(message, [alice, observer], V, "valn0406");
  });

  it("XS-05: a SelfRemove by value is refused", async () => {
    const { alice, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const dave = await outsider("dave", options);
    const { message } = await forgeExternalCommit(await inside(mallory), dave, {
      proposals: [feature.make()],
    });
    await expectAllRefuse(message, [alice, observer], V, "valn0404");
  });

  it("XS-12: the newcomer verifies all but the membership tag", async () => {
    const { alice, bob } = await company(names, options);
    const dave = await outsider("dave", options);
    const message = async (wrapping: Parameters<typeof forged>[2]): Promise<Uint8Array> =>
      (await forged(bob, feature.make(), wrapping)).message;
    const { signer } = dave;
    const refused = [
      [{ editSignature: flip }, "ERR_MLS_INVALID_SIGNATURE", "valn1304"],
      [{ signer }, "ERR_MLS_INVALID_SIGNATURE", "valn1304"],
      [{ editContent: (content) => ({ ...content, epoch: 0n }) }, "ERR_MLS_WRONG_EPOCH", "rfc35"],
      [
        { editContent: (content) => ({ ...content, groupId: Uint8Array.of(1) }) },
        "ERR_MLS_WRONG_EPOCH",
        "rfc35",
      ],
      [{ sender: { senderType: 1, leafIndex: 9 } }, V, "valn1301"],
      [{ sender: { senderType: 3 }, signer }, V, "valn1504"],
      [{ wireFormat: 2 }, "ERR_MLS_USAGE", undefined],
    ] as const satisfies readonly (readonly [Parameters<typeof forged>[2], ...unknown[]])[];
    for (const [wrapping, code, rule] of refused) {
      await expect(join(dave, alice, [await message(wrapping)])).rejects.toThrow(mlsError(code, rule));
      expect(dave.storage.entries()).toEqual([]);
    }
    const untagged = await message({ editMembershipTag: flip });
    expect((await join(dave, alice, [untagged, untagged])).epoch).toBe(2n); // handed out twice is fine
  });

  it("XS-12: members who have not seen the SelfRemove ask for it", async () => {
    const { alice, bob, charlie } = await company(names, options);
    const { message, reference } = await bob.group.leave(bob.signer);
    await spread(message, alice);
    const staged = await join(await outsider("dave", options), alice, [message]);
    await expect(charlie.group.processMessage(staged.commit)).rejects.toMatchObject({
      code: "ERR_MLS_MISSING_PROPOSAL",
      details: { references: [reference] },
    });
    await spread(message, charlie);
    await begin(staged.commit, alice, charlie);
    await expectTogether(alice, charlie);
  });

  it("XS-08 XS-12: who comes back while its old leaf is leaving names the SelfRemove alone", async () => {
    const { alice, bob, charlie } = await company(names, options);
    const observer = await service(alice, options);
    const { message } = await bob.group.leave(bob.signer);
    await spread(message, alice, charlie, observer);
    for (const more of [{}, { resync: 1 }]) {
      const staged = await join(bob, alice, [message], more);
      const processed = await alice.group.processMessage(staged.commit);
      if (processed.kind !== "commit") throw new Error(processed.kind);
      const { summary } = processed.stagedCommit;
      expect(summary.proposals.map(({ proposal }) => proposal.proposalType)).toEqual([10, 6]);
      expect(summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
      expect(summary.committer).toBe(1);
      processed.stagedCommit.discard();
      await staged.discard();
    }
    const staged = await join(bob, alice, [message]);
    await begin(staged.commit, alice, charlie, observer);
    bob.group = await staged.intoGroup();
    await expectTogether(alice, bob, charlie);
    expect(observer.members()).toHaveLength(4);
  });

  it("XS-08: a Remove beside the SelfRemove of the same leaf is refused", async () => {
    const { alice, bob, mallory } = await company(names, options);
    const observer = await service(alice, options);
    const { message, named } = await forged(bob, feature.make());
    await spread(message, alice, observer);
    const commit = await forgeExternalCommit(await inside(mallory), bob, {
      proposals: [named, { proposalType: 3, removed: 1 }],
    });
    await expectAllRefuse(commit.message, [alice, observer], V, "xs08");
  });

  it("is no resync because somebody leaves", async () => {
    const strict = { ...options, provider: { rules: { externalCommits: "no-resync" } } } as const;
    const { alice, bob, charlie } = await company(names, strict);
    const { message } = await bob.group.leave(bob.signer);
    await spread(message, alice, charlie);
    const dave = await outsider("dave", strict);
    await expect(join(charlie, alice, [message])).rejects.toThrow(mlsError("ERR_MLS_POLICY", "rfc109"));
    const staged = await join(dave, alice, [message]);
    await begin(staged.commit, alice, charlie);
    expect(alice.group.member(1)).toBeDefined();
    await expectTogether(alice, charlie);
  });
});
