import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, proposeAsExternalSender, StagedWelcome } from "../index.ts";
import { client, follow, keyPackageOf } from "../testing/client.ts";
import { spoil, stage } from "../testing/stage.ts";
import { newcomer, newWorld } from "../testing/world.ts";

const crypto = nodeCrypto();

/** Bytes as most Node.js programs have them: a view on memory that is used again. */
function pooled(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

describe("bytes of the application", () => {
  it("may be used for something else once a call is over, also as a Buffer", async () => {
    const { alice, bob, charlie, mallory } = await newWorld();
    const dave = await newcomer("dave");
    const add = pooled(
      (await bob.group.propose(bob.signer, proposals.add(await keyPackageOf(dave)))).message,
    );
    const copy = add.toString("hex");
    await charlie.group.processMessage(pooled(add));
    await mallory.group.processMessage(pooled(add));
    await alice.group.processMessage(add);
    expect(add.toString("hex")).toBe(copy);
    add.fill(0);
    const made = await alice.group.commitToPendingProposals(alice.signer);
    const commit = pooled(made.commit);
    const processed = await charlie.group.processMessage(commit);
    commit.fill(0);
    if (processed.kind !== "commit") {
      throw new Error("no commit");
    }
    await charlie.group.mergeStagedCommit(processed.stagedCommit);
    await follow(bob.group, made.commit);
    const { welcome } = await alice.group.mergePendingCommit();
    const bytes = pooled(welcome!);
    const staged = await StagedWelcome.fromWelcome(dave.provider, bytes);
    bytes.fill(0);
    const d = await staged.intoGroup();
    for (const group of [bob.group, charlie.group, d]) {
      expect(group.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
      expect(group.exportRatchetTree()).toEqual(alice.group.exportRatchetTree());
    }
    const { commit: next } = await charlie.group.selfUpdate(charlie.signer);
    await follow(d, next);
  });

  it("do not stay those of a group that was made of them", async () => {
    const alice = await client("alice", crypto);
    const identity = pooled(utf8("alice"));
    const groupId = pooled(utf8("a group"));
    const extensions = [{ extensionType: 0xff01, extensionData: pooled(utf8("data")) }];
    const capabilities = {
      versions: [1],
      cipherSuites: [1],
      extensions: [0xff01],
      proposals: [],
      credentials: [1],
    };
    const credential = { credentialType: 1, identity } as const;
    const group = await MlsGroup.create(
      alice.provider,
      alice.signer,
      { credential, signatureKey: alice.signer.publicKey },
      { cipherSuite: 1, groupId, extensions, capabilities },
    );
    identity.fill(0);
    groupId.fill(0);
    extensions[0]!.extensionData.fill(0);
    capabilities.extensions.length = 0;
    const loaded = await MlsGroup.load(alice.provider, utf8("a group"));
    expect(group.groupContext).toEqual(loaded!.groupContext);
    expect(group.ownLeafNode).toEqual(loaded!.ownLeafNode);
    expect(group.exportRatchetTree()).toEqual(loaded!.exportRatchetTree());
    const changed = [{ extensionType: 0xff01, extensionData: utf8("other") }];
    await group.commitBuilder().groupContextExtensions(changed).build(alice.signer);
    changed[0]!.extensionData.fill(0);
    await group.mergePendingCommit();
    expect(group.extensions[0]?.extensionData).toEqual(utf8("other"));
  });

  it("that a group hands out are not its own", async () => {
    const { alice, bob } = await newWorld();
    const { group } = alice;
    const sent = await bob.group.propose(bob.signer, proposals.remove(2));
    const received = await group.processMessage(sent.message);
    const spoil = (value: unknown): void => {
      if (value instanceof Uint8Array) {
        value.fill(0xee);
      } else if (typeof value === "object" && value !== null) {
        for (const [key, inner] of Object.entries(value)) {
          spoil(inner);
          if (typeof inner === "number") {
            (value as Record<string, unknown>)[key] = 77;
          }
        }
      }
    };
    const look = (): string =>
      JSON.stringify(
        [group.groupContext, group.extensions, group.ownLeafNode, group.members(), group.pendingProposals],
        (_, value: unknown) =>
          value instanceof Uint8Array ? bytesToHex(value) : typeof value === "bigint" ? String(value) : value,
      );
    const before = look();
    spoil(group.groupContext);
    spoil(group.extensions);
    spoil(group.ownLeafNode);
    spoil(group.leafNode(1));
    spoil(group.members());
    spoil(group.pendingProposals);
    spoil(received);
    expect(look()).toBe(before);
    const { commit, summary } = await group.commitToPendingProposals(alice.signer);
    spoil(summary);
    spoil(group.pendingCommit);
    await follow(bob.group, commit);
    await group.mergePendingCommit();
    expect(group.exportRatchetTree()).toEqual(bob.group.exportRatchetTree());
  });
});

describe("what a group was given or handed out, changed later", () => {
  it("its configuration, what it processed and what is staged stay as they were", async () => {
    const { a, b, alice, bob } = await stage();
    const chosen: { paddingSize: number } = { paddingSize: 64 };
    await a.setConfig(chosen);
    chosen.paddingSize = 7;
    expect(a.config.paddingSize).toBe(64);
    expect(() => ((a.config as { paddingSize: number }).paddingSize = 5)).toThrow(TypeError);
    const { commit } = await b.selfUpdate(bob.signer);
    const processed = await a.processMessage(commit);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    spoil(processed.stagedCommit.summary);
    expect(() => ((processed.stagedCommit.summary as { epoch: bigint }).epoch = 9n)).toThrow(TypeError);
    await a.mergeStagedCommit(processed.stagedCommit);
    await b.mergePendingCommit();
    expect(a.exportRatchetTree()).toEqual(b.exportRatchetTree());
    expect((await MlsGroup.load(alice.provider, a.groupId))!.exportRatchetTree()).toEqual(
      b.exportRatchetTree(),
    );
  });

  it("a proposal from outside is kept as it was signed, whatever becomes of the object", async () => {
    const { a, b, alice, bob } = await stage();
    const target = { cipherSuite: 1, epoch: 1n, groupId: a.groupId };
    const message = await proposeAsExternalSender(
      bob.provider,
      bob.signer,
      target,
      0,
      proposals.groupContextExtensions(a.extensions),
    );
    const processed = await a.processMessage(message);
    if (processed.kind !== "proposal") throw new Error(processed.kind);
    const altered = {
      ...processed,
      proposal: { ...processed.proposal, proposal: { proposalType: 3, removed: 1 } as const },
    };
    await a.storePendingProposal(altered);
    expect(a.pendingProposals.map(({ proposal }) => proposal.proposalType)).toEqual([7]);
    const seen = await b.processMessage(message);
    if (seen.kind !== "proposal") throw new Error(seen.kind);
    await b.storePendingProposal(seen.proposal.reference);
    const { commit } = await a.commitToPendingProposals(alice.signer);
    expect(await b.processMessage(commit)).toMatchObject({ kind: "commit" });
  });
});
