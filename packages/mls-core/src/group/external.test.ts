import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { customProposal, MlsGroup, proposeAsExternalSender, proposeToJoin } from "../index.ts";
import { externalSendersExtension } from "../wire/index.ts";
import { type Client, client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { forgeExternalCommit, forgeGroupInfo } from "../testing/forge-welcome.ts";
import { loadInside } from "../testing/inside.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();

describe.each([1, 2, 5])("suite %i: external commits (RFC 9420 §12.4.3.2)", (suite) => {
  it("joins from a GroupInfo, and comes back after losing the state", async () => {
    const alice = await client("alice", crypto, suite);
    const bob = await client("bob", crypto, suite);
    const a = await createGroup(alice);
    const first = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
      groupInfo: await a.exportGroupInfo(alice.signer),
      credentialWithKey: bob.credentialWithKey,
    });
    await follow(a, first.commit);
    const b = await first.intoGroup();
    expect(b.epochAuthenticator).toEqual(a.epochAuthenticator);
    expect(b.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 1]);

    await b.delete();
    const second = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
      groupInfo: await a.exportGroupInfo(alice.signer),
      credentialWithKey: bob.credentialWithKey,
    });
    await follow(a, second.commit);
    const again = await second.intoGroup();
    expect(again.epochAuthenticator).toEqual(a.epochAuthenticator);
    expect(a.members()).toHaveLength(2);
    const message = await again.createMessage(bob.signer, utf8("back"));
    expect(await a.processMessage(message)).toMatchObject({ kind: "application", data: utf8("back") });
  });
});

describe("external commits", () => {
  it("need external_pub", async () => {
    const alice = await client("alice", crypto);
    const bob = await client("bob", crypto);
    const a = await createGroup(alice);
    await expect(
      MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
        groupInfo: await a.exportGroupInfo(alice.signer, { externalPub: false }),
        credentialWithKey: bob.credentialWithKey,
      }),
    ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc108"));
  });

  it("are refused where the group's rules say so, and no GroupInfo invites to them", async () => {
    const alice = await client("alice", crypto, 1, { rules: { externalCommits: "refuse" } });
    const bob = await client("bob", crypto);
    const a = await createGroup(alice);
    const refused = mlsError("ERR_MLS_POLICY", "rfc109");
    await expect(a.exportGroupInfo(alice.signer, { externalPub: true })).rejects.toThrow(refused);
    await expect(a.selfUpdate(alice.signer, {}, undefined, { groupInfo: true })).rejects.toThrow(refused);
    const closed = await a.exportGroupInfo(alice.signer);
    const { credentialWithKey } = bob;
    await expect(
      MlsGroup.joinByExternalCommit(bob.provider, bob.signer, { groupInfo: closed, credentialWithKey }),
    ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc108"));
    const { message } = await forgeExternalCommit(await loadInside(alice.provider, a.groupId), bob);
    await expect(a.processMessage(message)).rejects.toThrow(refused);
    expect(a.epoch).toBe(0n);
    const dave = await client("dave", crypto, 1, { rules: { externalCommits: "refuse" } });
    const groupInfo = await forgeGroupInfo(await loadInside(alice.provider, a.groupId), alice.signer);
    await expect(
      MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
        groupInfo,
        credentialWithKey: dave.credentialWithKey,
      }),
    ).rejects.toThrow(refused);
  });

  it("name a feature's proposal of an external sender, where the feature allows it", async () => {
    const note = customProposal(0xf001, { places: { externalSender: true, externalReference: true } });
    const join = async (name: string): Promise<Client> => client(name, crypto, 1, { features: [note] });
    const [alice, bob, service] = [await join("alice"), await join("bob"), await join("service")];
    const a = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
      cipherSuite: 1,
      extensions: [externalSendersExtension([service.credentialWithKey])],
    });
    const target = { cipherSuite: 1, groupId: a.groupId, epoch: a.epoch };
    const said = note.make(utf8("from the server"));
    const message = await proposeAsExternalSender(service.provider, service.signer, target, 0, said);
    const received = await a.processMessage(message);
    if (received.kind !== "proposal") throw new Error(received.kind);
    await a.storePendingProposal(received);
    const joined = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
      groupInfo: await a.exportGroupInfo(alice.signer),
      credentialWithKey: bob.credentialWithKey,
      proposals: [message],
    });
    await follow(a, joined.commit);
    expect((await joined.intoGroup()).epochAuthenticator).toEqual(a.epochAuthenticator);
  });

  it("may not remove somebody else's leaf (trap20)", async () => {
    const alice = await client("alice", crypto);
    const mallory = await client("mallory", crypto);
    const a = await createGroup(alice);
    await a.addMembers(alice.signer, [await keyPackageOf(await client("bob", crypto))]);
    await a.mergePendingCommit();
    const refused = mlsError("ERR_MLS_CREDENTIAL_REJECTED", "trap20");
    await expect(
      MlsGroup.joinByExternalCommit(mallory.provider, mallory.signer, {
        groupInfo: await a.exportGroupInfo(alice.signer),
        credentialWithKey: mallory.credentialWithKey,
        resync: 1,
      }),
    ).rejects.toThrow(refused);
    expect(mallory.storage.entries()).toEqual([]);
    const { message } = await forgeExternalCommit(await loadInside(alice.provider, a.groupId), mallory, {
      proposals: [{ proposalType: 3, removed: 1 }],
    });
    await expect(a.processMessage(message)).rejects.toThrow(refused);
  });
});

describe("proposals from outside (RFC 9420 §12.1.8)", () => {
  it("of an external sender wait for the application, then can be committed", async () => {
    const alice = await client("alice", crypto);
    const bob = await client("bob", crypto);
    const service = await client("service", crypto);
    const a = await MlsGroup.builder()
      .groupContextExtensions([externalSendersExtension([{ ...service.credentialWithKey }])])
      .build(alice.provider, alice.signer, alice.credentialWithKey);
    await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome);
    const target = { cipherSuite: 1, groupId: a.groupId, epoch: a.epoch };
    const removal = await proposeAsExternalSender(service.provider, service.signer, target, 0, {
      proposalType: 3,
      removed: b.ownLeafIndex,
    });
    const received = await a.processMessage(removal);
    expect(received).toMatchObject({ kind: "proposal", stored: false });
    expect(a.pendingProposals).toHaveLength(0);
    if (received.kind !== "proposal") throw new Error();
    await a.storePendingProposal(received);
    const { commit } = await a.commitToPendingProposals(alice.signer);
    await a.mergePendingCommit();
    await expect(b.processMessage(commit)).rejects.toThrow(mlsError("ERR_MLS_MISSING_PROPOSAL", "rfc82"));
    const seen = await b.processMessage(removal);
    if (seen.kind !== "proposal") throw new Error();
    await b.storePendingProposal(seen);
    await follow(b, commit);
    expect(b.isActive).toBe(false);
    await expect(
      proposeAsExternalSender(service.provider, service.signer, target, 0, {
        proposalType: 6,
        kemOutput: new Uint8Array(32),
      }),
    ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn1502"));
  });

  it("of an external sender that the group does not name are refused (rfc86)", async () => {
    const alice = await client("alice", crypto);
    const service = await client("service", crypto);
    const a = await createGroup(alice);
    const target = { cipherSuite: 1, groupId: a.groupId, epoch: a.epoch };
    const removal = await proposeAsExternalSender(service.provider, service.signer, target, 0, {
      proposalType: 3,
      removed: 0,
    });
    await expect(a.processMessage(removal)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc86"));
  });

  it("of a newcomer ask to be added", async () => {
    const alice = await client("alice", crypto);
    const bob = await client("bob", crypto);
    const a = await createGroup(alice);
    const request = await proposeToJoin(
      bob.provider,
      bob.signer,
      { groupId: a.groupId, epoch: a.epoch },
      await keyPackageOf(bob),
    );
    const received = await a.processMessage(request);
    if (received.kind !== "proposal") throw new Error();
    await a.storePendingProposal(received);
    await a.commitToPendingProposals(alice.signer);
    const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome);
    expect(b.epochAuthenticator).toEqual(a.epochAuthenticator);
  });
});
