import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { MlsGroup, StagedWelcome, storeExternalPsk } from "../index.ts";
import { type PreSharedKeyId } from "../wire/index.ts";
import { PskType, ResumptionPskUsage } from "../registry.ts";
import { type Client, createGroup, follow, keyPackageOf } from "../testing/client.ts";
import { type ForgedWelcome, forgeWelcome } from "../testing/forge-welcome.ts";
import { expectWelcomeRefused } from "../testing/refused-joins.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, newcomer, newWorld, sharedWorld } from "../testing/world.ts";

const V = "ERR_MLS_VALIDATION";

describe("PSKs of a Welcome (RFC 9420 §8.4)", () => {
  const world = sharedWorld();
  const external = (id: string, length = 32): PreSharedKeyId => ({
    pskType: PskType.external,
    pskId: utf8(id),
    pskNonce: new Uint8Array(length).fill(1),
  });
  const link = (usage: ResumptionPskUsage, groupId: Uint8Array, pskEpoch = 1n): PreSharedKeyId => ({
    pskType: PskType.resumption,
    usage,
    pskGroupId: groupId,
    pskEpoch,
    pskNonce: new Uint8Array(32).fill(2),
  });
  const holding = async (...ids: string[]): Promise<Client> => {
    const { mallory } = await world();
    const dave = await newcomer("dave");
    for (const id of ids) {
      await storeExternalPsk(dave.storage, utf8(id), utf8(`secret ${id}`));
      await storeExternalPsk(mallory.storage, utf8(id), utf8(`secret ${id}`));
    }
    return dave;
  };

  it("valn1401: one that is not held is named", async () => {
    const all = await world();
    const { mallory } = all;
    await storeExternalPsk(mallory.storage, utf8("x"), utf8("secret"));
    await expectWelcomeRefused(all, { psks: [external("x")] }, "ERR_MLS_MISSING_PSK", "valn1205");
  });

  it("valn1401: two that link groups", async () => {
    const all = await world();
    const { groupId } = all.mallory.group;
    for (const usages of [
      [ResumptionPskUsage.reinit, ResumptionPskUsage.branch],
      [ResumptionPskUsage.branch, ResumptionPskUsage.branch],
    ] as const) {
      const psks = usages.map((usage, i) => link(usage, groupId, BigInt(i)));
      await expectWelcomeRefused(all, { secrets: (s) => ({ ...s, psks }) }, V, "valn1401");
    }
  });

  it.each([0, 31, 33])("valn0803: psk_nonce of %i bytes", async (length) => {
    const all = await world();
    const dave = await holding("x");
    await expectWelcomeRefused(all, { psks: [external("x", length)] }, V, "valn0803", { dave });
  });

  it("rfc58: swapped, one missing, one too many, another value", async () => {
    const all = await world();
    const [a, b, c] = ["a", "b", "c"].map((id) => external(id));
    const lists = [[b, a], [a], [a, b, c], [a, a]];
    for (const list of lists) {
      const dave = await holding("a", "b", "c");
      const forged: ForgedWelcome = {
        psks: [a!, b!],
        secrets: (s) => ({ ...s, psks: list.map((id) => id!) }),
      };
      await expectWelcomeRefused(all, forged, "ERR_MLS_DECRYPTION", undefined, { dave });
    }
    const dave = await holding("a");
    await storeExternalPsk(dave.storage, utf8("a"), utf8("another value"));
    await expectWelcomeRefused(all, { psks: [a!] }, "ERR_MLS_DECRYPTION", undefined, { dave });
  });

  it("rfc79 valn1412 valn1413 valn1414: links to groups that do not lead here", async () => {
    const { alice, bob } = await newWorld();
    // Bob knows the old group; Alice makes up one that claims to continue it.
    const invite = async (
      usage: ResumptionPskUsage,
      change: (commits: MlsGroup) => Promise<unknown>,
      epoch = 1n,
    ): Promise<Uint8Array> => {
      const group = await createGroup(alice);
      await change(group);
      const { fields } = await keyPackageOf(bob);
      const state = await insideOf({ ...alice, group });
      const { message } = await forgeWelcome(state, alice.signer, [fields], {
        psks: [link(usage, bob.group.groupId, epoch)],
      });
      await group.delete();
      return message;
    };
    const nothing = async (): Promise<undefined> => Promise.resolve(undefined);
    const oneMore = async (group: MlsGroup): Promise<void> => {
      await group.selfUpdate(alice.signer);
      await group.mergePendingCommit();
    };
    const before = bob.group.epoch;
    const { reinit, branch } = ResumptionPskUsage;
    for (const [message, rule] of [
      [await invite(reinit, nothing), "valn1413"], // no ReInit was committed
      [await invite(reinit, oneMore), "valn1412"],
      [await invite(branch, oneMore), "valn1412"],
    ] as const) {
      await expect(StagedWelcome.fromWelcome(bob.provider, message)).rejects.toThrow(mlsError(V, rule));
    }
    // Control: the branching member plus one other passes.
    const good = await invite(branch, nothing);
    await expect(StagedWelcome.fromWelcome(bob.provider, good)).resolves.toBeDefined();
    expect(bob.group.epoch).toBe(before);
  });

  it("valn1414: a branch with a stranger, or of another cipher suite", async () => {
    const { alice, bob } = await newWorld();
    const stranger = await newcomer("stranger");
    const psks = [link(ResumptionPskUsage.branch, bob.group.groupId)];
    const group = await createGroup(alice);
    const keyPackages = [(await keyPackageOf(bob)).fields, (await keyPackageOf(stranger)).fields];
    const state = await insideOf({ ...alice, group });
    const { message } = await forgeWelcome(state, alice.signer, keyPackages, { psks });
    await expect(StagedWelcome.fromWelcome(bob.provider, message)).rejects.toThrow(mlsError(V, "valn1414"));

    const inSuite3 = async (client: Client): Promise<Client> => {
      const signer = await SignatureKeyPair.generate(await client.provider.crypto.cipherSuite(3));
      const credentialWithKey = { ...client.credentialWithKey, signatureKey: signer.publicKey };
      return { ...client, signer, suite: 3, credentialWithKey };
    };
    const [alice3, bob3] = [await inSuite3(alice), await inSuite3(bob)];
    const other = await createGroup(alice3);
    const inside = await insideOf({ ...alice3, group: other });
    const welcome = await forgeWelcome(inside, alice3.signer, [(await keyPackageOf(bob3)).fields], { psks });
    await expect(StagedWelcome.fromWelcome(bob.provider, welcome.message)).rejects.toThrow(
      mlsError(V, "valn1414"),
    );
  });

  it("valn1413: a reinitialised group that differs from what was announced, or lacks a member", async () => {
    const all = await newWorld();
    const { alice, bob } = all;
    const groupId = utf8("the next group");
    await alice.group
      .commitBuilder()
      .propose({ proposalType: 5, groupId, version: 1, cipherSuite: 1, extensions: [] })
      .build(alice.signer);
    await follow(bob.group, alice.group.pendingCommitMessage!);
    await alice.group.mergePendingCommit();
    const psk = link(ResumptionPskUsage.reinit, bob.group.groupId, 2n);
    const others = [bob, all.charlie, all.mallory];
    const invite = async (choose: {
      id?: Uint8Array;
      without?: number;
      psk?: PreSharedKeyId;
      suite?: number;
    }): Promise<unknown> => {
      const group = await MlsGroup.builder()
        .groupId(choose.id ?? groupId)
        .build(alice.provider, alice.signer, alice.credentialWithKey);
      const packages = await Promise.all(
        others.filter((_, i) => i !== choose.without).map(async (who) => (await keyPackageOf(who)).fields),
      );
      const state = await insideOf({ ...alice, group });
      const { message } = await forgeWelcome(state, alice.signer, packages, { psks: [choose.psk ?? psk] });
      await group.delete();
      return StagedWelcome.fromWelcome(bob.provider, message);
    };
    const refused = mlsError(V, "valn1413");
    await expect(invite({ id: utf8("another id") })).rejects.toThrow(refused);
    await expect(invite({ without: 2 })).rejects.toThrow(refused);
    // of the epoch before the ReInit
    const early = link(ResumptionPskUsage.reinit, bob.group.groupId, 1n);
    await expect(invite({ psk: early })).rejects.toThrow(refused);
    await expect(invite({})).resolves.toBeDefined();
  });
});
