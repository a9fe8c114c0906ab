import { type CredentialSubject, utf8, violation } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, PublicGroup, proposals, proposeAsExternalSender } from "../index.ts";
import { client, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { pair, restart } from "../testing/pair.ts";
import { mlsError } from "../testing/suites.ts";
import { newcomer } from "../testing/world.ts";
import { customCredential, externalSendersExtension, requiredCapabilitiesExtension } from "../wire/index.ts";
import { customCredentials, customExtension, customProposal, defineProposal, type Feature } from "./index.ts";
import { opaque } from "../codec/index.ts";

const POLL = 0xf001;

/** A proposal that asks a question, which the commit leaves for the application. */
function polls(places: NonNullable<Parameters<typeof customProposal>[1]>["places"] = {}) {
  return customProposal(POLL, {
    name: "a poll",
    places: { externalSender: true, ...places },
    apply: (body, _, plan) => {
      if (body.length === 0) {
        throw violation("valn0301", "a poll without a question");
      }
      plan.effect("poll", body);
    },
  });
}

const asked = (text: string): object => ({ summary: { effects: [{ name: "poll", value: utf8(text) }] } });

describe("a custom proposal", () => {
  it("goes by value, by reference and from an external sender, over restarts", async () => {
    const poll = polls();
    const bot = await newcomer("bot");
    const extensions = [externalSendersExtension([{ ...bot.credentialWithKey }])];
    const two = await pair({ features: [poll] }, { extensions });
    const { alice, bob } = two;
    expect(two.a.ownLeafNode.capabilities.proposals).toContain(POLL);

    const byValue = await two.a
      .commit()
      .propose(poll.make(utf8("tea?")))
      .build(alice.signer);
    expect(byValue).toMatchObject(asked("tea?"));
    expect(poll.read(byValue.summary.proposals[0]!.proposal)).toEqual(utf8("tea?"));
    await restart(two);
    await two.a.mergePendingCommit();
    const received = await two.b.processMessage(byValue.commit);
    expect(received).toMatchObject({ kind: "commit", stagedCommit: asked("tea?") });
    await follow(two.b, byValue.commit);
    await restart(two);
    expect(two.b.epochAuthenticator).toEqual(two.a.epochAuthenticator);

    const { message } = await two.b.propose(bob.signer, poll.make(utf8("cake?")));
    expect(await two.a.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
    await restart(two);
    const byReference = await two.a.commitToPendingProposals(alice.signer);
    expect(byReference).toMatchObject({ ...asked("cake?"), leftOut: [] });
    await restart(two);
    await two.a.mergePendingCommit();
    await follow(two.b, byReference.commit);
    expect(two.b.epochAuthenticator).toEqual(two.a.epochAuthenticator);

    const { groupId, epoch } = two.a;
    const target = { cipherSuite: 1, groupId, epoch };
    const outside = await proposeAsExternalSender(
      alice.provider,
      bot.signer,
      target,
      0,
      poll.make(utf8("music?")),
    );
    for (const group of [two.a, two.b]) {
      const processed = await group.processMessage(outside);
      if (processed.kind !== "proposal") throw new Error(processed.kind);
      expect(processed.stored).toBe(false);
      await group.storePendingProposal(processed);
    }
    await restart(two);
    const fromOutside = await two.b.commitToPendingProposals(bob.signer);
    expect(fromOutside).toMatchObject(asked("music?"));
    await two.b.mergePendingCommit();
    await follow(two.a, fromOutside.commit);
    expect(two.b.epochAuthenticator).toEqual(two.a.epochAuthenticator);
  });

  it("is judged by its feature on both sides", async () => {
    const two = await pair({ features: [polls()] });
    const { alice, bob } = two;
    const empty = polls().make(new Uint8Array());
    const refusal = mlsError("ERR_MLS_VALIDATION", "valn0301");
    await expect(two.a.commit().propose(empty).build(alice.signer)).rejects.toThrow(refusal);
    await expect(two.b.propose(bob.signer, empty)).rejects.toThrow(refusal);
    expect(two.a.pendingCommit).toBeUndefined();
    const lax = { ...two.bob.provider, features: [customProposal(POLL)] };
    const unchecked = (await MlsGroup.load(lax, two.b.groupId))!;
    const { commit } = await unchecked.commit().propose(empty).build(bob.signer);
    await expect(two.a.processMessage(commit)).rejects.toThrow(refusal);
    await unchecked.clearPendingCommit();
    const { message } = await unchecked.propose(bob.signer, empty);
    await two.a.processMessage(message);
    const { leftOut, summary } = await two.a.commitToPendingProposals(alice.signer);
    expect(leftOut).toMatchObject([{ reason: { code: "ERR_MLS_VALIDATION", rule: "valn0301" } }]);
    expect(summary.proposals).toHaveLength(0);
  });

  it("stands only where its feature lets it (valn0301, valn0404)", async () => {
    const never = polls({ value: false, reference: false, externalSender: false });
    const two = await pair({ features: [never] });
    const { alice } = two;
    const poll = never.make(utf8("?"));
    const refusal = mlsError("ERR_MLS_VALIDATION", "valn0301");
    await expect(two.a.commit().propose(poll).build(alice.signer)).rejects.toThrow(refusal);
    await expect(two.a.propose(alice.signer, poll)).rejects.toThrow(refusal);
    const { groupId, epoch } = two.a;
    const outside = proposeAsExternalSender(
      alice.provider,
      alice.signer,
      { cipherSuite: 1, groupId, epoch },
      0,
      poll,
    );
    await expect(outside).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn1502"));
  });

  it("is committed only while every member lists it (valn0311)", async () => {
    const poll = polls();
    const two = await pair({ features: [poll] });
    const dave = await client("dave", two.alice.provider.crypto);
    await two.a.addMembers(two.alice.signer, [await keyPackageOf(dave)]);
    await two.a.mergePendingCommit();
    const ask = two.a.commit().propose(poll.make(utf8("tea?")));
    const refusal = mlsError("ERR_MLS_VALIDATION", "valn0311");
    await expect(ask.build(two.alice.signer)).rejects.toThrow(refusal);
    await expect(two.a.propose(two.alice.signer, poll.make(utf8("tea?")))).rejects.toThrow(refusal);
    // the member who lacks it goes with the same commit
    const { summary } = await ask.removeMembers([2]).build(two.alice.signer);
    expect(summary.effects).toHaveLength(1);
  });

  it("cannot be read without its feature (rfc05)", async () => {
    const two = await pair({ features: [polls()] }, { config: { handshake: "public" } });
    const { commit } = await two.a
      .commit()
      .propose(polls().make(utf8("tea?")))
      .build(two.alice.signer);
    const { features: _, ...plain } = two.bob.provider;
    const unaware = (await MlsGroup.load(plain, two.b.groupId))!;
    await expect(unaware.processMessage(commit)).rejects.toThrow(
      mlsError("ERR_MLS_UNSUPPORTED_TYPE", "rfc05"),
    );
  });

  it("makes the commit need a path where its feature says so (valn1206)", async () => {
    for (const path of [false, true]) {
      const poll = defineProposal({ type: POLL, name: "a poll", codec: opaque, path });
      const features: Feature[] = [{ name: "poll", proposals: [poll] }];
      const two = await pair({ features });
      const { summary } = await two.a
        .commit()
        .propose(poll.make(utf8("?")))
        .build(two.alice.signer);
      expect(summary.updatePathLeaf !== undefined).toBe(path);
    }
  });
});

describe("a custom extension", () => {
  const note = (text: string) => ({ extensionType: 0xf002, extensionData: utf8(text) });

  it("is listed, required, set and changed, over restarts", async () => {
    const feature = customExtension(0xf002, { places: ["groupContext", "leafNode", "keyPackage"] });
    const required = { extensionTypes: [0xf002], proposalTypes: [], credentialTypes: [] };
    const extensions = [requiredCapabilitiesExtension(required), note("one")];
    const two = await pair({ features: [feature] }, { extensions });
    const { alice, bob } = two;
    const commit = two.b.commit().propose(proposals.groupContextExtensions([note("two")]));
    const made = await commit.leafNodeParameters({ extensions: [note("of bob")] }).build(bob.signer);
    await restart(two);
    await two.b.mergePendingCommit();
    await follow(two.a, made.commit);
    await restart(two);
    expect(two.a.extensions).toEqual([note("two")]);
    expect(two.a.leafNode(1)?.extensions).toEqual([note("of bob")]);
    expect(two.a.epochAuthenticator).toEqual(two.b.epochAuthenticator);
    const dave = await client("dave", alice.provider.crypto);
    await expect(two.a.addMembers(alice.signer, [await keyPackageOf(dave)])).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "rfc115"),
    );
    const erin = await client("erin", alice.provider.crypto, 1, { features: [feature] });
    await two.a.addMembers(alice.signer, [await keyPackageOf(erin)]);
    const joined = await joinFrom(erin, (await two.a.mergePendingCommit()).welcome);
    expect(joined.extensions).toEqual([note("two")]);
  });

  it("stands where its feature lets it, with the data that it takes", async () => {
    const check = (data: Uint8Array): void => {
      if (data.length > 3) throw violation("valn1603", "too long a note");
    };
    const two = await pair({ features: [customExtension(0xf002, { places: ["groupContext"], check })] });
    const change = async (text: string): Promise<unknown> =>
      two.a
        .commit()
        .groupContextExtensions([note(text)])
        .build(two.alice.signer);
    await expect(change("long")).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn1603"));
    await expect(two.a.selfUpdate(two.alice.signer, { extensions: [note("a")] })).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn1601"),
    );
    await expect(change("a")).resolves.toBeDefined();
  });
});

describe("a custom credential", () => {
  const TYPE = 0xf003;
  const content = utf8("badge 7");

  it("is judged by its feature, in the place of the application", async () => {
    const credentials = customCredentials(TYPE, {
      check: (badge) => {
        if (badge.length !== 7) throw violation("valn0101", "no badge");
      },
      validate: async (badge) => ({ allowed: badge[6] === 0x37, reason: "not badge 7" }),
    });
    const seen: CredentialSubject[] = [];
    const credentialValidator = {
      validate: async (subject: CredentialSubject) => (seen.push(subject), subject.credentialType === 1),
    };
    const group = await pair({ features: [credentials], credentialValidator });
    const { alice } = group;
    const bearer = async (badge: Uint8Array) => {
      const plain = await client("dave", alice.provider.crypto, 1, { features: [credentials] });
      const credential = customCredential(TYPE, badge);
      return { ...plain, credentialWithKey: { credential, signatureKey: plain.signer.publicKey } };
    };
    const dave = await bearer(content);
    const { commit } = await group.a.addMembers(alice.signer, [await keyPackageOf(dave)]);
    await restart(group);
    await follow(group.b, commit);
    const d = await joinFrom(dave, (await group.a.mergePendingCommit()).welcome);
    await restart(group);
    expect(group.b.leafNode(2)?.credential).toEqual({ credentialType: TYPE, content });
    const loaded = await MlsGroup.load(dave.provider, d.groupId);
    const update = await loaded!.selfUpdate(dave.signer);
    await follow(group.a, update.commit);
    await loaded!.mergePendingCommit();
    expect(group.a.epochAuthenticator).toEqual(loaded!.epochAuthenticator);
    for (const [badge, reason] of [
      [utf8("badge 8"), "not badge 7"],
      [utf8("x"), "the validator failed"],
    ] as const) {
      const add = group.a.addMembers(alice.signer, [await keyPackageOf(await bearer(badge))]);
      await expect(add).rejects.toMatchObject({
        code: "ERR_MLS_CREDENTIAL_REJECTED",
        rule: "valn0101",
        details: { leafIndex: 3, purpose: "add", reason },
      });
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(({ credentialType }) => credentialType === 1)).toBe(true);
  });

  it("is no member's while somebody does not list it (valn0104)", async () => {
    const two = await pair();
    const dave = await client("dave", two.alice.provider.crypto, 1, { features: [customCredentials(TYPE)] });
    const credentialWithKey = { ...dave.credentialWithKey, credential: customCredential(TYPE, content) };
    const keyPackage = await keyPackageOf({ ...dave, credentialWithKey });
    await expect(two.a.addMembers(two.alice.signer, [keyPackage])).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0104"),
    );
  });
});

describe("an observer", () => {
  it("follows commits with custom proposals, and gets their effects", async () => {
    const poll = polls();
    const two = await pair({ features: [poll] }, { config: { handshake: "public" } });
    const watcher = await client("watcher", two.alice.provider.crypto, 1, { features: [poll] });
    const info = await two.a.exportGroupInfo(two.alice.signer);
    const seen = await PublicGroup.fromGroupInfo(watcher.provider, info);
    const { commit } = await two.a
      .commit()
      .propose(poll.make(utf8("tea?")))
      .build(two.alice.signer);
    const processed = await seen.processMessage(commit);
    expect(processed).toMatchObject({ kind: "commit", stagedCommit: asked("tea?") });
    if (processed.kind !== "commit") throw new Error(processed.kind);
    await seen.mergeCommit(processed.stagedCommit);
    await two.a.mergePendingCommit();
    const loaded = await PublicGroup.load(watcher.provider, seen.groupId);
    expect(loaded!.groupContext).toEqual(two.a.groupContext);
  });
});
