import { memoryStorage } from "@openmls-ts/storage-memory";
import { type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  customProposal,
  externalSendersExtension,
  MlsGroup,
  type ProcessedProposal,
  proposals,
  PublicGroup,
  storeExternalPsk,
} from "../index.ts";
import { type Actor, actor, CRYPTO } from "../testing/cast.ts";
import { acceptEveryone, type Client, client, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const note = customProposal(0xf0a9, { places: { externalSender: true } });

interface Scene {
  readonly alice: Actor;
  readonly bob: Actor;
  readonly server: Client;
  /** The observer, loaded from its store. */
  readonly seen: () => Promise<PublicGroup>;
}

/** Alice and Bob in a group that names the server as the second of its external senders; the server follows it. */
async function scene(crypto: CryptoProvider, overrides: Partial<Client["provider"]> = {}): Promise<Scene> {
  const features = [note];
  const make = async (name: string): Promise<Client> => client(name, crypto, 1, { features });
  const [alice, bob, plain] = [await make("alice"), await make("bob"), await make("server")];
  const server = { ...plain, provider: { ...plain.provider, ...overrides } };
  const config = { handshake: "public" } as const;
  const group = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
    cipherSuite: 1,
    config,
    extensions: [
      externalSendersExtension([(await make("another server")).credentialWithKey, server.credentialWithKey]),
    ],
  });
  await group.addMembers(alice.signer, [await keyPackageOf(bob)]);
  await joinFrom(bob, (await group.mergePendingCommit()).welcome, config);
  await PublicGroup.fromGroupInfo(server.provider, await group.exportGroupInfo(alice.signer));
  const id = (): Uint8Array => group.groupId;
  return {
    alice: actor(alice, id),
    bob: actor(bob, id),
    server,
    seen: async () => (await PublicGroup.load(server.provider, group.groupId))!,
  };
}

describe.each(CRYPTO)("an observer (%s)", (_, crypto) => {
  it("proposes what external senders may, and sees it committed", async () => {
    const { alice, bob, server, seen } = await scene(crypto);
    const dave = await client("dave", crypto, 1, { features: alice.provider.features ?? [] });
    for (const { storage } of [alice, bob, dave]) await storeExternalPsk(storage, utf8("p"), utf8("secret"));
    const drafts = [
      proposals.add(await keyPackageOf(dave)),
      proposals.externalPsk(utf8("p")),
      note.make(utf8("note")),
      proposals.remove(bob.credentialWithKey.credential),
    ];
    for (const draft of drafts) {
      const { message, reference } = await (await seen()).propose(server.signer, draft);
      for (const group of [await alice.group(), await bob.group(), await seen()]) {
        const processed = await group.processMessage(message);
        expect(processed).toMatchObject({ kind: "proposal", stored: false, proposal: { reference } });
        await group.storePendingProposal(processed as ProcessedProposal);
      }
    }
    const [, psk, custom, removal] = (await seen()).pendingProposals;
    expect((psk!.proposal as { psk: { pskNonce: Uint8Array } }).psk.pskNonce).toHaveLength(32);
    expect(custom).toMatchObject({ sender: { senderType: 2, senderIndex: 1 } });
    await (await alice.group()).removePendingProposal(removal!);
    expect(await (await seen()).removePendingProposal(removal!)).toBe(true);
    expect((await seen()).pendingProposals).toHaveLength(3);
    expect(await (await seen()).restorePendingProposal(removal!)).toBe(true);
    expect(await (await seen()).clearPendingProposals()).toBe(4);
    expect((await seen()).knownProposals).toHaveLength(4);
    const { commit, leftOut } = await (await alice.group()).commitToPendingProposals(alice.signer);
    expect(leftOut).toEqual([]);
    const { welcome } = await (await alice.group()).mergePendingCommit();
    await bob.hear(commit);
    await joinFrom(dave, welcome);
    const observer = await seen();
    const processed = await observer.processMessage(commit);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    await observer.mergeCommit(processed.stagedCommit);
    expect((await seen()).members()).toEqual((await bob.group()).members());
    expect((await seen()).members()).toHaveLength(3);
    expect((await seen()).confirmationTag).toEqual((await bob.group()).confirmationTag);
  });

  it("tells which key packages could be added now", async () => {
    const { alice, bob, seen } = await scene(crypto);
    const features = alice.provider.features ?? [];
    const dave = await client("dave", crypto, 1, { features });
    const keyPackage = await keyPackageOf(dave);
    for (const group of [await seen(), await bob.group()]) {
      const valid = await group.validateKeyPackageForAdd(keyPackage.toMessage());
      expect([valid.ref, valid.fields]).toEqual([keyPackage.ref, keyPackage.fields]);
      await expect(group.validateKeyPackageForAdd(await keyPackageOf(bob))).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION", "valn0306"),
      );
      const damaged = keyPackage.toMessage();
      damaged[damaged.length - 1]! ^= 1;
      await expect(group.validateKeyPackageForAdd(damaged)).rejects.toThrow(
        mlsError("ERR_MLS_INVALID_SIGNATURE", "valn0203"),
      );
      await expect(group.validateKeyPackageForAdd(undefined as never)).rejects.toThrow(
        mlsError("ERR_MLS_USAGE"),
      );
      expect(group.knownProposals).toEqual([]);
    }
  });
});

describe("an observer who proposes", () => {
  const node = CRYPTO[0]![1];

  it("is refused what members would refuse", async () => {
    const { alice, bob, server, seen } = await scene(node);
    const observer = await seen();
    const before = server.storage.entries();
    const propose = async (draft: unknown, signer = server.signer): Promise<unknown> =>
      observer.propose(signer, draft as never);
    await expect(propose(proposals.update())).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn1502"));
    await expect(propose(proposals.remove(7))).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn0701"));
    await expect(propose(proposals.add(await keyPackageOf(bob)))).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0306"),
    );
    await expect(propose(proposals.remove(1), alice.signer)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    await expect(propose(undefined)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    expect(server.storage.entries()).toEqual(before);
  });

  it("asks its validator about newcomers", async () => {
    const { alice, seen } = await scene(node, {
      credentialValidator: acceptEveryone,
      storage: memoryStorage(),
    });
    const dave = await keyPackageOf(
      await client("dave", node, 1, { features: alice.provider.features ?? [] }),
    );
    expect((await (await seen()).validateKeyPackageForAdd(dave)).ref).toEqual(dave.ref);
    const strict = await scene(node, {
      credentialValidator: {
        validate: async ({ identity }) => new TextDecoder().decode(identity) !== "dave",
      },
    });
    await expect((await strict.seen()).validateKeyPackageForAdd(dave)).rejects.toThrow(
      mlsError("ERR_MLS_CREDENTIAL_REJECTED", "valn0101"),
    );
  });
});
