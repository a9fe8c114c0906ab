import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { KeyPackage, KeyPackageIn, MlsGroup, proposals } from "../index.ts";
import { basicCredential, requiredCapabilitiesExtension } from "../wire/index.ts";
import { isGrease, LeafNodeSource, ProposalType } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { ext } from "../testing/proposals.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { flip, forgeKeyPackage, forgeProposal, type KeyPackageDefects } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { altered, mlsError } from "../testing/suites.ts";
import {
  expectLeftOut,
  expectRefused,
  expectUnable,
  insideOf,
  Judge,
  newcomer,
  newWorld,
  recordsOf,
} from "../testing/world.ts";
import { verifiedKeyPackage } from "./key-package.ts";

const crypto = nodeCrypto();

const capabilities = defaultCapabilities();

const forever = { notBefore: 0n, notAfter: 0xffff_ffff_ffffn };

describe("a KeyPackage that does not fit the group", () => {
  const required = requiredCapabilitiesExtension({
    extensionTypes: [0xf001, 3],
    proposalTypes: [0xf002, 1],
    credentialTypes: [1],
  });
  const everything = { ...capabilities, extensions: [0xf001], proposals: [0xf002], credentials: [1, 2] };

  it.each([
    ["valn0103: lacks a required extension", "valn0103", { ...everything, extensions: [] }],
    ["valn0103: lacks a required proposal type", "valn0103", { ...everything, proposals: [] }],
    ["valn0103 rfc76: has it all, defaults unlisted", undefined, everything],
  ])("%s", async (_, rule, listed) => {
    const alice = await client("alice", crypto);
    const dave = await client("dave", crypto);
    const group = await MlsGroup.builder()
      .groupContextExtensions([required])
      .capabilities(everything)
      .build(alice.provider, alice.signer, alice.credentialWithKey);
    const build = KeyPackage.builder().capabilities(listed).grease(false);
    const keyPackage = await build.build(1, dave.provider, dave.signer, dave.credentialWithKey);
    const adding = async (): Promise<unknown> => group.addMembers(alice.signer, [keyPackage]);
    if (rule === undefined) {
      await expect(adding()).resolves.toBeDefined();
    } else {
      await expectUnable({ ...alice, group }, adding, "ERR_MLS_VALIDATION", rule);
    }
  });

  it("rfc115: does not list an extension of the GroupContext", async () => {
    const alice = await client("alice", crypto);
    const group = await MlsGroup.builder()
      .groupContextExtensions([ext(0xf001)])
      .capabilities(everything)
      .build(alice.provider, alice.signer, alice.credentialWithKey);
    const dave = await keyPackageOf(await client("dave", crypto));
    await expectUnable(
      { ...alice, group },
      async () => group.addMembers(alice.signer, [dave]),
      "ERR_MLS_VALIDATION",
      "rfc115",
    );
  });

  it("valn0104: a credential type that a member does not support", async () => {
    const alice = await client("alice", crypto);
    const group = await MlsGroup.builder().build(alice.provider, alice.signer, alice.credentialWithKey);
    const dave = await client("dave", crypto);
    const fields = await forgeKeyPackage(dave, {
      leaf: (leaf) => ({
        ...leaf,
        credential: { credentialType: 0xf00d, content: utf8("who") },
        capabilities: { ...leaf.capabilities, credentials: [0xf00d] },
      }),
    });
    const taken = verifiedKeyPackage(await crypto.cipherSuite(1), fields);
    await expectUnable(
      { ...alice, group },
      async () => group.addMembers(alice.signer, [taken]),
      "ERR_MLS_VALIDATION",
      "valn0104",
    );
  });

  it("valn0112 valn0312: two Adds of one commit with one encryption_key", async () => {
    const world = await newWorld();
    const shared = await forgeKeyPackage(await newcomer("dave"));
    const second = await forgeKeyPackage(await newcomer("erin"), {
      leaf: (leaf) => ({ ...leaf, encryptionKey: shared.leafNode.encryptionKey }),
    });
    const { message } = await forgeCommit(await insideOf(world.mallory), world.mallory.signer, {
      proposals: [shared, second].map((keyPackage) => ({ proposalType: ProposalType.add, keyPackage })),
    });
    await expectRefused(world, message, "ERR_MLS_VALIDATION", "valn0112");
  });

  it.each([
    ["valn0112: encryption_key of a member", "valn0112", "encryptionKey"],
    ["rfc54: encryption_key is a member's signature key", "rfc54", "signatureKey"],
  ] as const)("%s", async (_, rule, from) => {
    const world = await newWorld();
    const victim = world.charlie.group.ownLeafNode;
    const keyPackage = await forgeKeyPackage(await newcomer("dave"), {
      leaf: (leaf) => ({ ...leaf, encryptionKey: victim[from] }),
    });
    const { message } = await forgeCommit(await insideOf(world.mallory), world.mallory.signer, {
      proposals: [{ proposalType: ProposalType.add, keyPackage }],
    });
    await expectRefused(world, message, "ERR_MLS_VALIDATION", rule);
  });
});

describe("lifetimes (RFC 9420 §7.3)", () => {
  const lifetime = { notBefore: 1000n, notAfter: 2000n };
  const at = (now: { time: bigint }): { clock: { now: () => bigint } } => ({
    clock: { now: () => now.time },
  });
  const daveIn = async (now: { time: bigint }): Promise<KeyPackage> => {
    const dave = await client("dave", crypto, 1, at(now));
    return KeyPackage.builder()
      .lifetime(lifetime)
      .build(1, dave.provider, dave.signer, dave.credentialWithKey);
  };

  it("valn0105 trap48: we add nobody outside of the lifetime, both ends included", async () => {
    const now = { time: 1500n };
    const alice = await client("alice", crypto, 1, at(now));
    const group = await createGroup(alice);
    const keyPackage = await daveIn(now);
    for (const time of [999n, 2001n]) {
      now.time = time;
      const add = async (): Promise<unknown> => group.addMembers(alice.signer, [keyPackage]);
      await expectUnable({ ...alice, group }, add, "ERR_MLS_VALIDATION", "valn0105");
    }
    for (const time of [1000n, 2000n]) {
      now.time = time;
      await group.addMembers(alice.signer, [keyPackage]);
      await group.clearPendingCommit();
    }
    expect(group.members()).toHaveLength(1);
  });

  it("valn0105: a proposal that expires before it is committed is left out", async () => {
    const now = { time: 1500n };
    const alice = await client("alice", crypto, 1, at(now));
    const group = await createGroup(alice);
    await group.propose(alice.signer, proposals.add(await daveIn(now)));
    now.time = 2001n;
    const { summary } = await group.commitToPendingProposals(alice.signer);
    expect(summary.added).toHaveLength(0);
  });

  it.each([[999n], [2001n]])(
    "valn0105: at %i we leave out an Add, but take somebody's commit of it",
    async (time) => {
      const now = { time: 1500n };
      const world = await newWorld({ provider: at(now) });
      const { bob, mallory } = world;
      const add = { proposalType: ProposalType.add, keyPackage: (await daveIn(now)).fields };
      const state = await insideOf(mallory);
      const { message, reference } = await forgeProposal(state, mallory.signer, add);
      const commit = await forgeCommit(state, mallory.signer, { proposals: [add] });
      now.time = time;
      await bob.group.processMessage(message);
      const { leftOut } = await bob.group.commitToPendingProposals(bob.signer);
      const reason = { rule: "valn0105", details: { ...lifetime, now: time } };
      expect(leftOut).toMatchObject([{ proposal: { reference }, reason }]);
      await bob.group.clearPendingCommit();
      // whether Dave was in time is for who added him: clocks that differ may not split the group
      await follow(bob.group, commit.message);
      expect(bob.group.members()).toHaveLength(5);
    },
  );

  it("valn0106 trap48: leaves that expired long ago keep nobody from joining", async () => {
    const now = { time: 1500n };
    const alice = await client("alice", crypto, 1, at(now));
    const group = await createGroup(alice);
    await group.addMembers(alice.signer, [await daveIn(now)]);
    await group.mergePendingCommit();
    now.time = 1_000_000_000n;
    const erin = await client("erin", crypto, 1, at(now));
    await group.addMembers(alice.signer, [await keyPackageOf(erin)]);
    const joined = await joinFrom(erin, (await group.mergePendingCommit()).welcome);
    expect(joined.members()).toHaveLength(3);
  });
});

describe("credentials (RFC 9420 §5.3.1)", () => {
  it("valn0101: the validator sees each new credential with its key; refusing or failing stops the Add", async () => {
    const judge = new Judge();
    const world = await newWorld({ provider: { credentialValidator: judge } });
    const { alice, mallory } = world;
    const dave = await newcomer("dave");
    const keyPackage = await keyPackageOf(dave);
    const add = { proposalType: ProposalType.add, keyPackage: keyPackage.fields };
    const state = await insideOf(mallory);
    const commit = await forgeCommit(state, mallory.signer, { proposals: [add] });
    const verdicts: (typeof judge.verdict)[] = [
      () => false,
      () => {
        throw new Error("no connection");
      },
      () => undefined,
      () => ({ valid: true }),
      () => ({ allowed: false, reason: "expired" }),
      () => 1,
    ];
    for (const verdict of verdicts) {
      // trap45: nothing but the literal true is approval
      judge.verdict = (subject) => (subject.purpose === "add" ? verdict(subject) : true);
      judge.calls.length = 0;
      const add1 = async (): Promise<unknown> => alice.group.addMembers(alice.signer, [keyPackage]);
      await expectUnable(alice, add1, "ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
      await expectLeftOut(world, mallory, add, "ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
      await expectRefused(world, commit.message, "ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
      expect(judge.calls.length).toBeGreaterThanOrEqual(3);
      for (const subject of judge.calls) {
        expect(subject).toMatchObject({
          purpose: "add",
          identity: utf8("dave"),
          signaturePublicKey: dave.signer.publicKey,
        });
      }
    }
  });

  it("trap45: there is no client without a validator", async () => {
    const { credentialValidator: _, ...rest } = (await client("alice", crypto)).provider;
    const alice = await client("alice", crypto);
    const incomplete = rest as typeof alice.provider;
    await expect(
      MlsGroup.create(incomplete, alice.signer, alice.credentialWithKey, { cipherSuite: 1 }),
    ).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("trap58: only the literal true of a verification counts", async () => {
    const suite = await crypto.cipherSuite(1);
    const keyPackage = await keyPackageOf(await client("dave", crypto));
    const verdicts = [false, 1, "true", { then: undefined }, undefined];
    for (const verdict of verdicts) {
      const lying = altered(suite, { verify: async () => verdict as boolean });
      const { provider } = await client("alice", { ...crypto, cipherSuite: async () => lying });
      await expect(KeyPackageIn.decode(keyPackage.encode()).validate(provider)).rejects.toThrow(
        mlsError("ERR_MLS_INVALID_SIGNATURE", "valn0102"),
      );
    }
  });
});

describe("our own KeyPackages", () => {
  it("rfc70: have keys of their own", async () => {
    const dave = await client("dave", crypto);
    const seen = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const { fields } = await keyPackageOf(dave);
      seen.add(bytesToHex(fields.initKey)).add(bytesToHex(fields.leafNode.encryptionKey));
    }
    expect(seen.size).toBe(200);
  });

  it("rfc116 rfc72: carry random GREASE that the leaf lists, unless switched off", async () => {
    const dave = await client("dave", crypto);
    const isGreased = (values: readonly number[]): boolean => values.some(isGrease);
    const seen = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const { leafNode, fields } = await keyPackageOf(dave);
      const { cipherSuites, extensions, proposals, credentials } = leafNode.capabilities;
      expect([cipherSuites, extensions, proposals, credentials].every(isGreased)).toBe(true);
      for (const { extensionType } of fields.extensions) {
        expect(extensions).toContain(extensionType);
        seen.add(extensionType);
      }
    }
    expect(seen.size).toBeGreaterThan(3);
    const plain = await KeyPackage.builder()
      .grease(false)
      .build(1, dave.provider, dave.signer, dave.credentialWithKey);
    const { capabilities: listed } = plain.leafNode;
    expect(Object.values(listed).some((values: readonly number[]) => isGreased(values))).toBe(false);
    expect(plain.fields.extensions).toHaveLength(0);
  });

  it("trap58: nothing that only looks like a verified KeyPackage is used, and a verified one cannot be changed", async () => {
    const alice = await client("alice", crypto);
    const group = await createGroup(alice);
    const keyPackage = await keyPackageOf(await client("dave", crypto));
    const value = { ...keyPackage.fields, signature: flip(keyPackage.fields.signature) };
    const looks = Object.create(KeyPackage.prototype, { fields: { value } }) as KeyPackage;
    const like = { ref: keyPackage.ref, fields: keyPackage.fields } as unknown as KeyPackage;
    for (const [wrong, code, rule] of [
      [looks, "ERR_MLS_INVALID_SIGNATURE", "valn0203"], // judged again where it is used
      [like, "ERR_MLS_USAGE", undefined],
      [keyPackage.fields as unknown as KeyPackage, "ERR_MLS_USAGE", undefined],
    ] as const) {
      const add = async (): Promise<unknown> => group.addMembers(alice.signer, [wrong]);
      await expectUnable({ ...alice, group }, add, code, rule);
    }
    const unchanged = keyPackage.encode();
    keyPackage.fields.signature.fill(0);
    keyPackage.fields.leafNode.encryptionKey.fill(0);
    expect(keyPackage.encode()).toEqual(unchanged);
    expect((await group.addMembers(alice.signer, [keyPackage])).summary.added).toHaveLength(1);
  });

  it("trap55: the unusable ones of many are named one by one before a commit is built", async () => {
    const now = 1_700_000_000n;
    const alice = await client("alice", crypto, 1, { clock: { now: () => now } });
    const group = await createGroup(alice);
    const suite = await crypto.cipherSuite(1);
    const dave = await client("dave", crypto);
    const all: KeyPackage[] = [];
    for (let i = 0; i < 10; i++) {
      const owner = i === 8 ? dave : await client(`member ${i}`, crypto);
      const defects: KeyPackageDefects =
        i === 2
          ? { leaf: (leaf) => ({ ...leaf, leafNodeSource: 1, lifetime: { ...forever, notAfter: now - 1n } }) }
          : i === 5
            ? { fields: (kp) => ({ ...kp, cipherSuite: 3 }) }
            : {};
      all.push(verifiedKeyPackage(suite, await forgeKeyPackage(i === 3 ? dave : owner, defects)));
    }
    const before = recordsOf(alice);
    await expect(group.addMembers(alice.signer, all)).rejects.toMatchObject({
      name: "MlsError",
      details: {
        refused: [
          { index: 2, code: "ERR_MLS_VALIDATION", rule: "valn0105" },
          { index: 5, code: "ERR_MLS_VALIDATION", rule: "valn0201" },
          { index: 8, code: "ERR_MLS_VALIDATION", rule: "valn0305" },
        ],
      },
    });
    expect(recordsOf(alice)).toBe(before);
    expect(group.members()).toHaveLength(1);
    await group.addMembers(
      alice.signer,
      all.filter((_, i) => ![2, 5, 8].includes(i)),
    );
    await group.mergePendingCommit();
    expect(group.members()).toHaveLength(8);
  });

  it("trap57: two clients with providers of their own do not meet", async () => {
    const early = await client("early", crypto, 1, { clock: { now: () => 1000n } });
    const late = await client("late", crypto, 1, { clock: { now: () => 10_000_000_000n } });
    const [ofEarly, ofLate] = await Promise.all([early, late].map(keyPackageOf));
    const notBefore = (kp: KeyPackage | undefined): bigint =>
      kp?.leafNode.leafNodeSource === LeafNodeSource.keyPackage ? kp.leafNode.lifetime.notBefore : -1n;
    expect(notBefore(ofEarly)).toBe(0n);
    expect(notBefore(ofLate)).toBe(10_000_000_000n - 3600n);
    expect(early.storage.entries()).toHaveLength(1);
    expect(late.storage.entries()).toHaveLength(1);
  });

  it("rfc10: are not made with a credential whose key is of another scheme", async () => {
    const p256 = await SignatureKeyPair.generate(await crypto.cipherSuite(2));
    const { provider } = await client("dave", crypto);
    const credential = { credential: basicCredential(utf8("dave")), signatureKey: p256.publicKey };
    await expect(KeyPackage.builder().build(1, provider, p256, credential)).rejects.toThrow(
      mlsError("ERR_MLS_USAGE", "rfc10"),
    );
  });
});
