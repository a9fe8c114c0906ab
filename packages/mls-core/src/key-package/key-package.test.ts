import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { encode } from "../codec/index.ts";
import { encodeMlsMessage } from "../framing/mls-message.ts";
import {
  basicCredential,
  KeyPackage,
  KeyPackageIn,
  MlsGroup,
  requiredCapabilitiesExtension,
} from "../index.ts";
import { LeafNodeSource, ProposalType, WireFormat } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { type Client, client, createGroup, joinFrom, keyPackageOf } from "../testing/client.ts";
import { flip, forgeKeyPackage, forgeProposal, type KeyPackageDefects } from "../testing/forge.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { altered, mlsError } from "../testing/suites.ts";
import {
  expectRefused,
  expectUnable,
  insideOf,
  Judge,
  newcomer,
  newWorld,
  recordsOf,
  sharedWorld,
} from "../testing/world.ts";
import { keyPackageStruct } from "./key-package-struct.ts";
import { verifiedKeyPackage } from "./key-package.ts";

const crypto = nodeCrypto();
const capabilities = defaultCapabilities();
const ext = (extensionType: number): { extensionType: number; extensionData: Uint8Array } => ({
  extensionType,
  extensionData: new Uint8Array([0]),
});
const forever = { notBefore: 0n, notAfter: 0xffff_ffff_ffffn };

/** A KeyPackage of Dave's with one defect, and what is said about it. */
interface Case {
  readonly name: string;
  readonly defects: (dave: Client) => KeyPackageDefects | Promise<KeyPackageDefects>;
  readonly code: MlsErrorCode;
  readonly rule: string;
  /** Seen only from inside a group. */
  readonly inGroup?: boolean;
}

const violated = (name: string, rule: string, defects: Case["defects"], inGroup = false): Case => ({
  name,
  rule,
  defects,
  inGroup,
  code: "ERR_MLS_VALIDATION",
});
const badSignature = (name: string, rule: string, defects: Case["defects"]): Case => ({
  name,
  rule,
  defects,
  code: "ERR_MLS_INVALID_SIGNATURE",
});
const lists =
  (change: Partial<typeof capabilities>): Case["defects"] =>
  () => ({
    leaf: (leaf) => ({ ...leaf, capabilities: { ...capabilities, ...change } }),
  });

const stranger = async (): Promise<SignatureKeyPair> =>
  SignatureKeyPair.generate(await crypto.cipherSuite(1));

const CASES: readonly Case[] = [
  badSignature("valn0102: leaf signed by another key", "valn0102", async () => ({
    leafSigner: await stranger(),
  })),
  badSignature("valn0102: one bit of the leaf's signature", "valn0102", () => ({
    signedLeaf: (leaf) => ({ ...leaf, signature: flip(leaf.signature) }),
  })),
  violated("valn0107: extension that the leaf does not list", "valn0107", () => ({
    leaf: (leaf) => ({ ...leaf, extensions: [ext(0xf001)] }),
  })),
  violated("valn0107: GREASE extension that the leaf does not list", "valn0107", () => ({
    leaf: (leaf) => ({ ...leaf, extensions: [ext(0x1a1a)] }),
  })),
  violated("valn0108: leaf of source update", "valn0108", () => ({
    leaf: ({ encryptionKey, signatureKey, credential, extensions }) => ({
      encryptionKey,
      signatureKey,
      credential,
      extensions,
      capabilities,
      leafNodeSource: LeafNodeSource.update,
    }),
  })),
  violated("valn0108: leaf of source commit", "valn0108", () => ({
    leaf: ({ encryptionKey, signatureKey, credential, extensions }) => ({
      encryptionKey,
      signatureKey,
      credential,
      extensions,
      capabilities,
      leafNodeSource: LeafNodeSource.commit,
      parentHash: new Uint8Array(32),
    }),
  })),
  violated("valn0113: own credential type not listed", "valn0113", lists({ credentials: [2] })),
  violated("valn0113: no credential type listed", "valn0113", lists({ credentials: [] })),
  violated(
    "valn0201 trap40: another cipher suite",
    "valn0201",
    () => ({ fields: (kp) => ({ ...kp, cipherSuite: 3 }) }),
    true,
  ),
  violated("valn0201 trap40: another version", "valn0201", () => ({
    fields: (kp) => ({ ...kp, version: 2 }),
  })),
  violated("valn0201 trap40: another version and cipher suite", "valn0201", () => ({
    fields: (kp) => ({ ...kp, version: 2, cipherSuite: 3 }),
  })),
  badSignature("valn0203: one bit of the signature", "valn0203", () => ({
    after: (kp) => ({ ...kp, signature: flip(kp.signature) }),
  })),
  badSignature("valn0203: signed by another key", "valn0203", async () => ({ signer: await stranger() })),
  badSignature("valn0203: another init_key after signing", "valn0203", () => ({
    after: (kp) => ({ ...kp, initKey: flip(kp.initKey, 3) }),
  })),
  badSignature("valn0203 rfc12: signed as a LeafNodeTBS", "valn0203", () => ({ label: "LeafNodeTBS" })),
  violated("valn0204: init_key is the leaf's encryption_key", "valn0204", () => ({
    fields: (kp) => ({ ...kp, initKey: kp.leafNode.encryptionKey }),
  })),
  ...[2, 3, 4, 5].map((type) =>
    violated(`valn1601: extension type ${type} in the leaf`, "valn1601", () => ({
      leaf: (leaf) => ({ ...leaf, extensions: [ext(type)] }),
    })),
  ),
  ...[1, 2, 3, 4, 5].map((type) =>
    violated(`valn1604: extension type ${type} in the KeyPackage`, "valn1604", () => ({
      fields: (kp) => ({ ...kp, extensions: [ext(type)] }),
    })),
  ),
  ...[0, 31, 33].map((length): Case => ({
    name: `rfc08: init_key of ${length} bytes`,
    rule: "rfc08",
    code: "ERR_MLS_INVALID_KEY",
    defects: () => ({ fields: (kp) => ({ ...kp, initKey: new Uint8Array(length).fill(7) }) }),
  })),
  ...[0, 31, 33].map((length) =>
    violated(`rfc08: encryption_key of ${length} bytes`, "rfc08", () => ({
      leaf: (leaf) => ({ ...leaf, encryptionKey: new Uint8Array(length).fill(7) }),
    })),
  ),
  violated("rfc10: signature key of P-256", "rfc10", () => ({
    leaf: (leaf) => ({ ...leaf, signatureKey: new Uint8Array(65).fill(4) }),
  })),
  violated("rfc38: mls10 not listed", "rfc38", lists({ versions: [2] })),
  violated("rfc38: own cipher suite not listed", "rfc38", lists({ cipherSuites: [2, 3] })),
  violated("rfc38: nothing listed", "rfc38", lists({ versions: [], cipherSuites: [] })),
  violated("rfc40: lifetime the wrong way round", "rfc40", () => ({
    leaf: (leaf) => ({ ...leaf, leafNodeSource: 1, lifetime: { notBefore: 2n, notAfter: 1n } }),
  })),
  violated("rfc54: one key for encryption and signatures", "rfc54", () => ({
    leaf: (leaf) => ({ ...leaf, encryptionKey: leaf.signatureKey }),
  })),
];

describe("a KeyPackage with one defect (valn0202, valn0501)", () => {
  const world = sharedWorld();

  it.each(CASES)("$name", async ({ defects, code, rule, inGroup }) => {
    const { alice, bob, mallory } = await world();
    const dave = await newcomer("dave");
    const fields = await forgeKeyPackage(dave, await defects(dave));
    if (inGroup !== true) {
      // looked at by itself
      const received = KeyPackageIn.decode(encode(keyPackageStruct, fields));
      const unknownSuite = fields.cipherSuite === 1 ? mlsError(code, rule) : mlsError(code);
      await expect(received.validate(alice.provider)).rejects.toThrow(unknownSuite);
    }
    // used by ourselves, however it got past the first look
    const taken = verifiedKeyPackage(await crypto.cipherSuite(1), fields);
    await expectUnable(alice, async () => alice.group.addMembers(alice.signer, [taken]), code, rule);
    await expectUnable(alice, async () => alice.group.proposeAddMember(alice.signer, taken), code, rule);
    // used by somebody else: Add by itself, and in a commit
    const state = await insideOf(mallory);
    const add = { proposalType: ProposalType.add, keyPackage: fields };
    const proposal = await forgeProposal(state, mallory.signer, add);
    await expectRefused(await world(), proposal.message, code, rule, bob);
    const commit = await forgeCommit(state, mallory.signer, { proposals: [add] });
    await expectRefused(await world(), commit.message, code, rule, bob);
  });

  it("valn0205 rfc06: in an MLSMessage of another version", async () => {
    const fields = await forgeKeyPackage(await newcomer("dave"), { fields: (kp) => ({ ...kp, version: 2 }) });
    const message = encodeMlsMessage({ wireFormat: WireFormat.mlsKeyPackage, keyPackage: fields });
    expect(() => KeyPackageIn.fromMessage(message)).toThrow(mlsError("ERR_MLS_VALIDATION", "valn0205"));
    message[1] = 2;
    expect(() => KeyPackageIn.fromMessage(message)).toThrow(mlsError("ERR_MLS_UNSUPPORTED_VERSION", "rfc06"));
  });

  it("rfc39 rfc72 rfc37: unknown and default types in lists and listed extensions are fine", async () => {
    const { bob, mallory } = await newWorld();
    const dave = await newcomer("dave");
    const fields = await forgeKeyPackage(dave, {
      leaf: (leaf) => ({
        ...leaf,
        capabilities: {
          versions: [0x0a0a, 1, 1],
          cipherSuites: [0x7a7a, 1],
          extensions: [0xf00f, 0xf001, 0x2a2a, 0x5a5a, 1, 3],
          proposals: [0xbaba, 3],
          credentials: [0xf0f0, 1],
        },
        extensions: [ext(0xf001), ext(0x2a2a)],
      }),
      fields: (kp) => ({ ...kp, extensions: [ext(0xf001), ext(0x5a5a)] }),
    });
    const add = { proposalType: ProposalType.add, keyPackage: fields };
    const { message } = await forgeProposal(await insideOf(mallory), mallory.signer, add);
    expect(await bob.group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
  });
});

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
    const group = await MlsGroup.builder()
      .capabilities({ ...capabilities, credentials: [1] })
      .build(alice.provider, alice.signer, alice.credentialWithKey);
    const dave = await client("dave", crypto);
    const fields = await forgeKeyPackage(dave, {
      leaf: (leaf) => ({ ...leaf, credential: { credentialType: 2, certificates: [utf8("der")] } }),
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
    await group.proposeAddMember(alice.signer, await daveIn(now));
    now.time = 2001n;
    const { summary } = await group.commitToPendingProposals(alice.signer);
    expect(summary.added).toHaveLength(0);
  });

  it.each([[999n], [2001n]])("valn0106: at %i an Add from another member is refused", async (time) => {
    const now = { time: 1500n };
    const world = await newWorld({ provider: at(now) });
    const add = { proposalType: ProposalType.add, keyPackage: (await daveIn(now)).fields };
    const state = await insideOf(world.mallory);
    const proposal = await forgeProposal(state, world.mallory.signer, add);
    const commit = await forgeCommit(state, world.mallory.signer, { proposals: [add] });
    now.time = time;
    for (const message of [proposal.message, commit.message]) {
      await expectRefused(world, message, "ERR_MLS_VALIDATION", "valn0106");
      await expect(world.bob.group.processMessage(message)).rejects.toMatchObject({
        details: { ...lifetime, now: time },
      });
    }
    now.time = 2000n;
    expect(await world.bob.group.processMessage(commit.message)).toMatchObject({ kind: "commit" });
  });

  it("valn0106: tolerated where the policy says so", async () => {
    const now = { time: 1500n };
    const world = await newWorld({ provider: { ...at(now), policy: { expiredAdd: "tolerate" } } });
    const add = { proposalType: ProposalType.add, keyPackage: (await daveIn(now)).fields };
    const { message } = await forgeCommit(await insideOf(world.mallory), world.mallory.signer, {
      proposals: [add],
    });
    now.time = 9999n;
    expect(await world.bob.group.processMessage(message)).toMatchObject({ kind: "commit" });
  });

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
    const proposal = await forgeProposal(state, mallory.signer, add);
    const commit = await forgeCommit(state, mallory.signer, { proposals: [add] });
    const verdicts: (typeof judge.verdict)[] = [
      () => false,
      () => {
        throw new Error("no connection");
      },
      () => undefined,
      () => ({ valid: true }),
      () => 1,
    ];
    for (const verdict of verdicts) {
      // trap45: nothing but the literal true is approval
      judge.verdict = (subject) => (subject.purpose === "add" ? verdict(subject) : true);
      judge.calls.length = 0;
      const add1 = async (): Promise<unknown> => alice.group.addMembers(alice.signer, [keyPackage]);
      await expectUnable(alice, add1, "ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
      await expectRefused(world, proposal.message, "ERR_MLS_CREDENTIAL_REJECTED", "valn0101");
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

  it("trap58: a KeyPackage of an object that only looks verified is judged again when used", async () => {
    const alice = await client("alice", crypto);
    const group = await createGroup(alice);
    const looks = await keyPackageOf(await client("dave", crypto));
    Object.assign(looks.fields, { signature: flip(looks.fields.signature) });
    await expectUnable(
      { ...alice, group },
      async () => group.addMembers(alice.signer, [looks]),
      "ERR_MLS_INVALID_SIGNATURE",
      "valn0203",
    );
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
          { index: 8, code: "ERR_MLS_VALIDATION", rule: "valn0306" },
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
