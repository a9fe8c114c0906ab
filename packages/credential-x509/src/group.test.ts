import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { defaultCapabilities, MlsGroup } from "@openmls-ts/mls-core";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { x509IdentityOf, x509Validator } from "./index.ts";
import { party, rootOf } from "./testing/authority.ts";
import { credentialFor, join, keyPackageOf, lax, reloaded, type User, user } from "./testing/members.ts";

const refusal = (rule: string): Error =>
  expect.objectContaining({ name: "MlsError", code: "ERR_MLS_CREDENTIAL_REJECTED", rule }) as Error;

/** What may not change when a credential is refused. */
function stateOf({ storage }: User, group: MlsGroup): unknown {
  const records = storage.entries().map(({ key, value }) => [key.table, bytesToHex(value)].join(" "));
  return [records, group.epoch, bytesToHex(group.epochAuthenticator), group.pendingCommit];
}

async function expectRefused(
  who: User,
  group: MlsGroup,
  rule: string,
  work: (group: MlsGroup) => Promise<unknown>,
): Promise<void> {
  const before = stateOf(who, group);
  await expect(work(group)).rejects.toThrow(refusal(rule));
  expect(stateOf(who, group)).toEqual(before);
  const again = await reloaded(who, group.groupId);
  await expect(work(again)).rejects.toThrow(refusal(rule));
  expect(stateOf(who, again)).toEqual(before);
}

async function follow(group: MlsGroup, commit: Uint8Array): Promise<void> {
  const processed = await group.processMessage(commit);
  if (processed.kind !== "commit") throw new Error(`expected a commit, not ${processed.kind}`);
  await group.mergeStagedCommit(processed.stagedCommit);
}

const providers = [
  ["crypto-node", nodeCrypto()],
  ["crypto-webcrypto", webCrypto()],
] as const;

describe.each(providers)("a group with X.509 members on %s", (_, crypto) => {
  it.each([1, 2])("suite %i: admits whom the authority vouches for, and nobody else", async (suite) => {
    const authority = await party("Company", "P-384");
    const credentialValidator = x509Validator({ anchors: [await rootOf(authority)], identity: "email" });
    const choice = { crypto, suite, authority, credentialValidator };
    const [ann, bob, carl] = [
      await user("ann@example.org", choice),
      await user("bob@example.org", choice),
      await user("carl@example.org", choice),
    ];

    // Ann creates a group and adds Bob.
    let annGroup = await MlsGroup.create(ann.provider, ann.signer, ann.credentialWithKey, {
      cipherSuite: suite,
    });
    await annGroup.addMembers(ann.signer, [await keyPackageOf(bob, suite)]);
    const { welcome } = await annGroup.mergePendingCommit();
    let bobGroup = await join(bob, welcome);
    const { groupId } = annGroup;
    const emails = (group: MlsGroup): unknown[] =>
      group.members().map((member) => x509IdentityOf(member, "email"));
    expect(emails(bobGroup)).toEqual(["ann@example.org", "bob@example.org"]);
    expect(annGroup.ownLeafNode.capabilities.credentials).toContain(2);

    // Mallory has Carl's certificate and a key of her own; Ann refuses to add her.
    const stolen = await user("mallory@example.org", { ...choice, credentialValidator: lax });
    const mallory = {
      ...stolen,
      credentialWithKey: { ...carl.credentialWithKey, signatureKey: stolen.signer.publicKey },
    };
    const hers = await keyPackageOf(mallory, suite);
    await expectRefused(ann, annGroup, "rfc15", async (group) => group.addMembers(ann.signer, [hers]));

    // Nor does Bob take a commit that adds her, sent by an Ann who checks nothing; nor does Mallory get others in.
    annGroup = await reloaded(ann, groupId);
    const careless = { ...ann, storage: ann.storage.snapshot() };
    const carelessGroup = await MlsGroup.load(
      { ...ann.provider, storage: careless.storage, credentialValidator: lax },
      groupId,
    );
    const { commit } = await carelessGroup!.addMembers(ann.signer, [hers, await keyPackageOf(carl, suite)]);
    await expectRefused(bob, bobGroup, "rfc15", async (group) => group.processMessage(commit));
    const bad = await carelessGroup!.mergePendingCommit();
    await expect(join(carl, bad.welcome)).rejects.toThrow(refusal("rfc15"));

    // An authority that nobody knows.
    const stranger = await user("dave@example.org", {
      ...choice,
      authority: await party("Company", "P-384"),
    });
    const his = await keyPackageOf({ ...stranger, provider: mallory.provider }, suite);
    await expectRefused(ann, annGroup, "trap46", async (group) => group.addMembers(ann.signer, [his]));

    // Bob renews his certificate with a new key.
    bobGroup = await reloaded(bob, groupId);
    const newKey = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
    const credential = await credentialFor(authority, "bob@example.org", newKey);
    const renewed = { credential, signatureKey: newKey.publicKey };
    const update = await bobGroup.selfUpdate(bob.signer, { credentialWithKey: renewed }, newKey);
    await bobGroup.mergePendingCommit();
    await follow(annGroup, update.commit);
    annGroup = await reloaded(ann, groupId);
    bobGroup = await reloaded(bob, groupId);
    expect(annGroup.members()[1]).toMatchObject({ credential, signatureKey: newKey.publicKey });

    // Bob may not become somebody else, whom the authority vouches for all the same (sender, receiver).
    const otherKey = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
    const ceo = await credentialFor(authority, "ceo@example.org", otherKey);
    const becomeCeo = { credentialWithKey: { credential: ceo, signatureKey: otherKey.publicKey } };
    await expectRefused(bob, bobGroup, "rfc16", async (group) =>
      group.selfUpdate(newKey, becomeCeo, otherKey),
    );
    const hostile = await MlsGroup.load(
      { ...bob.provider, storage: bob.storage.snapshot(), credentialValidator: lax },
      groupId,
    );
    const takeover = await hostile!.selfUpdate(newKey, becomeCeo, otherKey);
    await expectRefused(ann, annGroup, "rfc16", async (group) => group.processMessage(takeover.commit));
    await hostile!.clearPendingCommit();

    // An Update by proposal with an expired certificate is not committed.
    const expired = await credentialFor(authority, "bob@example.org", otherKey, 1_799_999_999);
    const stale = { credentialWithKey: { credential: expired, signatureKey: otherKey.publicKey } };
    const outdated = await hostile!.selfUpdate(newKey, stale, otherKey);
    await expectRefused(ann, annGroup, "trap46", async (group) => group.processMessage(outdated.commit));

    // The group goes on, and Carl comes in by an external commit, in which he must be himself.
    const groupInfo = await annGroup.exportGroupInfo(ann.signer);
    const stranded = { groupInfo, credentialWithKey: mallory.credentialWithKey };
    const intruder = await MlsGroup.joinByExternalCommit(mallory.provider, mallory.signer, stranded);
    await expectRefused(ann, annGroup, "rfc15", async (group) => group.processMessage(intruder.commit));
    const entry = await MlsGroup.joinByExternalCommit(carl.provider, carl.signer, {
      groupInfo,
      credentialWithKey: carl.credentialWithKey,
    });
    await follow(annGroup, entry.commit);
    await follow(bobGroup, entry.commit);
    const hello = await (await reloaded(ann, groupId)).createMessage(ann.signer, utf8("hello"));
    expect(await (await reloaded(bob, groupId)).processMessage(hello)).toMatchObject({ data: utf8("hello") });
    expect(emails(bobGroup)).toEqual(["ann@example.org", "bob@example.org", "carl@example.org"]);
  });
});

describe("an application without X.509", () => {
  it("does not announce it, so nobody brings such a member into its groups", async () => {
    expect(defaultCapabilities().credentials).toEqual([1]);
    const crypto = nodeCrypto();
    const authority = await party("Company");
    const choice = { crypto, suite: 1, authority, credentialValidator: lax };
    const ann = await user("ann@example.org", choice);
    const plain = { ...ann.provider, features: [] };
    const creation = MlsGroup.create(plain, ann.signer, ann.credentialWithKey, { cipherSuite: 1 });
    await expect(creation).rejects.toMatchObject({ code: "ERR_MLS_VALIDATION", rule: "valn0113" });
  });
});
