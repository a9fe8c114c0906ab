import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { basicCredential, requiredCapabilitiesExtension } from "../wire/index.ts";
import { LeafNodeSource } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { ext } from "../testing/proposals.ts";
import { follow } from "../testing/client.ts";
import { flip } from "../testing/forge.ts";
import { type CommitCase, expectCommitRefused } from "../testing/refused-commits.ts";
import { expectUnable, Judge, newWorld, sharedWorld, stateOf } from "../testing/world.ts";

const world = sharedWorld();

const V = "ERR_MLS_VALIDATION";

const SIG = "ERR_MLS_INVALID_SIGNATURE";

describe("the leaf of a path (valn1207, RFC 9420 §7.3)", () => {
  const cases: readonly CommitCase[] = [
    [
      "valn0110: source update",
      V,
      "valn0110",
      () => ({ leaf: (leaf) => ({ ...leaf, leafNodeSource: LeafNodeSource.update }) }),
    ],
    [
      "valn0110: source key_package",
      V,
      "valn0110",
      () => ({
        leaf: (leaf) => ({
          ...leaf,
          leafNodeSource: LeafNodeSource.keyPackage,
          lifetime: { notBefore: 0n, notAfter: 0xffff_ffff_ffffn },
        }),
      }),
    ],
    [
      "valn0111: signature key of another member",
      V,
      "valn0111",
      ({ alice }) => ({
        leaf: (leaf) => ({ ...leaf, signatureKey: alice.signer.publicKey }),
        leafSigner: alice.signer,
      }),
    ],
    [
      "valn0112: encryption_key of another member",
      V,
      "valn0112",
      ({ alice }) => ({
        leaf: (leaf) => ({ ...leaf, encryptionKey: alice.group.ownLeafNode.encryptionKey }),
      }),
    ],
    [
      "valn1208: keeps its encryption_key",
      V,
      "valn1208",
      ({ mallory }) => ({
        leaf: (leaf) => ({ ...leaf, encryptionKey: mallory.group.ownLeafNode.encryptionKey }),
      }),
    ],
    [
      "valn0107: extension that it does not list",
      V,
      "valn0107",
      () => ({ leaf: (leaf) => ({ ...leaf, extensions: [ext(0xf001)] }) }),
    ],
    [
      "valn1601: extension type 4",
      V,
      "valn1601",
      () => ({ leaf: (leaf) => ({ ...leaf, extensions: [ext(4)] }) }),
    ],
    [
      "valn0113: own credential type not listed",
      V,
      "valn0113",
      () => ({ leaf: (leaf) => ({ ...leaf, capabilities: { ...defaultCapabilities(), credentials: [2] } }) }),
    ],
    [
      "rfc38: cipher suite not listed",
      V,
      "rfc38",
      () => ({
        leaf: (leaf) => ({ ...leaf, capabilities: { ...defaultCapabilities(), cipherSuites: [2] } }),
      }),
    ],
    ["valn0102: bound to another leaf index", SIG, "valn0102", () => ({ leafPosition: { leafIndex: 2 } })],
    [
      "valn0102: bound to another group",
      SIG,
      "valn0102",
      () => ({ leafPosition: { groupId: utf8("elsewhere") } }),
    ],
    [
      "valn0102: one bit of its signature",
      SIG,
      "valn0102",
      () => ({ signedLeaf: (leaf) => ({ ...leaf, signature: flip(leaf.signature, 9) }) }),
    ],
    [
      "rfc16: another identity",
      "ERR_MLS_CREDENTIAL_REJECTED",
      "rfc16",
      () => ({ leaf: (leaf) => ({ ...leaf, credential: basicCredential(utf8("alice")) }) }),
    ],
    [
      "rfc52: one bit of parent_hash",
      V,
      "rfc52",
      () => ({
        leaf: (leaf) =>
          leaf.leafNodeSource === LeafNodeSource.commit
            ? { ...leaf, parentHash: flip(leaf.parentHash) }
            : leaf,
      }),
    ],
    [
      "rfc52 trap12: empty parent_hash",
      V,
      "rfc52",
      () => ({ leaf: (leaf) => ({ ...leaf, leafNodeSource: 3, parentHash: new Uint8Array() }) }),
    ],
    [
      "rfc54: encryption_key is its own signature key",
      V,
      "rfc54",
      () => ({ leaf: (leaf) => ({ ...leaf, encryptionKey: leaf.signatureKey }) }),
    ],
  ];

  it.each(cases)("%s", async (...one) => {
    await expectCommitRefused(await world(), one);
  });

  it("valn0103 rfc43: lacks what the group requires", async () => {
    const required = { extensionTypes: [], proposalTypes: [], credentialTypes: [2] };
    const features = [{ name: "x509", objects: { capabilities: { credentials: [2] } } }];
    const all = await newWorld({
      extensions: [requiredCapabilitiesExtension(required)],
      provider: { features },
    });
    await expectCommitRefused(all, [
      "",
      V,
      "valn0103",
      () => ({
        leaf: (leaf) => ({
          ...leaf,
          extensions: [],
          capabilities: { ...defaultCapabilities(), credentials: [1] },
        }),
      }),
    ]);
  });

  it("valn0101 rfc16: the validator judges a new key and a new credential", async () => {
    const judge = new Judge();
    const all = await newWorld({ provider: { credentialValidator: judge } });
    const { alice, bob } = all;
    const renewed = await SignatureKeyPair.generate(await nodeCrypto().cipherSuite(1));
    const credential = basicCredential(utf8("alice 2"));
    const credentialWithKey = { credential, signatureKey: renewed.publicKey };
    const change = async (): Promise<Uint8Array> =>
      (await alice.group.selfUpdate(alice.signer, { credentialWithKey }, renewed)).commit;
    await expectUnable(alice, change, "ERR_MLS_CREDENTIAL_REJECTED", "rfc16"); // as the others would say
    judge.successor = () => true;
    const commit = await change();
    judge.successor = undefined;
    const before = stateOf(bob);
    judge.calls.length = 0;
    judge.verdict = () => false;
    const refused = { code: "ERR_MLS_CREDENTIAL_REJECTED" };
    await expect(bob.group.processMessage(commit)).rejects.toMatchObject({ ...refused, rule: "valn0101" });
    expect(judge.calls).toMatchObject([{ purpose: "update", signaturePublicKey: renewed.publicKey }]);
    judge.verdict = () => true;
    await expect(bob.group.processMessage(commit)).rejects.toMatchObject({ ...refused, rule: "rfc16" });
    expect(stateOf(bob)).toEqual(before);
    judge.successor = () => true;
    await follow(bob.group, commit);
    expect(bob.group.leafNode(0)?.credential).toEqual(credential);
  });
});
