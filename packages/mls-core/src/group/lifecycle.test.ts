import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { applicationIdExtension, applicationIdOf, decodeMlsMessage } from "../wire/index.ts";
import { MlsGroup, StagedWelcome } from "../index.ts";
import { confirmationTag } from "../key-schedule/index.ts";
import { verifyLeafSignature } from "../tree/leaf-validation.ts";
import { PskType, ResumptionPskUsage, WireFormat } from "../registry.ts";
import { createGroup, follow, joinFrom, keyPackageOf, ownerOf } from "../testing/client.ts";
import { forgeProposal } from "../testing/forge.ts";
import { mlsError } from "../testing/suites.ts";
import { expectRefused, insideOf, newcomer, newWorld } from "../testing/world.ts";

describe("a new group (RFC 9420 §11)", () => {
  it("rfc74: has a random id of Nh bytes", async () => {
    const alice = await newcomer("alice");
    const ids = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const { groupId } = await createGroup(alice);
      expect(groupId).toHaveLength(32);
      ids.add(bytesToHex(groupId));
    }
    expect(ids.size).toBe(50);
  });

  it("rfc75 rfc07: one leaf, epoch 0, empty transcript, a true confirmation tag; joinable at once", async () => {
    const alice = await newcomer("alice");
    const group = await createGroup(alice);
    expect(group.cipherSuite).toBe(1);
    expect(group.epoch).toBe(0n);
    expect(group.members()).toHaveLength(1);
    expect(group.groupContext.confirmedTranscriptHash).toHaveLength(0);
    const message = decodeMlsMessage(await group.exportGroupInfo(alice.signer));
    if (message.wireFormat !== WireFormat.mlsGroupInfo) throw new Error("no GroupInfo");
    const { env, epoch } = await insideOf({ ...alice, group });
    expect(message.groupInfo.confirmationTag).toEqual(
      confirmationTag(env.suite, epoch.secrets.confirmationKey, new Uint8Array()),
    );
    const bob = await newcomer("bob");
    const join = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
      groupInfo: await group.exportGroupInfo(alice.signer),
      credentialWithKey: bob.credentialWithKey,
    });
    await follow(group, join.commit);
    expect((await join.intoGroup()).epochAuthenticator).toEqual(group.epochAuthenticator);
  });
});

describe("what outlives an epoch, and what does not", () => {
  it.each([3, 0])("rfc62: resumption PSKs of the newest %i epochs", async (resumptionPskEpochs) => {
    const all = await newWorld({ config: { resumptionPskEpochs } });
    const { alice, bob } = all;
    for (let i = 0; i < 4; i++) {
      const { commit } = await alice.group.selfUpdate(alice.signer);
      await alice.group.mergePendingCommit();
      await follow(bob.group, commit);
    }
    const loaded = await MlsGroup.load(alice.provider, alice.group.groupId);
    for (const { group, signer } of [{ ...alice, group: loaded! }, bob]) {
      for (let pskEpoch = 1n; pskEpoch <= 5n; pskEpoch++) {
        const building = group
          .commitBuilder()
          .injectPsk({
            pskType: PskType.resumption,
            usage: ResumptionPskUsage.application,
            pskGroupId: group.groupId,
            pskEpoch,
          })
          .build(signer);
        if (pskEpoch > 5n - BigInt(resumptionPskEpochs)) {
          await expect(building).resolves.toBeDefined();
          await group.clearPendingCommit();
        } else {
          await expect(building).rejects.toThrow(mlsError("ERR_MLS_MISSING_PSK", "valn1205"));
        }
      }
    }
  });

  it("rfc32: a member loaded again goes on with unused keys; the old handle notices", async () => {
    const { alice, bob } = await newWorld();
    const sent = [];
    for (let i = 0; i < 3; i++) {
      sent.push(await alice.group.createMessage(alice.signer, utf8(`${i}`)));
    }
    const loaded = await MlsGroup.load(alice.provider, alice.group.groupId);
    sent.push(await loaded!.createMessage(alice.signer, utf8("3")));
    await expect(alice.group.createMessage(alice.signer, utf8("?"))).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_CONFLICT"),
    );
    for (const [i, message] of sent.entries()) {
      expect(await bob.group.processMessage(message)).toMatchObject({ data: utf8(`${i}`) });
    }
  });

  it("rfc124: who was removed cannot read on, with whatever keys", async () => {
    const { alice, charlie } = await newWorld();
    await alice.group.removeMembers(alice.signer, [2]);
    await alice.group.mergePendingCommit();
    const message = await alice.group.createMessage(alice.signer, utf8("without Charlie"));
    await expect(charlie.group.processMessage(message)).rejects.toThrow(
      mlsError("ERR_MLS_WRONG_EPOCH", "rfc35"),
    );
    const { privateMessage } = decodeMlsMessage(message) as { privateMessage?: { epoch: bigint } };
    expect(privateMessage?.epoch).toBe(alice.group.epoch);
  });

  it("trap22: external_pub is of the epoch that the GroupInfo describes", async () => {
    const { alice, bob } = await newWorld();
    const before = await alice.group.exportGroupInfo(alice.signer);
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    const after = await alice.group.exportGroupInfo(alice.signer);
    const externalPub = (bytes: Uint8Array): string => {
      const message = decodeMlsMessage(bytes);
      if (message.wireFormat !== WireFormat.mlsGroupInfo) throw new Error("no GroupInfo");
      const found = message.groupInfo.extensions.find(({ extensionType }) => extensionType === 4);
      return bytesToHex(found!.extensionData);
    };
    expect(externalPub(after)).not.toBe(externalPub(before));
    expect(externalPub(after)).toBe(externalPub(await bob.group.exportGroupInfo(bob.signer)));
  });

  it("trap54: nobody commits of its own accord after joining", async () => {
    const { alice, bob } = await newWorld();
    const inFlight = await bob.group.selfUpdate(bob.signer);
    expect(alice.group.pendingCommit).toBeUndefined();
    await follow(alice.group, inFlight.commit);
    expect(alice.group.epoch).toBe(2n);
  });
});

describe("calls at the same time", () => {
  it("trap53: are carried out one after the other", async () => {
    const { alice, bob } = await newWorld();
    const send = async (text: string): Promise<Uint8Array> =>
      alice.group.createMessage(alice.signer, utf8(text));
    const [one, two, merged] = await Promise.all([
      send("1"),
      send("2"),
      alice.group.clearPendingCommit(),
      send("3"),
    ]);
    expect(merged).toBeUndefined();
    expect(await bob.group.processMessage(two)).toMatchObject({ data: utf8("2") });
    const twice = await Promise.allSettled([bob.group.processMessage(one), bob.group.processMessage(one)]);
    expect(twice.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const commits = await Promise.allSettled([
      bob.group.selfUpdate(bob.signer),
      bob.group.selfUpdate(bob.signer),
    ]);
    expect(commits).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "ERR_MLS_PENDING_COMMIT" } },
    ]);
  });
});

describe("leaves", () => {
  it("rfc19: two members may have one application_id; nothing looks them up by it", async () => {
    const extensions = [applicationIdExtension(utf8("the same"))];
    const { alice, bob } = await newWorld();
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const { commit } = await from.group.selfUpdate(from.signer, { extensions });
      await follow(to.group, commit);
      await from.group.mergePendingCommit();
    }
    expect(alice.group.leafNode(1)?.extensions).toEqual(alice.group.leafNode(0)?.extensions);
  });

  it("rfc41: a change of a leaf is a new leaf, signed anew", async () => {
    const { alice } = await newWorld();
    const before = alice.group.ownLeafNode;
    const extensions = [applicationIdExtension(utf8("id"))];
    await alice.group.selfUpdate(alice.signer, { extensions });
    await alice.group.mergePendingCommit();
    const after = alice.group.ownLeafNode;
    expect(after).not.toBe(before);
    expect(applicationIdOf(before.extensions)).toBeUndefined();
    expect(applicationIdOf(after.extensions)).toEqual(utf8("id"));
    const { suite } = (await insideOf(alice)).env;
    const position = { groupId: alice.group.groupId, leafIndex: 0 };
    expect(await verifyLeafSignature(suite, after, position)).toBe(true);
  });

  it("rfc05: a proposal of a type that nobody knows is refused by name", async () => {
    const all = await newWorld();
    const { mallory } = all;
    const remove = { proposalType: 3, removed: 2 } as const;
    const { message } = await forgeProposal(await insideOf(mallory), mallory.signer, remove);
    const at = message.findIndex((byte, i) => byte === 2 && message[i + 1] === 0 && message[i + 2] === 3);
    const custom = message.map((byte, i) => (i === at + 1 ? 0xf0 : byte));
    await expectRefused(all, custom, "ERR_MLS_UNSUPPORTED_TYPE", "rfc05");
  });
});

describe("padding", () => {
  it.each([
    [0, [0, 31, 32, 33], false],
    [32, [0, 31, 32, 33], true],
  ] as const)("rfc123: to multiples of %i bytes", async (paddingSize, sizes, hides) => {
    const { alice, bob } = await newWorld({ config: { paddingSize } });
    const lengths = [];
    for (const size of sizes) {
      const message = await alice.group.createMessage(alice.signer, new Uint8Array(size).fill(1));
      lengths.push(message.length);
      expect(await bob.group.processMessage(message)).toMatchObject({ data: new Uint8Array(size).fill(1) });
    }
    expect(lengths[1] === lengths[2]).toBe(hides);
  });
});

describe("groups that continue others", () => {
  it("rfc80: a branch with a stranger, or with somebody removed since, is not built", async () => {
    const { alice, bob } = await newWorld();
    const [stranger, dave] = [await newcomer("stranger"), await newcomer("dave")];
    const refused = mlsError("ERR_MLS_VALIDATION", "valn1414");
    const before = alice.storage.entries().length;
    for (const guest of [stranger, dave]) {
      const keyPackages = [await keyPackageOf(bob), await keyPackageOf(guest)];
      await expect(alice.group.branch({ ...ownerOf(alice), keyPackages })).rejects.toThrow(refused);
    }
    expect(alice.storage.entries()).toHaveLength(before);
    const { group, welcome } = await alice.group.branch({
      ...ownerOf(alice),
      keyPackages: [await keyPackageOf(bob)],
    });
    expect(group.epoch).toBe(1n);
    expect((await joinFrom(bob, welcome)).epochAuthenticator).toEqual(group.epochAuthenticator);
  });

  it("rfc77: a replacement before the ReInit was committed, or with a member missing, is not built", async () => {
    const { alice, bob, charlie, mallory } = await newWorld();
    const keyPackages = await Promise.all([bob, charlie, mallory].map(keyPackageOf));
    const early = alice.group.reinitialize({ ...ownerOf(alice), keyPackages });
    await expect(early).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const reinit = { groupId: utf8("next"), version: 1, cipherSuite: 1, extensions: [] };
    await alice.group
      .commitBuilder()
      .propose({ proposalType: 5, ...reinit })
      .build(alice.signer);
    await follow(bob.group, alice.group.pendingCommitMessage!);
    await alice.group.mergePendingCommit();
    await expect(
      alice.group.reinitialize({ ...ownerOf(alice), keyPackages: keyPackages.slice(1) }),
    ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn1413"));
    const { group, welcome } = await alice.group.reinitialize({ ...ownerOf(alice), keyPackages });
    expect(group).toMatchObject({ epoch: 1n, groupId: reinit.groupId });
    const staged = await StagedWelcome.fromWelcome(bob.provider, welcome!);
    expect(staged.members()).toHaveLength(4);
  });
});
