import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import {
  deleteKeyPackages,
  type Extension,
  importKeyPackage,
  isProposal,
  KeyPackage,
  KeyPackageIn,
  lifetime,
  listKeyPackages,
  MlsGroup,
  ProposalType,
  StagedWelcome,
  sweepKeyPackages,
} from "@openmls-ts/mls-core";
import { type CommitFacts, hexToBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { type Client, follow } from "../../mls-core/src/testing/client.ts";
import { forgeKeyPackage } from "../../mls-core/src/testing/forge.ts";
import { encodeMlsMessage } from "../../mls-core/src/wire/index.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { lastResort } from "./last-resort.ts";
import { begin, company, expectTogether, outsider, service, spread } from "./testing/company.ts";
import { forged, forgedCommit } from "./testing/hostile.ts";

const feature = lastResort();
const options = { features: [feature] };
const marked = async (who: Client): Promise<KeyPackage> =>
  KeyPackage.builder()
    .grease(false)
    .markAsLastResort()
    .build(1, who.provider, who.signer, who.credentialWithKey);
const plain = async (who: Client): Promise<KeyPackage> =>
  KeyPackage.builder().build(1, who.provider, who.signer, who.credentialWithKey);
const create = async (who: Client): Promise<MlsGroup> =>
  MlsGroup.create(who.provider, who.signer, who.credentialWithKey, { cipherSuite: 1 });
/** Adds somebody; the Welcome. */
const welcome = async (who: Client, group: MlsGroup, keyPackage: KeyPackage): Promise<Uint8Array> => {
  await group.addMembers(who.signer, [keyPackage.toMessage()]);
  return (await group.mergePendingCommit()).welcome!;
};
const join = async (who: Client, message: Uint8Array): Promise<MlsGroup> =>
  (await StagedWelcome.fromWelcome(who.provider, message)).intoGroup();

const dictionary: Extension = { extensionType: 6, extensionData: hexToBytes("03000400") };
const extension: Extension = { extensionType: 10, extensionData: new Uint8Array() };

describe.each([
  ["noble", nobleCrypto()],
  ["node", nodeCrypto()],
  ["webcrypto", webCrypto()],
])("last-resort KeyPackages with %s", (_, crypto) => {
  it("XL-01 XL-02: one KeyPackage joins two groups; one without the mark joins one", async () => {
    const [alice, bob] = await Promise.all([
      outsider("alice", { ...options, crypto }),
      outsider("bob", { ...options, crypto }),
    ]);
    const keyPackage = await marked(bob);
    expect(keyPackage.fields.extensions).toEqual([dictionary]);
    expect(await listKeyPackages(bob.provider)).toMatchObject([{ reusable: true }]);
    for (let i = 0; i < 2; i++) {
      const group = await create(alice);
      const joined = await join(bob, await welcome(alice, group, keyPackage));
      await expectTogether({ ...alice, group }, { ...bob, group: joined });
      expect(await listKeyPackages(bob.provider)).toHaveLength(1);
    }
    await deleteKeyPackages(bob.provider, [keyPackage.ref]);

    const once = await plain(bob);
    expect(feature.isMarked(once.fields)).toBe(false);
    const [first, second] = [await create(alice), await create(alice)];
    await join(bob, await welcome(alice, first, once));
    expect(await listKeyPackages(bob.provider)).toEqual([]);
    await expect(join(bob, await welcome(alice, second, once))).rejects.toThrow(
      mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE"),
    );
  });
});

describe("the mark", () => {
  it.each([
    ["component", [dictionary], [6]],
    ["extension", [extension], [10]],
    ["both", [dictionary, extension], [6, 10]],
  ] as const)("XL-05: as %s is signed into the KeyPackage and its type listed", async (form, list, types) => {
    const bob = await outsider("bob", { features: [lastResort({ form })] });
    const { fields, leafNode } = await marked(bob);
    expect(fields.extensions).toEqual(list);
    expect(leafNode.capabilities.extensions).toEqual(types);
    const components = leafNode.extensions.map(({ extensionData }) => extensionData);
    expect(components).toEqual(form === "extension" ? [] : [hexToBytes("0a00010706000100020004")]);
    // every form is read, and a client without the feature does not mind
    const message = (await marked(bob)).toMessage();
    for (const reader of [lastResort(), lastResort({ form: "extension" })]) {
      expect(reader.isMarked(KeyPackageIn.fromMessage(message).unverified)).toBe(true);
    }
    const stranger = await outsider("stranger");
    expect((await KeyPackageIn.fromMessage(message).validate(stranger.provider)).fields.extensions).toEqual(
      list,
    );
  });

  it("is not written unasked", async () => {
    const bob = await outsider("bob", { features: [lastResort({ form: "both" })] });
    const { fields } = await plain(bob);
    expect(fields.extensions.map(({ extensionType }) => extensionType)).not.toContain(6);
    expect(await listKeyPackages(bob.provider)).toMatchObject([{ reusable: false }]);
  });

  it("has code points that are an option", async () => {
    const other = lastResort({
      form: "both",
      codePoints: { lastResortExtension: 0xf00a, lastResort: 0x8004 },
    });
    const bob = await outsider("bob", { features: [other] });
    const { fields } = await marked(bob);
    expect(fields.extensions).toEqual([
      { extensionType: 6, extensionData: hexToBytes("03800400") },
      { extensionType: 0xf00a, extensionData: new Uint8Array() },
    ]);
    expect(other.isMarked(fields)).toBe(true);
    expect(feature.isMarked(fields)).toBe(false);
    expect(() => lastResort({ form: "none" as "both" })).toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => lastResort({ codePoints: { lastResort: -1 } })).toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => lastResort({ codePoints: { mark: 1 } as object })).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it.each([
    ["with content", 6, "0400040100"],
    ["in no order", 6, "06000500000400"],
    ["twice", 6, "06000400000400"],
    ["cut short", 6, "020004"],
    ["with more after it", 6, "0300040000"],
    ["as an extension with content", 10, "00"],
  ])("XL-01: %s is refused when it is made, and when it is read", async (_, extensionType, hex) => {
    const both = { features: [lastResort({ form: "both" })] };
    const bob = await outsider("bob", both);
    const bad = { extensionType, extensionData: hexToBytes(hex) };
    await expect(
      KeyPackage.builder().extensions([bad]).build(1, bob.provider, bob.signer, bob.credentialWithKey),
    ).rejects.toThrow(mlsError("ERR_MLS_DECODE"));
    expect(bob.storage.entries()).toEqual([]);

    const keyPackage = await forgeKeyPackage(bob, {
      leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, extensions: [6, 10] } }),
      fields: (fields) => ({ ...fields, extensions: [bad] }),
    });
    const { alice, mallory } = await company(["alice", "mallory"], both);
    const observer = await service(alice, both);
    const add = { proposalType: 1, keyPackage } as const;
    const commit = await forgedCommit(mallory, { proposals: [add] });
    await expect(alice.group.processMessage(commit)).rejects.toThrow(mlsError("ERR_MLS_DECODE"));
    await expect(observer.processMessage(commit)).rejects.toThrow(mlsError("ERR_MLS_DECODE"));
    await expect(alice.group.commit().propose(add).build(alice.signer)).rejects.toThrow(
      mlsError("ERR_MLS_DECODE"),
    );
    await spread((await forged(mallory, add)).message, alice);
    const { leftOut } = await alice.group.commitToPendingProposals(alice.signer);
    expect(leftOut.map(({ reason }) => reason.code)).toEqual(["ERR_MLS_DECODE"]);
  });

  it("XL-01: other components, known to nobody, are no mark", () => {
    const data = hexToBytes("0d00010100000400800103010203");
    expect(feature.isMarked({ extensions: [{ extensionType: 6, extensionData: data }] })).toBe(true);
    const others = hexToBytes("0a00010100800103010203");
    expect(feature.isMarked({ extensions: [{ extensionType: 6, extensionData: others }] })).toBe(false);
    expect(feature.isMarked({ extensions: [] })).toBe(false);
  });
});

describe("with a last-resort KeyPackage", () => {
  it("XL-02: a Welcome that comes twice does not turn a living group back", async () => {
    const [alice, bob] = await Promise.all([outsider("alice", options), outsider("bob", options)]);
    const group = await create(alice);
    const message = await welcome(alice, group, await marked(bob));
    const joined = await join(bob, message);
    await follow(joined, (await group.selfUpdate(alice.signer)).commit);
    await group.mergePendingCommit();
    const exists = mlsError("ERR_MLS_GROUP_EXISTS");
    await expect(StagedWelcome.fromWelcome(bob.provider, message)).rejects.toThrow(exists);
    await expect(StagedWelcome.fromWelcome(bob.provider, message, { replaceOldGroup: true })).rejects.toThrow(
      mlsError("ERR_MLS_GROUP_EXISTS", "rfc65"),
    );
    const loaded = (await MlsGroup.load(bob.provider, group.groupId))!;
    expect(loaded.epoch).toBe(2n);
    await expectTogether({ ...alice, group }, { ...bob, group: loaded });
    expect(await listKeyPackages(bob.provider)).toHaveLength(1);
  });

  it("XL-02: one that was imported is reusable by its mark, in any form", async () => {
    for (const form of ["component", "extension"] as const) {
      const bob = await outsider("bob", { features: [lastResort({ form })] });
      const phone = await outsider("bob", options);
      const suite = await bob.provider.crypto.cipherSuite(1);
      const [init, leaf] = [suite.randomBytes(32), suite.randomBytes(32)];
      const [initKeys, leafKeys] = [await suite.deriveKeyPair(init), await suite.deriveKeyPair(leaf)];
      const fields = await forgeKeyPackage(bob, {
        leaf: (node) => ({
          ...node,
          encryptionKey: leafKeys.publicKey,
          capabilities: { ...node.capabilities, extensions: [6, 10] },
        }),
        fields: (all) => ({
          ...all,
          initKey: initKeys.publicKey,
          extensions: [form === "component" ? dictionary : extension],
        }),
      });
      await importKeyPackage(phone.provider, encodeMlsMessage({ wireFormat: 5, keyPackage: fields }), {
        initPrivateKey: initKeys.privateKey,
        encryptionPrivateKey: leafKeys.privateKey,
      });
      expect(await listKeyPackages(phone.provider)).toMatchObject([{ reusable: true }]);
    }
  });

  it("XL-02: the keys stay until it expires, and the sweep takes them", async () => {
    let now = 1_800_000_000n;
    const timed = { ...options, provider: { clock: { now: () => now } } };
    const [alice, bob] = await Promise.all([outsider("alice", timed), outsider("bob", timed)]);
    const keyPackage = await KeyPackage.builder()
      .lifetime(lifetime({ days: 30 }, now))
      .markAsLastResort()
      .build(1, bob.provider, bob.signer, bob.credentialWithKey);
    await join(bob, await welcome(alice, await create(alice), keyPackage));
    expect(await sweepKeyPackages(bob.provider)).toBe(0);
    await join(bob, await welcome(alice, await create(alice), keyPackage));
    now += 40n * 86_400n;
    expect(await sweepKeyPackages(bob.provider)).toBe(1);
    expect(await listKeyPackages(bob.provider)).toEqual([]);
  });

  it("XL-03: members see the mark in the Add, and their rules may refuse it", async () => {
    const seen: boolean[] = [];
    const allow = async ({ proposals }: CommitFacts): Promise<boolean> => {
      const adds = proposals.flatMap(({ proposal }) =>
        isProposal(proposal, ProposalType.add) ? [feature.isMarked(proposal.keyPackage)] : [],
      );
      seen.push(...adds);
      return !adds.includes(true);
    };
    const strict = { ...options, provider: { rules: { allow } } };
    const { alice, bob } = await company(["alice", "bob"], options);
    const picky = await company(["alice", "bob"], strict);
    const [carol, dave] = await Promise.all([outsider("carol", options), outsider("dave", options)]);
    seen.length = 0;
    await expect(picky.alice.group.addMembers(picky.alice.signer, [await marked(carol)])).rejects.toThrow(
      mlsError("ERR_MLS_POLICY", "rfc90"),
    );
    const { commit } = await picky.alice.group.addMembers(picky.alice.signer, [await plain(dave)]);
    await begin(commit, picky.bob);
    expect(seen).toEqual([true, false, false]);

    const observer = await service(alice, options);
    const added = await alice.group.addMembers(alice.signer, [await marked(carol)]);
    for (const group of [bob.group, observer]) {
      const received = await group.processMessage(added.commit);
      if (received.kind !== "commit") throw new Error(received.kind);
      const adds = received.stagedCommit.summary.proposals.map(({ proposal }) => proposal);
      expect(adds).toHaveLength(1);
      expect(adds.every((add) => isProposal(add, ProposalType.add) && feature.isMarked(add.keyPackage))).toBe(
        true,
      );
    }
  });

  it("XL-04: a directory hands it out when no other is left", async () => {
    const bob = await outsider("bob", options);
    const stock = [await marked(bob), await plain(bob)].map((keyPackage) => keyPackage.toMessage());
    const take = (): Uint8Array => {
      const resort = (message: Uint8Array): boolean =>
        feature.isMarked(KeyPackageIn.fromMessage(message).unverified);
      const at = stock.findIndex((message) => !resort(message));
      return at < 0 ? stock.find(resort)! : stock.splice(at, 1)[0]!;
    };
    const taken = [take(), take(), take()].map((message) =>
      feature.isMarked(KeyPackageIn.fromMessage(message).unverified),
    );
    expect(taken).toEqual([false, true, true]);
  });
});
