import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { setLeaf } from "../tree/testing/edits.ts";
import { decode } from "../codec/index.ts";
import { decodeMlsMessage, encodeMlsMessage, groupSecrets, type Welcome } from "../wire/index.ts";
import { loadKeyPackage } from "../key-package/key-package-store.ts";
import { decryptWithLabel } from "../labels/index.ts";
import { KeyPackage, MlsGroup, StagedWelcome } from "../index.ts";
import { LeafNodeSource, WireFormat } from "../registry.ts";
import { preparePath } from "../treekem/create-path.ts";
import { createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { flip, forgeLeaf, freshKey } from "../testing/forge.ts";
import { type ForgedWelcome, forgeWelcome } from "../testing/forge-welcome.ts";
import { expectWelcomeRefused } from "../testing/refused-joins.ts";
import { mlsError } from "../testing/suites.ts";
import { expectAlive, insideOf, newcomer, newWorld, recordsOf, sharedWorld } from "../testing/world.ts";

const V = "ERR_MLS_VALIDATION";

describe("the secrets of a Welcome (RFC 9420 §12.4.3.1)", () => {
  const world = sharedWorld();
  const flipSecret =
    (field: "kemOutput" | "ciphertext") =>
    (welcome: Welcome): Welcome => ({
      ...welcome,
      secrets: welcome.secrets.map(({ newMember, encryptedGroupSecrets }) => ({
        newMember,
        encryptedGroupSecrets: { ...encryptedGroupSecrets, [field]: flip(encryptedGroupSecrets[field], 2) },
      })),
    });

  it.each<readonly [string, ForgedWelcome]>([
    ["one bit of kem_output", { editWelcome: flipSecret("kemOutput") }],
    ["one bit of the ciphertext", { editWelcome: flipSecret("ciphertext") }],
    [
      "one bit of encrypted_group_info",
      { editWelcome: (w) => ({ ...w, encryptedGroupInfo: flip(w.encryptedGroupInfo, -1) }) },
    ],
    ["rfc13: sealed for another purpose", { label: "UpdatePathNode" }],
    ["rfc13: sealed without a context", { sealFor: () => new Uint8Array() }],
    ["bound to another encrypted_group_info", { sealFor: (info) => flip(info) }],
    ["another joiner_secret", { secrets: (s) => ({ ...s, joinerSecret: flip(s.joinerSecret) }) }],
    ["an empty joiner_secret", { secrets: (s) => ({ ...s, joinerSecret: new Uint8Array() }) }],
  ])("rfc104 trap56 trap59: %s", async (_, forged) => {
    await expectWelcomeRefused(await world(), forged, "ERR_MLS_DECRYPTION");
  });

  it("rfc104: the secrets of one Welcome with the GroupInfo of another", async () => {
    const { mallory } = await world();
    const dave = await newcomer("dave");
    const { fields } = await keyPackageOf(dave);
    const [one, two] = await Promise.all(
      [1, 2].map(async () => forgeWelcome(await insideOf(mallory), mallory.signer, [fields])),
    );
    const welcomeOf = (bytes: Uint8Array): Welcome => {
      const message = decodeMlsMessage(bytes);
      if (message.wireFormat !== WireFormat.mlsWelcome) throw new Error("no Welcome");
      return message.welcome;
    };
    const welcome = {
      ...welcomeOf(one!.message),
      encryptedGroupInfo: welcomeOf(two!.message).encryptedGroupInfo,
    };
    const mixed = encodeMlsMessage({ wireFormat: WireFormat.mlsWelcome, welcome });
    const before = recordsOf(dave);
    await expect(StagedWelcome.fromWelcome(dave.provider, mixed)).rejects.toThrow(
      mlsError("ERR_MLS_DECRYPTION"),
    );
    expect(recordsOf(dave)).toBe(before);
  });

  it.each<readonly [string, (w: Welcome) => Welcome]>([
    ["no entry", (w) => ({ ...w, secrets: [] })],
    [
      "one bit of the reference",
      (w) => ({ ...w, secrets: w.secrets.map((s) => ({ ...s, newMember: flip(s.newMember) })) }),
    ],
    [
      "an empty reference",
      (w) => ({ ...w, secrets: w.secrets.map((s) => ({ ...s, newMember: new Uint8Array() })) }),
    ],
    [
      "a reference of 255 bytes",
      (w) => ({ ...w, secrets: w.secrets.map((s) => ({ ...s, newMember: new Uint8Array(255) })) }),
    ],
  ])("rfc103: %s", async (_, editWelcome) => {
    await expectWelcomeRefused(await world(), { editWelcome }, "ERR_MLS_NO_MATCHING_KEY_PACKAGE", "rfc103");
  });

  it("valn1404 rfc103: the Welcome's suite, or the GroupContext's, is another one", async () => {
    const all = await world();
    await expectWelcomeRefused(all, { editWelcome: (w) => ({ ...w, cipherSuite: 3 }) }, V, "rfc103");
    await expectWelcomeRefused(all, { context: (c) => ({ ...c, cipherSuite: 3 }) }, V, "valn1404");
    await expectWelcomeRefused(
      all,
      { editWelcome: (w) => ({ ...w, cipherSuite: 0xf00d }) },
      "ERR_MLS_UNSUPPORTED_CIPHER_SUITE",
    );
  });

  it.each<readonly [string, (tag: Uint8Array) => Uint8Array]>([
    ["one bit", flip],
    ["cut short", (tag) => tag.slice(1)],
    ["empty", () => new Uint8Array()],
    ["twice as long", (tag) => new Uint8Array([...tag, ...tag])],
  ])("valn1411 trap11: confirmation_tag, %s", async (_, editTag) => {
    await expectWelcomeRefused(await world(), { editTag }, "ERR_MLS_INVALID_TAG", "valn1411");
  });

  it("valn1411: the confirmation_tag of the epoch before", async () => {
    const all = await world();
    const { confirmationTag } = (await insideOf(all.mallory)).epoch;
    await expectWelcomeRefused(all, { editTag: () => confirmationTag }, "ERR_MLS_INVALID_TAG", "valn1411");
  });

  it("rfc105: no leaf is ours, or only its signature key is", async () => {
    const all = await world();
    await expectWelcomeRefused(all, { adds: [] }, V, "rfc105");
    for (const what of ["encryption_key", "capabilities"] as const) {
      const dave = await newcomer("dave");
      await expectWelcomeRefused(
        all,
        {
          tree: async (tree) => {
            const { suite } = tree;
            const { signature: _, ...leaf } = tree.leaf(4)!;
            const unsigned =
              what === "encryption_key"
                ? { ...leaf, encryptionKey: await freshKey(suite) }
                : { ...leaf, capabilities: { ...leaf.capabilities, proposals: [0xf001] } };
            setLeaf(tree, 4, await forgeLeaf(dave.signer, unsigned));
          },
        },
        V,
        "rfc105",
        { dave },
      );
    }
  });

  it("rfc106: a path secret that does not fit, or in a place where there is none", async () => {
    const all = await world();
    const { mallory } = all;
    const pathSecret = { pathSecret: new Uint8Array(32).fill(1) };
    await expectWelcomeRefused(all, { secrets: (s) => ({ ...s, pathSecret }) }, V, "rfc106");
    // with a real path: the secret of the right node joins; that of the node above does not, nor does none
    for (const [at, works] of [
      ["own", true],
      ["above", false],
      ["none", false],
    ] as const) {
      const dave = await newcomer("dave");
      const { fields } = await keyPackageOf(dave);
      const state = await insideOf(mallory);
      const { groupId } = state.epoch.groupContext;
      let found = new Uint8Array();
      const { message } = await forgeWelcome(state, mallory.signer, [fields], {
        tree: async (tree) => {
          const prepared = await preparePath(state.env.suite, tree, 3, async (encryptionKey, parentHash) => {
            const { signatureKey, credential, capabilities, extensions } = mallory.group.ownLeafNode;
            return forgeLeaf(
              mallory.signer,
              {
                encryptionKey,
                signatureKey,
                credential,
                capabilities,
                extensions,
                leafNodeSource: LeafNodeSource.commit,
                parentHash,
              },
              { groupId, leafIndex: 3 },
            );
          });
          const right = prepared.pathSecretFor(4)!.expose();
          found = Uint8Array.from(at === "own" ? right : prepared.pathSecrets[0]!.expose());
        },
        secrets: (s) => ({ ...s, pathSecret: at === "none" ? undefined : { pathSecret: found } }),
      });
      const joining = StagedWelcome.fromWelcome(dave.provider, message);
      await (works
        ? expect(joining).resolves.toBeDefined()
        : expect(joining).rejects.toThrow(mlsError(V, "rfc106")));
    }
  });

  it("valn1403: the id of a group that this client is in; the own one, or another of the same id", async () => {
    const all = await world();
    const { bob, mallory } = all;
    const before = recordsOf(bob);
    const exists = mlsError("ERR_MLS_GROUP_EXISTS", "valn1403");
    const { fields } = await keyPackageOf(bob);
    const withKeys = recordsOf(bob);
    const { message } = await forgeWelcome(await insideOf(mallory), mallory.signer, [fields]);
    await expect(StagedWelcome.fromWelcome(bob.provider, message)).rejects.toThrow(exists);
    const stranger = await newcomer("stranger");
    const twin = await MlsGroup.builder()
      .groupId(bob.group.groupId)
      .build(stranger.provider, stranger.signer, stranger.credentialWithKey);
    await twin.addMembers(stranger.signer, [
      await KeyPackage.builder().build(1, bob.provider, bob.signer, bob.credentialWithKey),
    ]);
    const { welcome } = await twin.mergePendingCommit();
    await expect(StagedWelcome.fromWelcome(bob.provider, welcome!)).rejects.toThrow(exists);
    expect(withKeys.length).toBeGreaterThan(before.length);
    expect(bob.group.epoch).toBe(1n);
    await expectAlive(all, bob);
  });

  it("valn1403: with the explicit option the new group takes the old one's place, whose handle finds out", async () => {
    const { bob, mallory } = await newWorld();
    const twin = await MlsGroup.builder()
      .groupId(bob.group.groupId)
      .build((await newcomer("m")).provider, mallory.signer, mallory.credentialWithKey);
    const add = async (): Promise<Uint8Array> => {
      await twin.addMembers(mallory.signer, [await keyPackageOf(bob)]);
      return (await twin.mergePendingCommit()).welcome!;
    };
    const options = { replaceOldGroup: true };
    const back = StagedWelcome.fromWelcome(bob.provider, await add(), options);
    await expect(back).rejects.toThrow(mlsError("ERR_MLS_GROUP_EXISTS", "rfc65")); // to epoch 1, which Bob has reached
    await twin.removeMembers(mallory.signer, [1]);
    await twin.mergePendingCommit();
    const welcome = await add();
    const staged = await StagedWelcome.fromWelcome(bob.provider, welcome, options);
    const replaced = await staged.intoGroup();
    expect(replaced.epochAuthenticator).toEqual(twin.epochAuthenticator);
    await expect(bob.group.createMessage(bob.signer, utf8("?"))).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_CONFLICT"),
    );
    const loaded = await MlsGroup.load(bob.provider, twin.groupId);
    expect(loaded!.members()).toHaveLength(2);
    const message = await twin.createMessage(mallory.signer, utf8("hello"));
    expect(await loaded!.processMessage(message)).toMatchObject({ data: utf8("hello") });
  });

  it("rfc112: a stored tree of another epoch is not loaded", async () => {
    const { alice, bob } = await newWorld();
    const isTree = ({ key }: { key: { table: string } }): boolean => key.table === "tree_node";
    const old = bob.storage.entries().filter(isTree);
    await follow(bob.group, (await alice.group.selfUpdate(alice.signer)).commit);
    await bob.storage.write({ puts: old });
    await expect(MlsGroup.load(bob.provider, bob.group.groupId)).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE_FORMAT", "rfc112"),
    );
  });

  it("rfc71 trap56: a KeyPackage serves once, unless it is a last resort", async () => {
    const { mallory } = await world();
    for (const lastResort of [false, true]) {
      const dave = await newcomer("dave");
      const builder = lastResort ? KeyPackage.builder().markAsLastResort() : KeyPackage.builder();
      const { fields } = await builder.build(1, dave.provider, dave.signer, dave.credentialWithKey);
      const state = await insideOf(mallory);
      const first = await forgeWelcome(state, mallory.signer, [fields]);
      const second = await forgeWelcome(state, mallory.signer, [fields]);
      const group = await joinFrom(dave, first.message);
      await group.delete();
      const again = StagedWelcome.fromWelcome(dave.provider, second.message);
      await (lastResort
        ? expect(again).resolves.toBeDefined()
        : expect(again).rejects.toThrow(mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "rfc103")));
    }
  });

  it("rfc71: of two staged joins with one KeyPackage only one is carried out", async () => {
    const { mallory } = await world();
    const dave = await newcomer("dave");
    const group = await createGroup(mallory);
    await group.addMembers(mallory.signer, [await keyPackageOf(dave)]);
    const { welcome } = await group.mergePendingCommit();
    const both = await Promise.all(
      [1, 2].map(async () => StagedWelcome.fromWelcome(dave.provider, welcome!)),
    );
    await both[0]!.intoGroup();
    await expect(both[1]!.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_GROUP_EXISTS", "valn1403"));
    await group.delete();
  });

  it("trap25: a Welcome's GroupInfo has no external_pub unless asked for", async () => {
    const { alice } = await newWorld();
    const dave = await newcomer("dave");
    await alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
    const { welcome, groupInfo } = await alice.group.mergePendingCommit();
    expect(groupInfo).toBeUndefined();
    const message = decodeMlsMessage(welcome!);
    if (message.wireFormat !== WireFormat.mlsWelcome) throw new Error("no Welcome");
    const [entry] = message.welcome.secrets;
    const keys = await loadKeyPackage(dave.storage, entry!.newMember);
    const { suite } = (await insideOf(alice)).env;
    const opened = await decryptWithLabel(
      suite,
      keys!.initPrivateKey,
      "Welcome",
      message.welcome.encryptedGroupInfo,
      entry!.encryptedGroupSecrets,
    );
    expect(decode(groupSecrets, opened).psks).toHaveLength(0);
    await joinFrom(dave, welcome);
    const external = await MlsGroup.joinByExternalCommit(dave.provider, dave.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer, { externalPub: false }),
      credentialWithKey: dave.credentialWithKey,
    }).catch((error: unknown) => error);
    expect(external).toMatchObject({ code: "ERR_MLS_VALIDATION", rule: "rfc108" });
  });

  it("rfc98: a Welcome with one entry dropped; the others still join", async () => {
    const { alice } = await newWorld();
    const clients = await Promise.all(["d", "e", "f"].map(async (name) => newcomer(name)));
    await alice.group.addMembers(alice.signer, await Promise.all(clients.map(keyPackageOf)));
    const { welcome } = await alice.group.mergePendingCommit();
    const message = decodeMlsMessage(welcome!);
    if (message.wireFormat !== WireFormat.mlsWelcome) throw new Error("no Welcome");
    const less = { ...message.welcome, secrets: message.welcome.secrets.slice(1) };
    const bytes = encodeMlsMessage({ wireFormat: WireFormat.mlsWelcome, welcome: less });
    await expect(StagedWelcome.fromWelcome(clients[0]!.provider, bytes)).rejects.toThrow(
      mlsError("ERR_MLS_NO_MATCHING_KEY_PACKAGE", "rfc103"),
    );
    for (const joiner of clients.slice(1)) {
      expect((await joinFrom(joiner, bytes)).epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    }
  });
});
