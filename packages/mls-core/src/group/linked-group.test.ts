import { proposals } from "../index.ts";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { isMlsError, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  type Client,
  client,
  createGroup,
  follow,
  joinFrom,
  keyPackageOf,
  ownerOf,
} from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import type { MlsGroup } from "../index.ts";
import { SignatureKeyPair } from "@openmls-ts/basic-credential";

async function threeMembers(): Promise<{
  clients: [Client, Client, Client];
  groups: [MlsGroup, MlsGroup, MlsGroup];
}> {
  const crypto = nodeCrypto();
  const alice = await client("alice", crypto);
  const bob = await client("bob", crypto);
  const charlie = await client("charlie", crypto);
  const a = await createGroup(alice);
  await a.addMembers(alice.signer, [await keyPackageOf(bob), await keyPackageOf(charlie)]);
  const { welcome } = await a.mergePendingCommit();
  return {
    clients: [alice, bob, charlie],
    groups: [a, await joinFrom(bob, welcome), await joinFrom(charlie, welcome)],
  };
}

/** The same person with keys for another cipher suite. */
async function inSuite(person: Client, suite: number): Promise<Client> {
  const signer = await SignatureKeyPair.generate(await person.provider.crypto.cipherSuite(suite));
  return {
    ...person,
    suite,
    signer,
    credentialWithKey: { ...person.credentialWithKey, signatureKey: signer.publicKey },
  };
}

describe("reinitialisation (RFC 9420 §11.2)", () => {
  it("moves all members to a group of another cipher suite", async () => {
    const { clients, groups } = await threeMembers();
    const [alice, bob, charlie] = clients;
    const [a, b, c] = groups;
    const groupId = utf8("the second group");
    await a
      .commitBuilder()
      .propose({ proposalType: 5, groupId, version: 1, cipherSuite: 2, extensions: [] })
      .build(alice.signer);
    const commit = a.pendingCommitMessage;
    await a.mergePendingCommit();
    expect(commit).toBeDefined();
    for (const group of [b, c]) {
      await follow(group, commit ?? new Uint8Array());
      expect(group.isActive).toBe(false);
    }
    await expect(a.createMessage(alice.signer, utf8("too late"))).rejects.toThrow(
      mlsError("ERR_MLS_GROUP_INACTIVE", "rfc78"),
    );
    const [alice2, bob2, charlie2] = await Promise.all([alice, bob, charlie].map(async (p) => inSuite(p, 2)));
    if (alice2 === undefined || bob2 === undefined || charlie2 === undefined) throw new Error();
    const keyPackages = [await keyPackageOf(alice2), await keyPackageOf(charlie2)];
    await expect(b.reinitialize({ ...ownerOf(bob2), keyPackages: keyPackages.slice(0, 1) })).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn1413"),
    );
    const { group, welcome } = await b.reinitialize({ ...ownerOf(bob2), keyPackages });
    const a2 = await joinFrom(alice2, welcome);
    const c2 = await joinFrom(charlie2, welcome);
    expect(group.epoch).toBe(1n);
    expect(group.groupId).toEqual(groupId);
    for (const joined of [a2, c2]) {
      expect(joined.epochAuthenticator).toEqual(group.epochAuthenticator);
    }
  });

  it("refuses a successor that is not what the ReInit announced", async () => {
    const { clients, groups } = await threeMembers();
    const [alice, bob] = clients;
    const [a, b] = groups;
    // Bob never sees the commit of the ReInit, so a Welcome that claims one is refused.
    await a
      .commitBuilder()
      .propose({ proposalType: 5, groupId: utf8("x"), version: 1, cipherSuite: 1, extensions: [] })
      .build(alice.signer);
    await a.mergePendingCommit();
    const keyPackages = [await keyPackageOf(bob), await keyPackageOf(clients[2])];
    const { welcome } = await a.reinitialize({ ...ownerOf(alice), keyPackages });
    await expect(joinFrom(bob, welcome)).rejects.toSatisfy(
      (error) => isMlsError(error, "ERR_MLS_MISSING_PSK") || isMlsError(error, "ERR_MLS_VALIDATION"),
    );
    expect(b.isActive).toBe(true);
  });
});

describe("branching (RFC 9420 §11.3)", () => {
  it("makes a group of some members", async () => {
    const { clients, groups } = await threeMembers();
    const [alice, bob] = clients;
    const [a, b] = groups;
    const { group, welcome } = await a.branch({ ...ownerOf(alice), keyPackages: [await keyPackageOf(bob)] });
    const joined = await joinFrom(bob, welcome);
    expect(joined.epochAuthenticator).toEqual(group.epochAuthenticator);
    expect(group.groupId).not.toEqual(a.groupId);
    // the old group goes on
    const message = await a.createMessage(alice.signer, utf8("still here"));
    expect(await b.processMessage(message)).toMatchObject({ kind: "application", data: utf8("still here") });
  });

  it("refuses a stranger, and leaves nothing behind", async () => {
    const { clients, groups } = await threeMembers();
    const [alice] = clients;
    const stranger = await client("mallory", nodeCrypto());
    const before = alice.storage.entries().length;
    await expect(
      groups[0].branch({ ...ownerOf(alice), keyPackages: [await keyPackageOf(stranger)] }),
    ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn1414"));
    expect(alice.storage.entries()).toHaveLength(before);
  });

  it("allows a linking PSK nowhere else", async () => {
    const { clients, groups } = await threeMembers();
    const [alice] = clients;
    const [a] = groups;
    const link = { pskType: 2, pskGroupId: a.groupId, pskEpoch: a.epoch } as const;
    for (const [usage, rule] of [
      [2, "valn0801"],
      [3, "valn0802"],
    ] as const) {
      await expect(
        a
          .commitBuilder()
          .injectPsk({ ...link, usage })
          .build(alice.signer),
      ).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", rule));
      await expect(a.propose(alice.signer, proposals.psk({ ...link, usage }))).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION", rule),
      );
    }
  });
});
