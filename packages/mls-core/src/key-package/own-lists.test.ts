import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type CipherSuite, type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { isGrease, KeyPackage, MlsGroup, proposals, StagedWelcome } from "../index.ts";
import { client, createGroup, keyPackageOf } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeGroupInfo } from "../testing/forge-welcome.ts";
import { altered, mlsError } from "../testing/suites.ts";
import { expectRefused, expectUnable, insideOf, newcomer, newWorld } from "../testing/world.ts";
import { decode } from "../codec/index.ts";
import {
  decodeMlsMessage,
  type Extension,
  groupInfo as groupInfoCodec,
  type GroupInfo,
  requiredCapabilitiesExtension,
} from "../wire/index.ts";

const crypto = nodeCrypto();

/** A provider of one suite. */
const providing = (suite: CipherSuite): CryptoProvider => ({
  name: "watched",
  supportedCipherSuites: async () => [suite.id],
  cipherSuite: async () => suite,
});

const ext = (extensionType: number): Extension => ({ extensionType, extensionData: utf8("x") });
const V = "ERR_MLS_VALIDATION";

describe("an extension type twice (RFC 9420 §13.4, rfc114)", () => {
  const twice = [ext(0xf001), ext(0xf001)];
  const capabilities = { extensions: [0xf001] };

  it("is in no list that a member makes", async () => {
    const { alice } = await newWorld();
    const { group, signer } = alice;
    const reinit = { groupId: utf8("next"), cipherSuite: 1, extensions: twice };
    for (const operation of [
      async () => group.propose(signer, proposals.groupContextExtensions(twice)),
      async () => group.propose(signer, { proposalType: 7, extensions: twice }),
      async () => group.propose(signer, proposals.reinit(reinit)),
      async () => group.propose(signer, { proposalType: 5, version: 1, ...reinit }),
      async () => group.propose(signer, proposals.update({ extensions: twice })),
      async () => group.commit().groupContextExtensions(twice).build(signer),
      async () => group.commit().propose({ proposalType: 7, extensions: twice }).build(signer),
      async () => group.selfUpdate(signer, { extensions: twice }),
      async () =>
        group.branch({
          signer,
          credentialWithKey: alice.credentialWithKey,
          keyPackages: [],
          extensions: twice,
        }),
    ]) {
      await expectUnable(alice, operation, V, "rfc114");
    }
  });

  it("is in no key package, group or join", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    const { provider, signer, credentialWithKey } = dave;
    const builder = (): ReturnType<typeof KeyPackage.builder> =>
      KeyPackage.builder().capabilities(capabilities);
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    for (const make of [
      async () => builder().extensions(twice).build(1, provider, signer, credentialWithKey),
      async () => builder().leafNodeExtensions(twice).build(1, provider, signer, credentialWithKey),
      async () =>
        MlsGroup.create(provider, signer, credentialWithKey, {
          cipherSuite: 1,
          capabilities,
          extensions: twice,
        }),
      async () =>
        MlsGroup.create(provider, signer, credentialWithKey, {
          cipherSuite: 1,
          capabilities,
          leafNodeExtensions: twice,
        }),
      async () =>
        MlsGroup.joinByExternalCommit(provider, signer, {
          groupInfo,
          credentialWithKey,
          capabilities,
          leafNodeExtensions: twice,
        }),
    ]) {
      await expect(make()).rejects.toThrow(mlsError(V, "rfc114"));
    }
    expect(dave.storage.entries()).toHaveLength(0);
  });

  it("is in no list that a feature adds to", async () => {
    const double = { name: "double", objects: { extensionsFor: () => [ext(0xf001)] } };
    const dave = await newcomer("dave", { provider: { features: [double] } });
    const { provider, signer, credentialWithKey } = dave;
    const made = KeyPackage.builder()
      .capabilities(capabilities)
      .extensions([ext(0xf001)]);
    await expect(made.build(1, provider, signer, credentialWithKey)).rejects.toThrow(mlsError(V, "rfc114"));
    const creation = { cipherSuite: 1, capabilities, extensions: [ext(0xf001)] };
    await expect(MlsGroup.create(provider, signer, credentialWithKey, creation)).rejects.toThrow(
      mlsError(V, "rfc114"),
    );
    expect(dave.storage.entries()).toHaveLength(0);
  });
});

describe("GREASE in a GroupContext (RFC 9420 §13.5, rfc117)", () => {
  const greased = [ext(0x4a4a)];

  it("is neither made nor taken", async () => {
    const all = await newWorld();
    const { alice, mallory } = all;
    const { group, signer } = alice;
    for (const operation of [
      async () => group.propose(signer, proposals.groupContextExtensions(greased)),
      async () => group.commit().groupContextExtensions(greased).build(signer),
      async () =>
        group.propose(signer, proposals.reinit({ groupId: utf8("n"), cipherSuite: 1, extensions: greased })),
    ]) {
      await expectUnable(alice, operation, V, "rfc117");
    }
    const dave = await newcomer("dave");
    const creation = { cipherSuite: 1, extensions: greased };
    const created = MlsGroup.create(dave.provider, dave.signer, dave.credentialWithKey, creation);
    await expect(created).rejects.toThrow(mlsError(V, "rfc117"));
    const { message } = await forgeCommit(await insideOf(mallory), mallory.signer, {
      proposals: [{ proposalType: 7, extensions: greased }],
    });
    await expectRefused(all, message, V, "rfc117");
    const groupInfo = await forgeGroupInfo(await insideOf(mallory), mallory.signer, {
      context: (context) => ({ ...context, extensions: greased }),
    });
    const join = MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo,
      credentialWithKey: dave.credentialWithKey,
    });
    await expect(join).rejects.toThrow(mlsError(V, "rfc117"));
  });
});

describe("GREASE that a group of this client carries (RFC 9420 §13.5, rfc116)", () => {
  const CHOICES = [
    [true, [1, 1, 1, 1], true],
    ["capabilities", [1, 1, 1, 1], false],
    [false, [0, 0, 0, 0], false],
  ] as const;

  const countsOf = ({ capabilities }: MlsGroup["ownLeafNode"]): number[] =>
    (["cipherSuites", "extensions", "proposals", "credentials"] as const).map(
      (kind) => capabilities[kind].filter(isGrease).length,
    );
  const greasedTypes = (list: readonly Extension[]): number[] =>
    list.map(({ extensionType }) => extensionType).filter(isGrease);

  const infoOf = (message: Uint8Array): GroupInfo => {
    const decoded = decodeMlsMessage(message);
    if (!("groupInfo" in decoded)) throw new Error("no GroupInfo");
    return decoded.groupInfo;
  };

  it.each(CHOICES)(
    "is in the leaves of creator and joiner, and in GroupInfos: %s",
    async (grease, counts, inLists) => {
      const alice = await client("alice", crypto);
      const group = await createGroup(alice, { grease });
      const published = await group.exportGroupInfo(alice.signer);
      const dave = await client("dave", crypto);
      const join = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
        groupInfo: published,
        credentialWithKey: dave.credentialWithKey,
        config: { grease },
      });
      const d = await join.intoGroup();
      for (const leaf of [group.ownLeafNode, d.ownLeafNode]) {
        expect(countsOf(leaf)).toEqual(counts);
        const types = greasedTypes(leaf.extensions);
        expect(types).toHaveLength(inLists ? 1 : 0);
        types.forEach((type) => expect(leaf.capabilities.extensions).toContain(type));
      }
      expect(greasedTypes(infoOf(published).extensions).length > 0).toBe(inLists);
      await group.commit().createGroupInfo().build(alice.signer);
      const { groupInfo } = await group.mergePendingCommit();
      expect(greasedTypes(infoOf(groupInfo!).extensions).length > 0).toBe(inLists);
      expect(group.groupContext.extensions).toEqual([]);
    },
  );

  it("goes along inside a Welcome, and its joiner takes it", async () => {
    const suite = await crypto.cipherSuite(1);
    for (const grease of [true, false]) {
      const opened: GroupInfo[] = [];
      const spying = altered(suite, {
        aeadOpen: async (...given) => {
          const plain = await suite.aeadOpen(...given);
          opened.push(decode(groupInfoCodec, plain));
          return plain;
        },
      });
      const alice = await client("alice", crypto);
      const dave = await client("dave", providing(spying));
      const group = await createGroup(alice, { grease });
      await group.addMembers(alice.signer, [await keyPackageOf(dave)]);
      const { welcome } = await group.mergePendingCommit();
      await StagedWelcome.fromWelcome(dave.provider, welcome!);
      expect(opened).toHaveLength(1);
      expect(greasedTypes(opened[0]!.extensions).length > 0).toBe(grease);
    }
  });

  it("of our own is no support for what a group asks (valn1001)", async () => {
    const alice = await client("alice", crypto);
    const group = await createGroup(alice);
    const [own] = group.ownLeafNode.capabilities.extensions.filter(isGrease);
    const required = requiredCapabilitiesExtension({
      extensionTypes: [own!],
      proposalTypes: [],
      credentialTypes: [],
    });
    const change = async (): Promise<unknown> =>
      group.commit().groupContextExtensions([required]).build(alice.signer);
    await expectUnable({ ...alice, group }, change, V, "valn1001");
  });
});

describe("what this client says it supports (RFC 9420 §7.2, 10)", () => {
  const more = {
    versions: [1],
    cipherSuites: [1],
    extensions: [1, 3, 5, 0xf001],
    proposals: [1, 7, 0xf002],
    credentials: [1, 0xf003],
  };

  it("leaves the RFC's own types out, and is added to what it can do", async () => {
    const dave = await newcomer("dave");
    const { provider, signer, credentialWithKey } = dave;
    const keyPackage = await KeyPackage.builder()
      .capabilities(more)
      .grease(false)
      .build(1, provider, signer, credentialWithKey);
    const suites = await provider.crypto.supportedCipherSuites();
    const merged = {
      versions: [1],
      cipherSuites: suites,
      extensions: [0xf001],
      proposals: [0xf002],
      credentials: [1, 0xf003],
    };
    expect(keyPackage.leafNode.capabilities).toEqual(merged);
    const creation = { cipherSuite: 1, capabilities: more, config: { grease: false } } as const;
    const group = await MlsGroup.create(provider, signer, credentialWithKey, creation);
    expect(group.ownLeafNode.capabilities).toEqual(merged);
    await group.selfUpdate(signer, { capabilities: { extensions: [5, 0xf004] } });
    await group.mergePendingCommit();
    expect(group.ownLeafNode.capabilities.extensions).toEqual([0xf004]);
  });

  it("lists the extensions of its key packages and leaves (rfc72, valn0107)", async () => {
    const dave = await newcomer("dave");
    const { provider, signer, credentialWithKey } = dave;
    const build = async (builder: ReturnType<typeof KeyPackage.builder>): Promise<unknown> =>
      builder.build(1, provider, signer, credentialWithKey);
    await expect(build(KeyPackage.builder().extensions([ext(0xf001)]))).rejects.toThrow(mlsError(V, "rfc72"));
    const inLeaf = build(KeyPackage.builder().leafNodeExtensions([ext(0xf001)]));
    await expect(inLeaf).rejects.toThrow(mlsError(V, "valn0107"));
    expect(dave.storage.entries()).toHaveLength(0);
    const listed = KeyPackage.builder()
      .capabilities({ extensions: [0xf001] })
      .extensions([ext(0xf001)]);
    await expect(build(listed)).resolves.toBeDefined();
    const unable = KeyPackage.builder().capabilities({ cipherSuites: [0xf0f0] });
    await expect(build(unable)).rejects.toThrow(mlsError(V, "rfc113"));
  });
});

describe("the seed of an HPKE key pair (RFC 9420 §9.2)", () => {
  it("is gone once the keys are made: key packages, groups, Updates, paths and joins", async () => {
    const suite = await crypto.cipherSuite(1);
    const seeds: Uint8Array[] = [];
    const spying = altered(suite, {
      deriveKeyPair: async (seed) => {
        seeds.push(seed);
        return suite.deriveKeyPair(seed);
      },
    });
    const watched = providing(spying);
    const [alice, bob] = [await client("alice", watched), await client("bob", watched)];
    const counts: number[] = [];
    const expectGone = (): void => {
      counts.push(seeds.length);
      expect(seeds.every((seed) => seed.every((byte) => byte === 0))).toBe(true);
      seeds.length = 0;
    };
    const keyPackage = await keyPackageOf(bob);
    expectGone();
    const group = await createGroup(alice);
    expectGone();
    await group.propose(alice.signer, proposals.update());
    expectGone();
    await group.addMembers(alice.signer, [keyPackage]);
    expectGone();
    const info = await group.exportGroupInfo(alice.signer);
    seeds.length = 0; // the external_secret, which lives as long as the epoch
    await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, {
      groupInfo: info,
      credentialWithKey: bob.credentialWithKey,
    });
    expectGone();
    expect(counts.every((count) => count > 0)).toBe(true);
  });
});
