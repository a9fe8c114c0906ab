import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { postQuantumSuites } from "@openmls-ts/crypto-pq";
import { nodeEngine } from "@openmls-ts/crypto-pq/node";
import { appEphemeral } from "@openmls-ts/extensions/app-ephemeral";
import { lastResort } from "@openmls-ts/extensions/last-resort";
import { safeExporter } from "@openmls-ts/extensions/safe-exporter";
import { selfRemove } from "@openmls-ts/extensions/self-remove";
import {
  basicCredential,
  customExtension,
  customProposal,
  type Extension,
  externalSendersExtension,
  type Feature,
  KeyPackage,
  MlsGroup,
  proposeAsExternalSender,
  type StagedCommit,
  StagedWelcome,
} from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { equalBytes, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";

// What OpenMLS's list of questions says of its drafts and custom types, each of which holds here too.

const crypto = nodeCrypto({ suites: postQuantumSuites({ ids: "openmls", engine: nodeEngine }) });

async function person(name: string, features: readonly Feature[] = [], suite = 1) {
  const provider: MlsProvider = {
    crypto,
    storage: memoryStorage(),
    credentialValidator: { validate: async () => true },
    features,
  };
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
  const identity = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  const create = async (extensions: readonly Extension[] = []): Promise<MlsGroup> =>
    MlsGroup.create(provider, signer, identity, { cipherSuite: suite, extensions });
  const join = async (welcome: Uint8Array | undefined): Promise<MlsGroup> =>
    (await StagedWelcome.fromWelcome(provider, welcome!)).intoGroup();
  const keyPackage = async (): Promise<KeyPackage> =>
    KeyPackage.builder().build(suite, provider, signer, identity);
  return { provider, signer, identity, create, join, keyPackage };
}
type Person = Awaited<ReturnType<typeof person>>;

async function pair(features: readonly Feature[], extensions: readonly Extension[] = [], suite = 1) {
  const [alice, bob] = [await person("alice", features, suite), await person("bob", features, suite)];
  const a = await alice.create(extensions);
  const b = await invite(a, alice, bob);
  return { alice, bob, a, b };
}

async function invite(group: MlsGroup, owner: Person, guest: Person): Promise<MlsGroup> {
  await group.addMembers(owner.signer, [await guest.keyPackage()]);
  return guest.join((await group.mergePendingCommit()).welcome);
}

async function staged(group: MlsGroup, commit: Uint8Array): Promise<StagedCommit> {
  const processed = await group.processMessage(commit);
  if (processed.kind !== "commit") throw new Error(processed.kind);
  return processed.stagedCommit;
}

describe("what OpenMLS's questions and answers say of drafts and custom types", () => {
  it("XWing hybrid post-quantum KEM: a group in MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519", async () => {
    const { alice, a, b } = await pair([], [], 0x004d);
    const { params } = await crypto.cipherSuite(a.groupContext.cipherSuite);
    expect(params.name).toBe("MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519");
    const { commit } = await a.selfUpdate(alice.signer);
    await a.mergePendingCommit();
    await b.mergeStagedCommit(await staged(b, commit));
    const message = await a.createMessage(alice.signer, utf8("hello"));
    expect(await b.processMessage(message)).toMatchObject({ data: utf8("hello") });
  });

  it("LastResort: a marked KeyPackage may be used for several groups, another one for one", async () => {
    const features = [lastResort()];
    const [alice, bob] = [await person("alice", features), await person("bob", features)];
    const marked = await KeyPackage.builder()
      .markAsLastResort()
      .build(1, bob.provider, bob.signer, bob.identity);
    const once = await bob.keyPackage();
    for (const [keyPackage, times] of [
      [marked, 3],
      [once, 1],
    ] as const) {
      for (let use = 1; use <= 3; use++) {
        const group = await alice.create();
        await group.addMembers(alice.signer, [keyPackage]);
        const { welcome } = await group.mergePendingCommit();
        const joining = bob.join(welcome);
        if (use <= times) expect((await joining).members()).toHaveLength(2);
        else await expect(joining).rejects.toMatchObject({ code: "ERR_MLS_NO_MATCHING_KEY_PACKAGE" });
      }
    }
  });

  it("SafeExporter: a secret for each component, given out once, the same for all members", async () => {
    const exporter = safeExporter();
    const { a, b } = await pair([exporter]);
    const [one, same, other] = [
      await exporter.exportSecret(a, 0x8001),
      await exporter.exportSecret(b, 0x8001),
      await exporter.exportSecret(a, 0x8002),
    ];
    expect([equalBytes(one, same), equalBytes(one, other)]).toEqual([true, false]);
    await expect(exporter.exportSecret(a, 0x8001)).rejects.toMatchObject({
      code: "ERR_MLS_SECRET_CONSUMED",
    });
  });

  it("AppEphemeral: data of the application that go with a commit and stay nowhere", async () => {
    const ephemeral = appEphemeral({ components: [{ id: 0x8001, check: (data) => data.length < 10 }] });
    const { alice, a, b } = await pair([ephemeral]);
    const { commit } = await a
      .commit()
      .propose(ephemeral.make(0x8001, utf8("ping")))
      .build(alice.signer);
    await a.mergePendingCommit();
    const stagedCommit = await staged(b, commit);
    expect(ephemeral.of(stagedCommit.summary)).toMatchObject([{ componentId: 0x8001, data: utf8("ping") }]);
    await b.mergeStagedCommit(stagedCommit);
    expect(b.extensions).toEqual([]);
    const long = a.commit().propose(ephemeral.make(0x8001, new Uint8Array(10)));
    await expect(long.build(alice.signer)).rejects.toMatchObject({ rule: "xa01" });
  });

  it("SelfRemove: a member leaves by itself, and another one commits it", async () => {
    const { alice, bob, a, b } = await pair([selfRemove()]);
    const leaving = await b.leave(bob.signer);
    await a.processMessage(leaving.message);
    const { commit, summary } = await a.commitToPendingProposals(alice.signer);
    expect(summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
    await a.mergePendingCommit();
    const stagedCommit = await staged(b, commit);
    expect(stagedCommit.summary.selfRemoved).toBe(true);
    await b.mergeStagedCommit(stagedCommit);
    expect([a.members().length, await MlsGroup.load(bob.provider, a.groupId)]).toEqual([1, undefined]);
  });

  it("GREASE support: random values by default, and none where that is chosen", async () => {
    const bob = await person("bob");
    const grease = (types: readonly number[]): number[] =>
      types.filter((type) => (type & 0x0f0f) === 0x0a0a && type >> 8 === (type & 0xff));
    const usual = await bob.keyPackage();
    const plain = await KeyPackage.builder().grease(false).build(1, bob.provider, bob.signer, bob.identity);
    expect(grease(usual.leafNode.capabilities.proposals)).toHaveLength(1);
    expect(grease(plain.leafNode.capabilities.proposals)).toEqual([]);
    const alice = await person("alice");
    const group = await alice.create();
    await group.addMembers(alice.signer, [usual]);
    expect((await bob.join((await group.mergePendingCommit()).welcome)).members()).toHaveLength(2);
  });

  it("Custom extensions: an extension of type 0xff00 with data of the application", async () => {
    const extension = { extensionType: 0xff00, extensionData: utf8("custom_data") };
    const { b } = await pair([customExtension(0xff00)], [extension]);
    expect(b.extensions).toEqual([extension]);
  });

  it("Define custom proposal: one of type 0xff00, sent as an external proposal", async () => {
    const custom = customProposal(0xff00, { places: { externalSender: true } });
    const sender = await person("sender", [custom]);
    const { alice, a, b } = await pair([custom], [externalSendersExtension([sender.identity])]);
    const { groupId, epoch } = a;
    const external = await proposeAsExternalSender(
      sender.provider,
      sender.signer,
      { cipherSuite: 1, groupId, epoch },
      0,
      custom.make(utf8("custom_data")),
    );
    for (const group of [a, b]) {
      const processed = await group.processMessage(external);
      if (processed.kind !== "proposal") throw new Error(processed.kind);
      expect(custom.read(processed.proposal.proposal)).toEqual(utf8("custom_data"));
      await group.storePendingProposal(processed);
    }
    const { commit } = await a.commitToPendingProposals(alice.signer);
    await a.mergePendingCommit();
    const { summary } = await staged(b, commit);
    expect(summary.proposals.map(({ proposal }) => custom.read(proposal))).toEqual([utf8("custom_data")]);
  });

  it("Handle in commits: custom proposals appear in staged commits, by value and by reference", async () => {
    const custom = customProposal(0xff00);
    const { alice, bob, a, b } = await pair([custom]);
    const wish = await b.propose(bob.signer, custom.make(utf8("by reference")));
    await a.processMessage(wish.message);
    const { commit } = await a
      .commit()
      .propose(custom.make(utf8("by value")))
      .build(alice.signer);
    await a.mergePendingCommit();
    const { summary } = await staged(b, commit);
    expect(
      summary.proposals.map(({ proposal, reference }) => [custom.read(proposal), reference !== undefined]),
    ).toEqual([
      [utf8("by reference"), true],
      [utf8("by value"), false],
    ]);
  });
});
