import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { beforeEach, describe, expect, it } from "vitest";
import { MlsGroup, proposals, StagedWelcome } from "../index.ts";
import { openPrivate } from "../protection/private-protection.ts";
import { openSenderData } from "../protection/sender-data.ts";
import { WireFormat } from "../registry.ts";
import { parseId } from "../secret-tree/record-format.ts";
import { type Client, client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { forgeProposal } from "../testing/forge.ts";
import { handleOf } from "../testing/inside.ts";
import { observedCrypto } from "../testing/observed-crypto.ts";
import { privateOf } from "../testing/private-messages.ts";
import { isLeft, recordingSuite, type Recorded } from "../testing/recording-suite.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, newWorld } from "../testing/world.ts";

const base = nodeCrypto();
const text = utf8("hello");

/** Records of ended epochs that hold message keys: what each is for. */
function pastKeys({ storage }: Client, group: MlsGroup): string[] {
  return storage
    .entries()
    .filter(({ key }) => key.table === "message_key")
    .map(({ key }) => ({
      epoch: BigInt(`0x${bytesToHex(key.id.subarray(0, 8))}`),
      id: parseId(key.id.subarray(8)),
    }))
    .filter(({ epoch }) => epoch < group.epoch)
    .map(({ id }) => (id.sort === "node" ? "node" : `${id.sort} ${id.kind} of ${id.leaf}`));
}

describe("an ended epoch (rfc66)", () => {
  it("keeps what opens late application messages of others, and nothing else", async () => {
    const config = { maxPastEpochs: 3, handshake: "private" } as const;
    const { alice, bob, charlie, mallory } = await newWorld({ config });
    const all = [alice, bob, charlie, mallory];
    const late: Uint8Array[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      const early = await charlie.group.createMessage(charlie.signer, text);
      late.push(await charlie.group.createMessage(charlie.signer, text));
      for (const { group } of [alice, bob]) {
        await group.processMessage(early);
      }
      const own = await bob.group.createMessage(bob.signer, text);
      await alice.group.processMessage(own);
      const update = await mallory.group.propose(mallory.signer, proposals.update());
      for (const { group } of [alice, bob, charlie]) {
        await group.processMessage(update.message);
      }
      const { commit } = await alice.group.commitToPendingProposals(alice.signer);
      await alice.group.mergePendingCommit();
      const before = await insideOf(bob);
      for (const { group } of all.slice(1)) {
        await follow(group, commit);
      }
      // Neither the store nor what was in memory opens the commit, or the proposal, again.
      const after = await insideOf(bob);
      const past = after.past.at(-1)!;
      for (const message of [commit, update.message]) {
        const sealed = privateOf(message);
        const data = await openSenderData(after.env.suite, past.senderDataSecret, sealed);
        const open = async (): Promise<unknown> => {
          const { key, nonce } = past.secretTree.peek(data.leafIndex, "handshake", data.generation);
          return openPrivate(after.env.suite, sealed, data, key, nonce, after.env.reading);
        };
        await expect(open()).rejects.toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
      }
      expect(before.epoch.groupContext.epoch + 1n).toBe(after.epoch.groupContext.epoch);
    }
    const kept = pastKeys(bob, bob.group);
    expect(kept.filter((what) => what !== "node" && !what.includes("application"))).toEqual([]);
    expect(kept.filter((what) => what.endsWith(`of ${bob.group.ownLeafIndex}`))).toEqual([]);
    expect(pastKeys(alice, alice.group).filter((what) => what.endsWith("of 0"))).toEqual([]);
    for (const { group, storage } of [alice, bob]) {
      const owner = all.find((player) => player.storage === storage)!;
      const loaded = await MlsGroup.load(owner.provider, group.groupId);
      for (const message of late) {
        expect(await loaded!.processMessage(message)).toMatchObject({ kind: "application", data: text });
        await expect(loaded!.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
      }
    }
  });

  it("of which nobody spoke keeps no root from which its used keys could be derived again", async () => {
    const { alice, bob } = await newWorld({ config: { maxPastEpochs: 2, handshake: "private" } });
    const late = await alice.group.createMessage(alice.signer, text);
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    await follow(bob.group, commit);
    const roots = bob.storage
      .entries()
      .filter(({ key }) => key.table === "message_key" && key.id.length > 8)
      .map(({ key }) => ({
        past: BigInt(`0x${bytesToHex(key.id.subarray(0, 8))}`) < bob.group.epoch,
        id: parseId(key.id.subarray(8)),
      }))
      .filter(({ past, id }) => past && id.sort === "node" && "nodeIndex" in id && id.nodeIndex === 3);
    expect(roots).toEqual([]);
    expect(await bob.group.processMessage(late)).toMatchObject({ data: text });
  });
});

describe("the key of a message that proved genuine (rfc66)", () => {
  it("is used up, in memory and in the store, also where the message says what cannot be taken", async () => {
    const { bob, mallory } = await newWorld({ config: { handshake: "private" } });
    const externalInit = { proposalType: 6, kemOutput: new Uint8Array(32) } as const;
    const { message } = await forgeProposal(await insideOf(mallory), mallory.signer, externalInit, {
      wireFormat: WireFormat.mlsPrivateMessage,
    });
    await expect(bob.group.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc83"));
    expect(bob.group.knownProposals).toEqual([]);
    const loaded = await MlsGroup.load(bob.provider, bob.group.groupId);
    for (const group of [bob.group, loaded!]) {
      await expect(group.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_SECRET_CONSUMED"));
    }
  });
});

describe("what is given up, or over, leaves no secret in memory (trap33)", () => {
  const recorded: Recorded[] = [];
  let crypto: CryptoProvider;
  let alice: Client;
  let bob: Client;
  let a: MlsGroup;

  beforeEach(async () => {
    const recording = recordingSuite(await base.cipherSuite(1));
    crypto = {
      name: "recording",
      supportedCipherSuites: async () => base.supportedCipherSuites(),
      cipherSuite: async () => recording.suite,
    };
    alice = await client("alice", base);
    bob = await client("bob", crypto);
    a = await createGroup(alice);
    recording.recorded.length = 0;
    watched = recording.recorded;
  });
  let watched: Recorded[] = recorded;

  /** Secrets that are left; nonces, ids, GREASE and plaintexts are none. */
  const left = (): string[] =>
    watched
      .filter(isLeft)
      .filter(({ from, bytes }) => !(from === "aeadOpen" || (from === "randomBytes" && bytes.length < 16)))
      .map(({ from }) => from);
  const forget = (): void => {
    watched.length = 0;
  };
  const join = async (): Promise<MlsGroup> => {
    await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
    return joinFrom(bob, (await a.mergePendingCommit()).welcome);
  };

  it("a KeyPackage that was built", async () => {
    await keyPackageOf(bob);
    expect(watched.length).toBeGreaterThan(4);
    expect(left()).toEqual([]);
  });

  it.each(["discard", "dispose"])("a Welcome that is dropped (%s)", async (how) => {
    await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const { welcome } = await a.mergePendingCommit();
    forget();
    const staged = await StagedWelcome.fromWelcome(bob.provider, welcome!);
    expect(left().length).toBeGreaterThan(5);
    if (how === "discard") staged.discard();
    else (staged as unknown as { [Symbol.dispose](): void })[Symbol.dispose]();
    expect(left()).toEqual([]);
    await expect(staged.intoGroup()).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    expect((await joinFrom(bob, welcome)).epoch).toBe(1n); // it can be opened again
  });

  it("a Welcome that fails", async () => {
    await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const { welcome } = await a.mergePendingCommit();
    forget();
    const provider = { ...bob.provider, credentialValidator: { validate: async () => false } };
    await expect(StagedWelcome.fromWelcome(provider, welcome!)).rejects.toThrow(
      mlsError("ERR_MLS_CREDENTIAL_REJECTED"),
    );
    expect(left()).toEqual([]);
  });

  it.each(["discard", "dispose"])("a received commit that is dropped (%s)", async (how) => {
    const b = await join();
    const { commit } = await a.selfUpdate(alice.signer);
    forget();
    const processed = await b.processMessage(commit);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    const { stagedCommit } = processed;
    expect(left().length).toBeGreaterThan(5);
    if (how === "discard") stagedCommit.discard();
    else (stagedCommit as unknown as { [Symbol.dispose](): void })[Symbol.dispose]();
    expect(left()).toEqual([]);
    await expect(b.mergeStagedCommit(stagedCommit)).rejects.toThrow(
      mlsError("ERR_MLS_STALE_COMMIT", "rfc122"),
    );
    await follow(b, commit);
    await a.mergePendingCommit();
    expect(b.epochAuthenticator).toEqual(a.epochAuthenticator);
  });

  it("a commit of ours that is cleared, or loses, its message keys included", async () => {
    const b = await join();
    const { commit } = await a.selfUpdate(alice.signer);
    for (const end of [async () => b.clearPendingCommit(), async () => follow(b, commit)]) {
      forget();
      await b.addMembers(bob.signer, [await keyPackageOf(await client("carol", base))]);
      const own = watched.slice();
      expect(left().length).toBeGreaterThan(5);
      await end();
      watched.splice(0, watched.length, ...own);
      expect(left()).toEqual([]);
    }
  });

  it("a commit of ours that cannot be made or stored", async () => {
    const b = await join();
    forget();
    const tooLong = { ...bob.provider, limits: { maxMessageSize: 700 } };
    const small = await MlsGroup.load(tooLong, b.groupId);
    const keyPackage = await keyPackageOf(await client("carol", base));
    forget();
    await expect(small!.addMembers(bob.signer, [keyPackage])).rejects.toThrow(mlsError("ERR_MLS_LIMIT"));
    expect(left()).toEqual([]);
  });

  it("a join from outside that is prepared, carried out, or given up", async () => {
    const options = {
      groupInfo: await a.exportGroupInfo(alice.signer),
      credentialWithKey: bob.credentialWithKey,
    };
    const staged = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, options);
    expect(left()).toEqual([]); // all of it is in the store
    await staged.discard();
    const again = await MlsGroup.joinByExternalCommit(bob.provider, bob.signer, options);
    const b = await again.intoGroup();
    await b.close();
    expect(left()).toEqual([]);
  });

  it("an epoch that ends, a group that is closed, deleted or left", async () => {
    const b = await join();
    expect(left().length).toBeGreaterThan(5);
    const first = watched.slice();
    const { commit } = await a.selfUpdate(alice.signer);
    await a.mergePendingCommit();
    await follow(b, commit);
    const second = watched.slice(first.length);
    watched.splice(0, watched.length, ...first);
    expect(left()).toEqual([]);
    watched.splice(0, watched.length, ...second);
    expect(left().length).toBeGreaterThan(5);
    await b.close();
    expect(left()).toEqual([]);
    const again = await MlsGroup.load(bob.provider, b.groupId);
    const handle = await handleOf({ ...bob, group: again! });
    const secret = handle.state.epoch.secrets.initSecret.expose();
    await handle.delete();
    expect(secret.every((byte) => byte === 0)).toBe(true);
    expect(handle.state.secretTree.all()).toEqual([]);
  });
});

describe("a commit that only adds, cleared and made again", () => {
  it.each([false, true])(
    "seals nothing different under one key and nonce (after a restart: %s)",
    async (restart) => {
      const sealed: string[] = [];
      const crypto = observedCrypto(base, {
        seal: (key, nonce) => sealed.push(`${bytesToHex(key)} ${bytesToHex(nonce)}`),
      });
      const alice = await client("alice", crypto);
      const bob = await client("bob", base);
      let a = await createGroup(alice);
      const keyPackage = await keyPackageOf(bob);
      for (let i = 0; i < 3; i++) {
        await a.commit().addMembers([keyPackage]).build(alice.signer);
        if (restart) a = (await MlsGroup.load(alice.provider, a.groupId))!;
        if (i < 2) await a.clearPendingCommit();
        if (restart) a = (await MlsGroup.load(alice.provider, a.groupId))!;
      }
      expect(sealed.length).toBeGreaterThanOrEqual(6);
      expect(new Set(sealed).size).toBe(sealed.length);
      const { welcome } = await a.mergePendingCommit();
      const b = await joinFrom(bob, welcome);
      expect(b.epochAuthenticator).toEqual(a.epochAuthenticator);
    },
  );
});
