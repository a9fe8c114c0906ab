import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, PublicGroup, type StagedCommit, storeExternalPsk } from "../index.ts";
import { SenderType } from "../registry.ts";
import { type Actor, cast, CRYPTO } from "../testing/cast.ts";
import { client, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import { basicCredential } from "../wire/index.ts";

const STALE = mlsError("ERR_MLS_STALE_COMMIT", "rfc122");

/** A received commit that waits, with the group that it is for. */
async function staged(who: Actor, message: Uint8Array): Promise<{ group: MlsGroup; commit: StagedCommit }> {
  const group = await who.group();
  const processed = await group.processMessage(message);
  if (processed.kind !== "commit") throw new Error(processed.kind);
  return { group, commit: processed.stagedCommit };
}

describe.each(CRYPTO)("a staged commit on %s", (_, crypto) => {
  it("shows what it does, and the epoch that it would begin", async () => {
    const [alice, bob, charlie] = await cast(crypto, ["alice", "bob", "charlie"]);
    const dave = await client("dave", crypto);
    const pskId = utf8("agreed");
    for (const { storage } of [alice!, bob!, charlie!])
      await storeExternalPsk(storage, pskId, utf8("a secret"));
    const wish = await (await bob!.group()).propose(bob!.signer, proposals.update());
    for (const who of [alice!, charlie!]) await who.hear(wish.message);
    const { commit: message } = await (
      await alice!.group()
    )
      .commit()
      .addMembers([await keyPackageOf(dave)])
      .removeMembers([2])
      .injectPsk({ pskType: 1, pskId })
      .build(alice!.signer);
    const mine = (await alice!.group()).pendingEpoch!;
    const { group, commit } = await staged(bob!, message);
    const { summary } = commit;
    expect(summary).toMatchObject({
      sender: { senderType: SenderType.member, leafIndex: 0 },
      added: [{ leafIndex: 2, identity: utf8("dave") }],
      removed: [{ leafIndex: 2, left: false, by: { sender: { leafIndex: 0 } } }],
      updated: [{ leafIndex: 1 }],
      psks: [{ pskType: 1, pskId }],
      updatePathLeaf: { signatureKey: alice!.signer.publicKey },
    });
    expect(commit.selfRemoval).toBeUndefined();
    expect(commit.credentials).toEqual([
      { credential: basicCredential(utf8("dave")), signatureKey: dave.signer.publicKey },
      { credential: basicCredential(utf8("bob")), signatureKey: bob!.signer.publicKey },
      { credential: basicCredential(utf8("alice")), signatureKey: alice!.signer.publicKey },
    ]);
    const next = commit.nextEpoch!;
    expect(next.groupContext).toMatchObject({ epoch: 2n, groupId: group.groupId });
    expect(next.members().map(({ identity }) => identity)).toEqual(["alice", "bob", "dave"].map(utf8));
    const secrets = (of: typeof next): string[] =>
      [
        of.exportSecret("call", utf8("7"), 24),
        of.epochAuthenticator,
        of.resumptionPsk,
        of.exportRatchetTree(),
      ].map(bytesToHex);
    expect(secrets(next)).toEqual(secrets(mine));
    const before = secrets(next);
    expect(bytesToHex(group.epochAuthenticator)).not.toBe(before[1]);
    await group.mergeStagedCommit(commit);
    const now = await bob!.group();
    expect([now.exportSecret("call", utf8("7"), 24), now.epochAuthenticator].map(bytesToHex)).toEqual(
      before.slice(0, 2),
    );
    expect([await now.resumptionPsk(), now.exportRatchetTree()].map((bytes) => bytesToHex(bytes!))).toEqual(
      before.slice(2),
    );
    await (await alice!.group()).mergePendingCommit();
    expect((await alice!.group()).pendingEpoch).toBeUndefined();
    const out = await staged(charlie!, message);
    expect(out.commit.nextEpoch).toBeUndefined();
  });

  it("tells who is removed how it came about, and what is left of the group after", async () => {
    const config = { maxPastEpochs: 2 };
    const [alice, bob, charlie] = await cast(crypto, ["alice", "bob", "charlie"], { config });
    const { message: wish } = await (await bob!.group()).leave(bob!.signer);
    for (const who of [alice!, charlie!]) await who.hear(wish);
    const { commit: first } = await (await alice!.group()).commitToPendingProposals(alice!.signer);
    await (await alice!.group()).mergePendingCommit();
    const leaving = await staged(bob!, first);
    expect(leaving.commit.selfRemoval).toMatchObject({
      leafIndex: 1,
      left: true,
      by: { sender: { senderType: SenderType.member, leafIndex: 1 } },
    });
    expect(leaving.group.status).toBe("active");
    await leaving.group.mergeStagedCommit(leaving.commit);
    expect(leaving.group.status).toBe("removed");
    await charlie!.hear(first);
    const { commit: second } = await (await charlie!.group()).removeMembers(charlie!.signer, [0]);
    const thrown = await staged(alice!, second);
    expect(thrown.commit.selfRemoval).toMatchObject({ left: false, by: { sender: { leafIndex: 2 } } });
    await thrown.group.mergeStagedCommit(thrown.commit);
    for (const { group, who } of [
      { group: leaving.group, who: bob! },
      { group: thrown.group, who: alice! },
    ]) {
      expect([group.isActive, group.status]).toEqual([false, "removed"]);
      expect(who.storage.entries()).toEqual([]); // nothing, resumption PSKs and past epochs included
      expect(await MlsGroup.load(who.provider, group.groupId)).toBeUndefined();
      await expect(group.resumptionPsk()).rejects.toThrow(mlsError("ERR_MLS_GROUP_INACTIVE", "rfc100"));
      await expect(group.deletePastEpochs()).rejects.toThrow(mlsError("ERR_MLS_GROUP_INACTIVE", "rfc100"));
    }
  });
});

describe("the epoch of a commit", () => {
  const [, node] = CRYPTO[0]!;

  it("is gone when the commit is discarded or cleared, and when it has ended", async () => {
    const [alice, bob] = await cast(node, ["alice", "bob"]);
    const a = await alice!.group();
    const { commit: message } = await a.selfUpdate(alice!.signer);
    const { group, commit } = await staged(bob!, message);
    const [mine, his] = [a.pendingEpoch!, commit.nextEpoch!];
    commit.discard();
    expect(() => his.groupContext).toThrow(STALE);
    expect(() => his.exportSecret("x", utf8("y"), 1)).toThrow(STALE);
    await a.clearPendingCommit();
    for (const secret of [
      () => mine.epochAuthenticator,
      () => mine.resumptionPsk,
      () => mine.exportSecret("x", utf8(""), 1),
    ]) {
      expect(secret).toThrow(STALE);
    }
    const { commit: other } = await a.selfUpdate(alice!.signer);
    await a.mergePendingCommit();
    const again = await group.processMessage(other);
    if (again.kind !== "commit") throw new Error(again.kind);
    const next = again.stagedCommit.nextEpoch!;
    await group.mergeStagedCommit(again.stagedCommit);
    expect(next.epochAuthenticator).toEqual(group.epochAuthenticator);
    await group.selfUpdate(bob!.signer);
    await group.mergePendingCommit();
    expect(() => next.epochAuthenticator).toThrow(STALE);
  });

  it("has no secrets for an observer, and refuses what the group's export does", async () => {
    const [alice, bob] = await cast(node, ["alice", "bob"], { config: { handshake: "public" } });
    const server = await client("server", node);
    const groupInfo = await (await alice!.group()).exportGroupInfo(alice!.signer);
    const seen = await PublicGroup.fromGroupInfo(server.provider, groupInfo);
    const message = await alice!.turn();
    const processed = await seen.processMessage(message);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    const next = processed.stagedCommit.nextEpoch!;
    const usage = mlsError("ERR_MLS_USAGE");
    expect(() => next.exportSecret("x", utf8("y"), 1)).toThrow(usage);
    expect(() => next.epochAuthenticator).toThrow(usage);
    expect(() => next.resumptionPsk).toThrow(usage);
    expect(next.exportRatchetTree()).toEqual((await alice!.group()).exportRatchetTree());
    expect(processed.stagedCommit.selfRemoval).toBeUndefined();
    const { commit } = await staged(bob!, message);
    const his = commit.nextEpoch!;
    for (const call of [
      () => his.exportSecret(7 as never, utf8("y"), 1),
      () => his.exportSecret("x", "y" as never, 1),
      () => his.exportSecret("x", utf8("y"), -1),
    ]) {
      expect(call).toThrow(usage);
    }
  });
});
