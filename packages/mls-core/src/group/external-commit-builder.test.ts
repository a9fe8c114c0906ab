import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, PskType, storeExternalPsk } from "../index.ts";
import { cast, CRYPTO } from "../testing/cast.ts";
import { client } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const node = CRYPTO[0]![1];

describe.each(CRYPTO)("an external commit, looked at first (%s)", (_, crypto) => {
  it("shows the group, then joins with a tree from elsewhere, a PSK and authenticated data", async () => {
    const [alice, bob] = await cast(crypto, ["alice", "bob"]);
    const dave = await client("dave", crypto);
    for (const { storage } of [alice!, bob!, dave]) {
      await storeExternalPsk(storage, utf8("shared"), utf8("secret"));
    }
    const group = await alice!.group();
    const info = await group.exportGroupInfo(alice!.signer, {
      ratchetTree: false,
      extensions: [{ extensionType: 0xf0a7, extensionData: utf8("see you") }],
    });
    await expect(MlsGroup.externalCommitBuilder(dave.provider, info)).rejects.toThrow(
      mlsError("ERR_MLS_MISSING_RATCHET_TREE", "rfc107"),
    );
    const builder = await MlsGroup.externalCommitBuilder(dave.provider, info, group.exportRatchetTree());
    expect(await MlsGroup.pendingExternalJoin(dave.provider, group.groupId)).toBeUndefined();
    expect(builder.groupContext).toEqual(group.groupContext);
    expect(builder.members()).toEqual(group.members());
    expect(builder.leafNode(builder.sender)).toEqual(group.ownLeafNode);
    expect(builder.groupInfoExtensions).toContainEqual({
      extensionType: 0xf0a7,
      extensionData: utf8("see you"),
    });
    const note = { key: { table: "app", owner: utf8("a"), id: utf8("b") }, value: utf8("c") };
    await builder
      .config({ paddingSize: 32 })
      .leafNodeParameters({ capabilities: { extensions: [0xf0a7] } })
      .injectPsks({ pskType: PskType.external, pskId: utf8("shared") })
      .authenticatedData(utf8("hello"))
      .alsoWrite(() => ({ puts: [note] }))
      .build(dave.signer, dave.credentialWithKey);
    expect(await dave.storage.get(note.key)).toEqual(note.value);
    const join = await MlsGroup.pendingExternalJoin(dave.provider, group.groupId);
    const processed = await bob!.hear(join!.commit);
    expect(processed).toMatchObject({ kind: "commit", authenticatedData: utf8("hello") });
    await alice!.hear(join!.commit);
    await join!.intoGroup();
    const daves = await MlsGroup.load(dave.provider, group.groupId);
    expect(daves!.epochAuthenticator).toEqual((await bob!.group()).epochAuthenticator);
    expect(daves!.config.paddingSize).toBe(32);
    expect(daves!.ownLeafNode.capabilities.extensions).toContain(0xf0a7);
  });

  it("takes the place of the leaf that the stored group has, also with a new key", async () => {
    const [alice, bob] = await cast(crypto, ["alice", "bob"]);
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
    const info = await (await alice!.group()).exportGroupInfo(alice!.signer);
    const builder = await MlsGroup.externalCommitBuilder(bob!.provider, info);
    const { credential } = bob!.credentialWithKey;
    await builder.build(signer, { credential, signatureKey: signer.publicKey });
    const join = await MlsGroup.pendingExternalJoin(bob!.provider, builder.groupContext.groupId);
    await alice!.hear(join!.commit);
    const back = await join!.intoGroup();
    expect(back.members()).toHaveLength(2);
    expect(back.ownLeafNode.signatureKey).toEqual(signer.publicKey);
    expect((await alice!.group()).epochAuthenticator).toEqual(back.epochAuthenticator);
  });
});

describe("the builder of external commits", () => {
  it("names who is to go by credential, and nobody by one that is not there", async () => {
    const [alice, bob] = await cast(node, ["alice", "bob"]);
    const elsewhere = await client("bob", node); // the same person, with nothing of the old device
    const info = await (await alice!.group()).exportGroupInfo(alice!.signer);
    const builder = await MlsGroup.externalCommitBuilder(elsewhere.provider, info);
    const { credential } = (await client("nobody", node)).credentialWithKey;
    expect(() => builder.resync(credential)).toThrow(mlsError("ERR_MLS_USAGE"));
    const join = await builder
      .resync(bob!.credentialWithKey.credential)
      .build(elsewhere.signer, elsewhere.credentialWithKey);
    await alice!.hear(join.commit);
    expect((await alice!.group()).members()).toHaveLength(2);
  });

  it("stores nothing of what it refuses", async () => {
    const [alice] = await cast(node, ["alice", "bob"]);
    const dave = await client("dave", node);
    const group = await alice!.group();
    const closed = await group.exportGroupInfo(alice!.signer, { externalPub: false });
    for (const wrong of [undefined, "x", await group.createMessage(alice!.signer, utf8("hi"))]) {
      await expect(MlsGroup.externalCommitBuilder(dave.provider, wrong as never)).rejects.toThrow(
        mlsError("ERR_MLS_USAGE"),
      );
    }
    const shut = await MlsGroup.externalCommitBuilder(dave.provider, closed);
    await expect(shut.build(dave.signer, dave.credentialWithKey)).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "rfc108"),
    );
    const open = await MlsGroup.externalCommitBuilder(
      dave.provider,
      await group.exportGroupInfo(alice!.signer),
    );
    const missing = { pskType: PskType.external, pskId: utf8("nowhere") };
    await expect(open.injectPsks(missing).build(dave.signer, dave.credentialWithKey)).rejects.toThrow(
      mlsError("ERR_MLS_MISSING_PSK"),
    );
    await expect(open.build(dave.signer, undefined as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    expect(dave.storage.entries()).toEqual([]);
  });
});
