import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  KeyPackage,
  MlsGroup,
  ProcessedWelcome,
  proposals,
  splitWelcome,
  StagedWelcome,
  storeExternalPsk,
} from "../index.ts";
import { CRYPTO } from "../testing/cast.ts";
import { type Client, client, createGroup, joinFrom, keyPackageOf } from "../testing/client.ts";
import { FaultyStorage } from "../testing/faulty-storage.ts";
import { mlsError } from "../testing/suites.ts";
import { recordsOf } from "../testing/world.ts";

const node = CRYPTO[0]![1];

interface Invitation {
  readonly alice: Client;
  readonly bob: Client;
  readonly group: MlsGroup;
  readonly keyPackage: KeyPackage;
  readonly welcome: Uint8Array;
}

async function invitation(crypto = node, lastResort = false): Promise<Invitation> {
  const [alice, bob] = [await client("alice", crypto), await client("bob", crypto)];
  const group = await createGroup(alice, { ratchetTreeExtension: false });
  const builder = KeyPackage.builder();
  const keyPackage = await (lastResort ? builder.markAsLastResort() : builder).build(
    1,
    bob.provider,
    bob.signer,
    bob.credentialWithKey,
  );
  await group
    .commit()
    .addMembers([keyPackage])
    .welcomeExtensions([{ extensionType: 0xf0a7, extensionData: utf8("why") }])
    .build(alice.signer);
  return { alice, bob, group, keyPackage, welcome: (await group.mergePendingCommit()).welcome! };
}

describe.each(CRYPTO)("a Welcome in two steps (%s)", (_, crypto) => {
  it("tells where it leads before anything is stored, then is joined with a tree from elsewhere", async () => {
    const { bob, group, keyPackage, welcome } = await invitation(crypto);
    const before = recordsOf(bob);
    const read = await ProcessedWelcome.fromWelcome(bob.provider, welcome);
    expect(read).toMatchObject({
      keyPackageRef: keyPackage.ref,
      reusable: false,
      cipherSuite: 1,
      psks: [],
      missingPsks: [],
      groupContext: group.groupContext,
      sender: 0,
      needsRatchetTree: true,
    });
    const given = { extensionType: 0xf0a7, extensionData: utf8("why") };
    expect(read.groupInfoExtensions).toContainEqual(given);
    await expect(read.intoStagedWelcome()).rejects.toThrow(
      mlsError("ERR_MLS_MISSING_RATCHET_TREE", "rfc107"),
    );
    const staged = await read.intoStagedWelcome({ ratchetTree: group.exportRatchetTree() });
    expect(recordsOf(bob)).toBe(before);
    expect(staged.ownLeafNode).toEqual(keyPackage.leafNode);
    expect(staged.leafNode(staged.sender)).toEqual(group.ownLeafNode);
    expect(staged.leafNode(7)).toBeUndefined();
    expect(staged.psks).toEqual([]);
    expect(staged.groupInfoExtensions).toContainEqual(given);
    const secret = ["a call", utf8("7"), 16] as const;
    expect(staged.nextEpoch.exportSecret(...secret)).toEqual(group.exportSecret(...secret));
    expect(staged.nextEpoch.epochAuthenticator).toEqual(group.epochAuthenticator);
    await staged.intoGroup();
    expect(() => staged.nextEpoch.epochAuthenticator).toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    const loaded = await MlsGroup.load(bob.provider, group.groupId);
    expect(loaded!.exportSecret(...secret)).toEqual(group.exportSecret(...secret));
    await expect(ProcessedWelcome.fromWelcome(bob.provider, welcome)).rejects.toThrow(
      mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE"),
    );
  });

  it("names the PSKs that are missing, and goes on once they are stored", async () => {
    const [alice, bob] = [await client("alice", crypto), await client("bob", crypto)];
    const group = await createGroup(alice);
    await storeExternalPsk(alice.storage, utf8("shared"), utf8("secret"));
    await group
      .commit()
      .addMembers([await keyPackageOf(bob)])
      .propose(proposals.externalPsk(utf8("shared")))
      .build(alice.signer);
    const { welcome } = await group.mergePendingCommit();
    const read = await ProcessedWelcome.fromWelcome(bob.provider, welcome!);
    expect(read.missingPsks).toMatchObject([{ pskId: utf8("shared") }]);
    expect([read.groupContext, read.sender, read.needsRatchetTree, read.groupInfoExtensions]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    await expect(read.intoStagedWelcome()).rejects.toThrow(mlsError("ERR_MLS_MISSING_PSK", "valn1205"));
    await storeExternalPsk(bob.storage, utf8("shared"), utf8("secret"));
    const again = await ProcessedWelcome.fromWelcome(bob.provider, welcome!);
    expect(again).toMatchObject({
      missingPsks: [],
      groupContext: group.groupContext,
      needsRatchetTree: false,
    });
    expect(again.psks).toEqual(read.psks);
    const joined = await (await read.intoStagedWelcome()).intoGroup();
    expect(joined.epochAuthenticator).toEqual(group.epochAuthenticator);
  });

  it("is split into one for each newcomer", async () => {
    const people = await Promise.all(["alice", "bob", "charlie"].map(async (name) => client(name, crypto)));
    const [alice, bob, charlie] = people as [Client, Client, Client];
    const group = await createGroup(alice);
    await group.addMembers(alice.signer, [await keyPackageOf(bob), await keyPackageOf(charlie)]);
    const { welcomed } = await group.mergePendingCommit();
    const again = (await MlsGroup.load(alice.provider, group.groupId))!.lastMergedCommit;
    const [first, second] = splitWelcome(alice.provider, again!.welcome!);
    expect([first, second]).toMatchObject(welcomed.map(({ keyPackageRef }) => ({ keyPackageRef })));
    await expect(joinFrom(bob, second!.welcome)).rejects.toThrow(mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE"));
    for (const [who, { welcome }] of [
      [bob, first!],
      [charlie, second!],
    ] as const) {
      expect((await joinFrom(who, welcome)).epochAuthenticator).toEqual(group.epochAuthenticator);
    }
  });
});

describe("declining a Welcome", () => {
  it("deletes the key package, after the first step or the second", async () => {
    for (const step of [1, 2]) {
      const { bob, group, welcome } = await invitation();
      const read = await ProcessedWelcome.fromWelcome(bob.provider, welcome);
      const staged = await read.intoStagedWelcome({ ratchetTree: group.exportRatchetTree() });
      const note = { key: { table: "app", owner: utf8("a"), id: utf8("b") }, value: utf8("c") };
      await (step === 1 ? read : staged).decline({ alsoWrite: () => ({ puts: [note] }) });
      expect(bob.storage.entries()).toEqual([note]);
      const over = step === 1 ? "ERR_MLS_NO_MATCHING_KEY_PACKAGE" : "ERR_MLS_STALE_COMMIT";
      await expect(staged.intoGroup()).rejects.toThrow(mlsError(over));
      if (step === 2)
        await expect(staged.decline()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    }
  });

  it("keeps a last resort", async () => {
    const { bob, welcome, group } = await invitation(node, true);
    const before = recordsOf(bob);
    const read = await ProcessedWelcome.fromWelcome(bob.provider, welcome);
    expect(read.reusable).toBe(true);
    await read.decline();
    expect(recordsOf(bob)).toBe(before);
    await (await read.intoStagedWelcome({ ratchetTree: group.exportRatchetTree() })).intoGroup();
  });

  it("changes nothing when the store fails", async () => {
    const { bob, group, welcome } = await invitation();
    const disk = new FaultyStorage(bob.storage);
    const options = { ratchetTree: group.exportRatchetTree() };
    const staged = await StagedWelcome.fromWelcome({ ...bob.provider, storage: disk }, welcome, options);
    disk.failWrite("refuse");
    await expect(staged.decline()).rejects.toThrow(mlsError("ERR_MLS_STORAGE"));
    expect((await staged.intoGroup()).epoch).toBe(1n);
  });

  it("refuses what is no Welcome, or damaged", async () => {
    const { alice, bob, group, welcome } = await invitation();
    const before = recordsOf(bob);
    for (const wrong of [undefined, "x", await group.exportGroupInfo(alice.signer)]) {
      await expect(ProcessedWelcome.fromWelcome(bob.provider, wrong as never)).rejects.toThrow(
        mlsError("ERR_MLS_USAGE"),
      );
      expect(() => splitWelcome(alice.provider, wrong as never)).toThrow(mlsError("ERR_MLS_USAGE"));
    }
    const damaged = welcome.slice();
    damaged[damaged.length - 1]! ^= 1;
    await expect(ProcessedWelcome.fromWelcome(bob.provider, damaged)).rejects.toThrow(
      mlsError("ERR_MLS_DECRYPTION"),
    );
    await expect(ProcessedWelcome.fromWelcome(bob.provider, welcome.subarray(0, 90))).rejects.toThrow(
      mlsError("ERR_MLS_DECODE"),
    );
    expect(recordsOf(bob)).toBe(before);
  });
});
