import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals } from "../index.ts";
import { ResumptionPskUsage } from "../registry.ts";
import { follow, keyPackageOf } from "../testing/client.ts";
import { cached, reinit } from "../testing/proposals.ts";
import { mlsError } from "../testing/suites.ts";
import { expectUnable, newcomer, newWorld } from "../testing/world.ts";

describe("what can never be carried out is refused when it is asked for", () => {
  it("a ReInit to the group's own id (RFC 9420 §11.2)", async () => {
    const { alice, bob, charlie } = await newWorld();
    const same = proposals.reinit({ groupId: alice.group.groupId, cipherSuite: 1 });
    await expectUnable(alice, async () => alice.group.propose(alice.signer, same), "ERR_MLS_USAGE");
    await expectUnable(
      alice,
      async () => alice.group.commit().propose(same).build(alice.signer),
      "ERR_MLS_USAGE",
    );
    // one that somebody else proposed is left out
    await cached(charlie, { ...reinit, groupId: alice.group.groupId }, bob);
    const { leftOut, summary } = await bob.group.commitToPendingProposals(bob.signer);
    expect(leftOut).toMatchObject([{ reason: { code: "ERR_MLS_USAGE" } }]);
    expect(summary.reinit).toBeUndefined();
  });

  it("a ReInit, its successor or a branch without resumption PSKs", async () => {
    const all = await newWorld({ config: { resumptionPskEpochs: 0 } });
    const { alice, bob } = all;
    const next = proposals.reinit({ groupId: utf8("next"), cipherSuite: 1 });
    await expectUnable(
      alice,
      async () => alice.group.commit().propose(next).build(alice.signer),
      "ERR_MLS_USAGE",
    );
    const { signer, credentialWithKey } = alice;
    const keyPackages = [await keyPackageOf(bob)];
    const branch = async (): Promise<unknown> =>
      alice.group.branch({ signer, credentialWithKey, keyPackages });
    await expectUnable(alice, branch, "ERR_MLS_USAGE");
    expect(await MlsGroup.list(alice.provider)).toHaveLength(1);
  });

  it("a resumption PSK of the group beside Adds, whose newcomers cannot have it", async () => {
    const { alice, bob, charlie } = await newWorld();
    const { groupId, epoch } = alice.group;
    const own = proposals.resumptionPsk({ groupId, epoch });
    const keyPackage = await keyPackageOf(await newcomer("dave"));
    const both = async (): Promise<unknown> =>
      alice.group.commit().propose(own).addMembers([keyPackage]).build(alice.signer);
    await expectUnable(alice, both, "ERR_MLS_USAGE");
    expect((await alice.group.commit().propose(own).build(alice.signer)).summary.psks).toHaveLength(1);
    // a received one gives way to an Add that is asked for, and stays where a received Add fails itself
    const { message } = await charlie.group.propose(charlie.signer, own);
    await bob.group.processMessage(message);
    const adding = await bob.group.addMembers(bob.signer, [keyPackage]);
    expect(adding.leftOut).toMatchObject([{ reason: { code: "ERR_MLS_USAGE" } }]);
    expect(adding.summary.added).toHaveLength(1);
    await bob.group.clearPendingCommit();
    const broken = { ...keyPackage.fields, signature: new Uint8Array(64) };
    await cached(charlie, { proposalType: 1, keyPackage: broken }, bob);
    const { summary, leftOut } = await bob.group.commitToPendingProposals(bob.signer);
    expect(summary.psks).toMatchObject([{ usage: ResumptionPskUsage.application }]);
    expect(leftOut).toMatchObject([{ reason: { rule: "valn0203" } }]);
  });

  it("a successor group before a ReInit was committed, and members that do not fit it", async () => {
    const { alice, bob } = await newWorld();
    const { signer, credentialWithKey } = alice;
    const early = alice.group.reinitialize({ signer, credentialWithKey, keyPackages: [] });
    await expect(early).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const { commit } = await alice.group
      .commit()
      .propose(proposals.reinit({ groupId: utf8("next"), cipherSuite: 2 }))
      .build(signer);
    await follow(bob.group, commit);
    await alice.group.mergePendingCommit();
    const p256 = await SignatureKeyPair.generate(await alice.provider.crypto.cipherSuite(2));
    const wrongSuite = alice.group.reinitialize({
      signer: p256,
      credentialWithKey: { ...credentialWithKey, signatureKey: p256.publicKey },
      keyPackages: [await keyPackageOf(bob)],
    });
    await expect(wrongSuite).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc10"));
    expect((await MlsGroup.list(alice.provider)).map(({ groupId }) => groupId)).toEqual([
      alice.group.groupId,
    ]);
  });
});
