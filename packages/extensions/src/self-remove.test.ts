import {
  defineProposal,
  empty,
  type Feature,
  externalSendersExtension,
  MlsGroup,
  MlsMessage,
  proposeAsExternalSender,
  proposals,
  PublicGroup,
} from "@openmls-ts/mls-core";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { selfRemove } from "./self-remove.ts";
import { follow, groupOf, type Person, person, reloaded } from "./testing/person.ts";

const features = [selfRemove()];

const people = async (...names: string[]): Promise<Person[]> =>
  Promise.all(names.map(async (name) => person(name, features)));

/** SelfRemove of somebody who keeps none of its rules. */
const careless = defineProposal<object>({
  type: 0x000a,
  name: "a SelfRemove",
  codec: empty,
  path: true,
  places: {
    value: true,
    reference: true,
    externalSender: true,
    externalValue: true,
    externalReference: true,
  },
});
const mallorys: Feature[] = [{ name: "self_remove", proposals: [careless] }];

const violated = (rule: string): object => expect.objectContaining({ rule }) as object;

describe("leaving by SelfRemove", () => {
  it.each(["private", "public"] as const)(
    "xs02 xs06 xs09 xs10: in a group with %s handshakes",
    async (handshake) => {
      const [alice, bob, carol] = await people("alice", "bob", "carol");
      const [a, b, c] = await groupOf([alice!, bob!, carol!], { handshake });
      const { message, reference } = await b!.leave(bob!.signer);
      expect(MlsMessage.read(message)).toMatchObject({ wireFormat: 1, contentType: 2 }); // xs02: a PublicMessage
      for (const group of [a!, c!]) {
        expect(await group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
      }
      // xs06: also in the commit of somebody who started again, whatever else it is about
      const again = await reloaded(alice!, a!);
      const { commit, summary } = await again.selfUpdate(alice!.signer);
      expect(summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
      await again.mergePendingCommit();
      expect(await follow(c!, commit)).toEqual({ selfRemoved: false, left: [1] });
      const gone = await reloaded(bob!, b!);
      expect(await follow(gone, commit)).toEqual({ selfRemoved: true, left: [1] });
      expect(await MlsGroup.load(bob!.provider, gone.groupId)).toBeUndefined();
      expect(c!.epochAuthenticator).toEqual(again.epochAuthenticator);
      expect(c!.members().map(({ leafIndex }) => leafIndex)).toEqual([0, 2]);
      expect(reference).toHaveLength(32);
    },
  );

  it("xs01: falls back to a Remove where a member does not list the type, who may not be sent one", async () => {
    const [alice, bob] = await people("alice", "bob");
    const carol = await person("carol", []);
    const [a, b] = await groupOf([alice!, bob!, carol]);
    const { message } = await b!.leave(bob!.signer);
    expect(await a!.processMessage(message)).toMatchObject({ proposal: { proposal: { proposalType: 3 } } });
    await expect(b!.propose(bob!.signer, careless.make({}))).rejects.toEqual(violated("valn0311"));
  });

  it("xs03: is asked for once in an epoch, also after a reload", async () => {
    const [alice, bob] = await people("alice", "bob");
    const [a, b] = await groupOf([alice!, bob!]);
    await b!.leave(bob!.signer);
    await expect(b!.leave(bob!.signer)).rejects.toEqual(violated("xs03"));
    const again = await reloaded(bob!, b!);
    await expect(again.leave(bob!.signer)).rejects.toEqual(violated("xs03"));
    await follow(again, (await a!.selfUpdate(alice!.signer)).commit);
    expect((await again.leave(bob!.signer)).reference).toHaveLength(32); // another epoch
  });

  it("xs07: is left out of the leaver's own commit, and refused in it", async () => {
    const [alice, bob] = await people("alice", "bob");
    const [a, b] = await groupOf([alice!, bob!]);
    const { message } = await b!.leave(bob!.signer);
    await a!.processMessage(message);
    const { leftOut } = await b!.selfUpdate(bob!.signer);
    expect(leftOut).toMatchObject([{ reason: { rule: "xs07" } }]);
    const mallory = await person("mallory", mallorys);
    const [x, m] = await groupOf([alice!, mallory]);
    const wish = await m!.propose(mallory.signer, careless.make({}));
    await expect(x!.processMessage(wish.message)).rejects.toEqual(violated("rfc22")); // in a private message
    const [y, n] = await groupOf([alice!, mallory], { handshake: "public" });
    const said = await n!.propose(mallory.signer, careless.make({}));
    await y!.processMessage(said.message);
    const { commit } = await n!.commitToPendingProposals(mallory.signer);
    await expect(y!.processMessage(commit)).rejects.toEqual(violated("xs07"));
  });
});

describe("a SelfRemove that is none", () => {
  it("xs05: by value, from both sides", async () => {
    const [alice] = await people("alice");
    const mallory = await person("mallory", mallorys);
    const [a, m] = await groupOf([alice!, mallory]);
    const inline = a!.commit().propose(careless.make({}));
    await expect(inline.build(alice!.signer)).rejects.toEqual(violated("valn0301"));
    const { commit } = await m!.commit().propose(careless.make({})).build(mallory.signer);
    await expect(a!.processMessage(commit)).rejects.toEqual(violated("valn0301"));
    const again = await reloaded(alice!, a!);
    await expect(again.processMessage(commit)).rejects.toEqual(violated("valn0301"));
  });

  it("xs04: from an external sender, from both sides", async () => {
    const [alice, honest] = await people("alice", "service");
    const service = await person("service", mallorys);
    const group = await MlsGroup.create(alice!.provider, alice!.signer, alice!.credentialWithKey, {
      cipherSuite: 1,
      extensions: [externalSendersExtension([service.credentialWithKey])],
    });
    const target = { cipherSuite: 1, groupId: group.groupId, epoch: group.epoch };
    const send = async (who: Person): Promise<Uint8Array> =>
      proposeAsExternalSender(who.provider, service.signer, target, 0, careless.make({}));
    await expect(send(honest!)).rejects.toEqual(violated("valn1502"));
    await expect(group.processMessage(await send(service))).rejects.toEqual(violated("valn1502"));
  });

  it("xs08: goes before a Remove and an Update of its leaf, which a receiver refuses beside it", async () => {
    const [alice, bob] = await people("alice", "bob");
    const mallory = await person("mallory", mallorys);
    const [a, b, m] = await groupOf([alice!, bob!, mallory], { handshake: "public" });
    const update = await b!.propose(bob!.signer, proposals.update());
    const removal = await a!.propose(alice!.signer, proposals.remove(1));
    const leaving = await b!.leave(bob!.signer);
    const all = [update, removal, leaving];
    for (const group of [a!, b!, m!]) {
      for (const { message } of all) await group.processMessage(message);
    }
    const { leftOut, summary } = await a!.commitToPendingProposals(alice!.signer);
    expect(leftOut.map(({ reason }) => reason.rule)).toEqual(["xs08", "xs08"]);
    expect(summary.removed).toMatchObject([{ leafIndex: 1, left: true }]);
    await a!.clearPendingCommit();
    for (const both of [
      [removal, leaving],
      [update, leaving],
    ]) {
      const taken = new Set(both.map(({ reference }) => reference.join()));
      const { commit } = await m!
        .commit()
        .includePendingProposals(({ reference }) => taken.has(reference!.join()))
        .build(mallory.signer);
      await expect(a!.processMessage(commit)).rejects.toEqual(violated("xs08"));
      await m!.clearPendingCommit();
    }
  });
});

describe("joining from outside while somebody leaves", () => {
  it("xs11 xs12 xs13 xs14: the newcomer names the proposal that the service hands out, and takes the leaf", async () => {
    const [alice, bob, dave, server] = await people("alice", "bob", "dave", "server");
    const [a, b] = await groupOf([alice!, bob!], { handshake: "public" });
    const watched = await PublicGroup.fromGroupInfo(
      server!.provider,
      await a!.exportGroupInfo(alice!.signer),
    );
    const leaving = await b!.leave(bob!.signer);
    await a!.processMessage(leaving.message);
    await watched.processMessage(leaving.message);
    const handedOut = watched.knownProposals.flatMap(({ message }) => message ?? []);
    expect(handedOut).toEqual([leaving.message]);
    const options = {
      groupInfo: await a!.exportGroupInfo(alice!.signer),
      credentialWithKey: dave!.credentialWithKey,
    };
    const join = await MlsGroup.joinByExternalCommit(dave!.provider, dave!.signer, {
      ...options,
      proposals: handedOut,
    });
    expect(await follow(a!, join.commit)).toEqual({ selfRemoved: false, left: [1] });
    expect(await follow(b!, join.commit)).toEqual({ selfRemoved: true, left: [1] });
    const seen = await watched.processMessage(join.commit);
    if (seen.kind !== "commit") throw new Error(seen.kind);
    await watched.mergeCommit(seen.stagedCommit);
    const d = await join.intoGroup();
    expect(d.ownLeafIndex).toBe(1); // xs13
    expect(d.epochAuthenticator).toEqual(a!.epochAuthenticator);
    expect(watched.groupContext).toEqual(a!.groupContext);
    const hello = await d.createMessage(dave!.signer, utf8("hello"));
    expect(await a!.processMessage(hello)).toMatchObject({ data: utf8("hello") });
  });

  it("xs11 xs12: no other proposal is named, and none that does not verify or is of another epoch", async () => {
    const [alice, bob, dave] = await people("alice", "bob", "dave");
    const [a, b] = await groupOf([alice!, bob!], { handshake: "public" });
    const removal = await a!.propose(alice!.signer, proposals.remove(1));
    const leaving = await b!.leave(bob!.signer);
    const { credentialWithKey, provider, signer } = dave!;
    const groupInfo = await a!.exportGroupInfo(alice!.signer);
    const join = async (message: Uint8Array, info = groupInfo): Promise<unknown> =>
      MlsGroup.joinByExternalCommit(provider, signer, {
        groupInfo: info,
        credentialWithKey,
        proposals: [message],
      });
    await expect(join(removal.message)).rejects.toEqual(violated("valn0406"));
    const forged = leaving.message.slice();
    forged[forged.length - 40]! ^= 1; // in the signature
    await expect(join(forged)).rejects.toMatchObject({ name: "MlsError" });
    await a!.clearPendingCommit();
    await a!.selfUpdate(alice!.signer);
    await a!.mergePendingCommit();
    await expect(join(leaving.message, await a!.exportGroupInfo(alice!.signer))).rejects.toEqual(
      violated("rfc35"),
    );
    expect(dave!.storage.entries()).toEqual([]);
  });
});

describe("the code point", () => {
  it("is chosen, and has to be one that is free", async () => {
    const types = [selfRemove({ type: 0xf003 })];
    const [alice, bob] = await Promise.all(["alice", "bob"].map(async (name) => person(name, types)));
    const [a, b] = await groupOf([alice!, bob!]);
    expect(b!.ownLeafNode.capabilities.proposals).toContain(0xf003);
    const { message } = await b!.leave(bob!.signer);
    expect(await a!.processMessage(message)).toMatchObject({
      proposal: { proposal: { proposalType: 0xf003 } },
    });
    for (const type of [3, 0x10000, 9.5, Number.NaN]) {
      expect(() => selfRemove({ type })).toThrow(expect.objectContaining({ code: "ERR_MLS_USAGE" }) as Error);
    }
  });
});
