import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type CredentialSubject, type CredentialValidator, utf8, type Verdict } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { KeyPackageIn, MlsGroup, proposals, PublicGroup } from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeKeyPackage } from "../testing/forge.ts";
import { mlsError } from "../testing/suites.ts";
import { expectRefused, expectUnable, insideOf, Judge, newcomer, newWorld } from "../testing/world.ts";
import { basicCredential, externalSendersExtension } from "../wire/index.ts";

const crypto = nodeCrypto();

const REJECTED = "ERR_MLS_CREDENTIAL_REJECTED";

describe("what a member says of its own new credential (RFC 9420 §5.3.1, 12.2)", () => {
  const changed = async () => {
    const judge = new Judge();
    const all = await newWorld({ provider: { credentialValidator: judge } });
    const renewed = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
    const credential = basicCredential(utf8("alice 2"));
    return { judge, all, renewed, credentialWithKey: { credential, signatureKey: renewed.publicKey } };
  };

  it("is judged by it as by the others: paths and Updates that break the succession (rfc16)", async () => {
    const { judge, all, renewed, credentialWithKey } = await changed();
    const { alice, bob, mallory } = all;
    const path = async (): Promise<unknown> =>
      alice.group.selfUpdate(alice.signer, { credentialWithKey }, renewed);
    const update = async (): Promise<unknown> =>
      alice.group.propose(alice.signer, proposals.update({ credentialWithKey }, renewed));
    for (const operation of [path, update]) {
      await expectUnable(alice, operation, REJECTED, "rfc16");
    }
    judge.successor = () => true;
    judge.verdict = ({ purpose }) => (purpose === "update" ? { allowed: false, reason: "revoked" } : true);
    for (const operation of [path, update]) {
      await expectUnable(alice, operation, REJECTED, "valn0101");
    }
    judge.verdict = () => true;
    await expect(path()).resolves.toBeDefined();
    judge.successor = undefined;
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      leaf: (leaf) => ({ ...leaf, credential: basicCredential(utf8("mallory 2")) }),
    });
    await expectRefused(all, message, REJECTED, "rfc16", bob);
  });

  it("is judged before it joins from outside in the place of its former self (trap20)", async () => {
    const { judge, all } = await changed();
    const { alice, charlie } = all;
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    const credentialWithKey = {
      ...charlie.credentialWithKey,
      credential: basicCredential(utf8("charlie 2")),
    };
    const fresh = await newcomer("charlie", { provider: { credentialValidator: judge } });
    const join = async (): Promise<unknown> =>
      MlsGroup.joinByExternalCommit(fresh.provider, charlie.signer, { groupInfo, credentialWithKey });
    await expect(join()).rejects.toThrow(mlsError(REJECTED, "trap20"));
    judge.verdict = ({ purpose }) => purpose !== "external-join";
    await expect(join()).rejects.toThrow(mlsError(REJECTED, "valn0101"));
    expect(fresh.storage.entries()).toHaveLength(0);
    [judge.verdict, judge.successor] = [() => true, () => true];
    await expect(join()).resolves.toBeDefined();
  });
});

describe("a credential that is refused", () => {
  it("is named with leaf, identity, purpose and reason, wherever it is judged", async () => {
    const no = { allowed: false, reason: "left the company" };
    const judge = new Judge();
    const all = await newWorld({ provider: { credentialValidator: judge } });
    const { alice, mallory } = all;
    const dave = await newcomer("dave");
    const keyPackage = await keyPackageOf(dave);
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [{ proposalType: 1, keyPackage: await forgeKeyPackage(dave) }],
    });
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    const watcher = await newcomer("watcher", { provider: { credentialValidator: judge } });
    judge.verdict = ({ identity }) => (String(identity) === String(utf8("dave")) ? no : true);
    const about = { identity: utf8("dave"), reason: "left the company" };
    const rejected = (details: object): object => ({ code: REJECTED, rule: "valn0101", details });
    const atLeaf = rejected({ ...about, leafIndex: 4, purpose: "add" });
    await expect(alice.group.addMembers(alice.signer, [keyPackage])).rejects.toMatchObject(atLeaf);
    await expect(alice.group.processMessage(message)).rejects.toMatchObject(atLeaf);
    const reloaded = await MlsGroup.load(alice.provider, alice.group.groupId);
    await expect(reloaded!.processMessage(message)).rejects.toMatchObject(atLeaf);
    const received = KeyPackageIn.decode(keyPackage.encode()).validate(alice.provider);
    await expect(received).rejects.toMatchObject(rejected({ ...about, purpose: "add" }));
    judge.verdict = ({ identity }) => (String(identity) === String(utf8("bob")) ? no : true);
    const joining = rejected({ ...about, identity: utf8("bob"), leafIndex: 1, purpose: "join" });
    await expect(PublicGroup.fromGroupInfo(watcher.provider, groupInfo)).rejects.toMatchObject(joining);
    const { provider, signer, credentialWithKey } = watcher;
    const join = MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, credentialWithKey });
    await expect(join).rejects.toMatchObject(joining);
  });
});

describe("a validator that takes many at once", () => {
  /** Counts how it is asked. */
  class Office implements CredentialValidator {
    readonly single: CredentialSubject[] = [];
    readonly batches: (readonly CredentialSubject[])[] = [];
    async validate(subject: CredentialSubject): Promise<Verdict> {
      this.single.push(subject);
      return true;
    }
    async validateAll(subjects: readonly CredentialSubject[]): Promise<readonly Verdict[]> {
      this.batches.push(subjects);
      return subjects.map(() => ({ allowed: true }));
    }
    /** How often it was asked, and about how many, since the last time. */
    asked(): readonly [single: number, batches: readonly number[]] {
      const counts = [this.single.length, this.batches.map(({ length }) => length)] as const;
      this.single.length = 0;
      this.batches.length = 0;
      return counts;
    }
  }

  it("is asked once for fifty Adds, by sender and receiver, and once for a tree that is joined", async () => {
    const office = new Office();
    const mine = { credentialValidator: office };
    const [alice, bob] = [await client("alice", crypto, 1, mine), await client("bob", crypto, 1, mine)];
    const a = await createGroup(alice);
    await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome);
    const crowd = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => keyPackageOf(await client(`member ${at}`, crypto))),
    );
    office.asked();
    const { commit } = await a.addMembers(alice.signer, crowd);
    expect(office.asked()).toEqual([0, [50]]);
    await follow(b, commit);
    expect(office.asked()).toEqual([0, [50]]);
    await a.mergePendingCommit();
    const info = await a.exportGroupInfo(alice.signer);
    const carol = await client("carol", crypto, 1, mine);
    const { provider, signer, credentialWithKey } = carol;
    await MlsGroup.joinByExternalCommit(provider, signer, { groupInfo: info, credentialWithKey });
    expect(office.asked()).toEqual([1, [52]]); // the members, and carol's own
    await a.addMembers(alice.signer, [await keyPackageOf(carol)]);
    const { welcome } = await a.mergePendingCommit();
    office.asked();
    await joinFrom(carol, welcome);
    expect(office.asked()).toEqual([0, [53]]);
  });
});

describe("external senders (RFC 9420 §12.1.8.1, rfc17)", () => {
  const sender = (name: string) => ({
    credential: basicCredential(utf8(name)),
    signatureKey: new Uint8Array(32).fill(name.length),
  });

  it("are judged when they are new, and not again when others change", async () => {
    const judge = new Judge();
    const old = sender("old");
    const all = await newWorld({
      provider: { credentialValidator: judge },
      extensions: [externalSendersExtension([old])],
    });
    const { alice, bob, mallory } = all;
    const change = async (...senders: (typeof old)[]): Promise<Uint8Array> => {
      const list = [externalSendersExtension(senders)];
      return (await alice.group.commit().groupContextExtensions(list).build(alice.signer)).commit;
    };
    const asked = (): string[] => {
      const names = judge.calls
        .filter(({ purpose }) => purpose === "external-sender")
        .map(({ identity }) => String.fromCharCode(...identity!));
      judge.calls.length = 0;
      return names;
    };
    judge.verdict = ({ identity }) => String(identity) !== String(utf8("old")); // not accepted any more
    asked();
    const commit = await change(sender("newer"), old);
    expect(asked()).toEqual(["newer"]);
    await follow(bob.group, commit);
    expect(asked()).toEqual(["newer"]);
    await follow(mallory.group, commit);
    await alice.group.mergePendingCommit();
    judge.verdict = () => false;
    asked();
    await follow(bob.group, await change(sender("newer"))); // one goes: nobody is new
    expect(asked()).toEqual([]);
    await alice.group.mergePendingCommit();
    await expectUnable(alice, async () => change(sender("newest")), REJECTED, "rfc17");
  });
});
