import {
  externalSendersExtension,
  type Feature,
  KeyPackage,
  MlsGroup,
  proposals,
  proposeAsExternalSender,
  ProposalType,
  isProposal,
} from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import { keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { appData } from "./app-data.ts";
import { safeAad } from "./safe-aad.ts";
import { begin, company, expectTogether, outsider, restart, service, spread } from "./testing/company.ts";
import { expectAllRefuse, forged, forgedCommit } from "./testing/hostile.ts";
import { providers } from "./testing/providers.ts";

const [ROUTING, TRACE] = [0x8001, 0x8002];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const feature = safeAad({ components: [ROUTING, TRACE], required: [ROUTING] });
const features: readonly Feature[] = [feature];
const items = [
  { componentId: ROUTING, data: bytes(1) },
  { componentId: TRACE, data: bytes(2, 3) },
];
const aad = feature.encode([...items].reverse());
const D = "ERR_MLS_DECODE";

describe.each(providers())("Safe AAD with %s", (_, crypto) => {
  it.each(["public", "private"] as const)(
    "XQ-01 XQ-02: frames messages, proposals and commits (handshakes %s)",
    async (handshake) => {
      const options = { crypto, features, config: { handshake } };
      const { alice, bob } = await company(["alice", "bob"], options);
      const receivers = handshake === "public" ? [await service(alice, options)] : [];
      await restart(alice, bob);
      expect(feature.isActive(bob.group.groupContext)).toBe(true);
      const read = (processed: unknown): unknown =>
        feature.decode((processed as { readonly authenticatedData: Uint8Array }).authenticatedData);
      const message = await alice.group.createMessage(alice.signer, bytes(1), { authenticatedData: aad });
      expect(read(await bob.group.processMessage(message))).toEqual(items);
      const silent = await alice.group.createMessage(alice.signer, bytes(1));
      expect(read(await bob.group.processMessage(silent))).toEqual([]);

      const wish = await bob.group.propose(bob.signer, proposals.update(), { authenticatedData: aad });
      for (const group of [alice.group, ...receivers]) {
        expect(read(await group.processMessage(wish.message))).toEqual(items);
      }
      const { commit } = await alice.group.commit().authenticatedData(aad).build(alice.signer);
      await restart(bob);
      for (const group of [bob.group, ...receivers]) {
        const processed = await group.processMessage(commit);
        if (processed.kind !== "commit") throw new Error(processed.kind);
        expect(read(processed)).toEqual(items);
        processed.stagedCommit.discard();
      }
      await alice.group.mergePendingCommit();
      await begin(commit, bob, ...receivers);
      const next = await bob.group.selfUpdate(bob.signer); // says nothing: the library writes the empty list
      await bob.group.mergePendingCommit();
      await begin(next.commit, alice, ...receivers);
      await expectTogether(alice, bob);
    },
  );

  it("XQ-02: frames what comes from outside: joins by commit and proposals of external senders", async () => {
    const options = { crypto, features };
    const outside = await outsider("outside", options);
    const { alice, bob } = await company(["alice", "bob"], options);
    const list = [...alice.group.extensions, externalSendersExtension([outside.credentialWithKey])];
    const first = await alice.group.commit().groupContextExtensions(list).build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(first.commit, bob);
    const { groupId, epoch } = alice.group;
    const observer = await service(alice, options);
    const propose = async (authenticatedData?: Uint8Array): Promise<Uint8Array> => {
      const target = {
        cipherSuite: 1,
        groupId,
        epoch,
        ...(authenticatedData === undefined ? {} : { authenticatedData }),
      };
      return proposeAsExternalSender(outside.provider, outside.signer, target, 0, proposals.remove(1));
    };
    expect(await alice.group.processMessage(await propose(aad))).toMatchObject({ authenticatedData: aad });
    await expectAllRefuse(await propose(), [alice, bob, observer], D);

    for (const authenticatedData of [undefined, aad]) {
      const carol = await outsider("carol", options);
      const join = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
        groupInfo: await alice.group.exportGroupInfo(alice.signer),
        credentialWithKey: carol.credentialWithKey,
        ...(authenticatedData === undefined ? {} : { authenticatedData }),
      });
      await begin(join.commit, alice, bob, observer);
      await expectTogether({ ...carol, group: await join.intoGroup() }, alice);
    }
  });
});

describe("Safe AAD", () => {
  it.each([
    ["malformed", bytes(1, 2), undefined],
    ["with octets after it", bytes(0, 7), undefined],
    ["descending", bytes(6, 0x80, 2, 0, 0x80, 1, 0), "xq01"],
    ["of one component twice", bytes(6, 0x80, 1, 0, 0x80, 1, 0), "xq01"],
  ])("XQ-01 XQ-03: %s is not sent and not taken", async (_, wrong, rule) => {
    const { alice, bob } = await company(["alice", "bob"], { features });
    const observer = await service(alice, { features });
    const refused = rule === undefined ? mlsError(D) : mlsError(D, rule);
    const options = { authenticatedData: wrong };
    await expect(alice.group.createMessage(alice.signer, bytes(1), options)).rejects.toThrow(refused);
    await expect(alice.group.propose(alice.signer, proposals.update(), options)).rejects.toThrow(refused);
    await expect(alice.group.commit().authenticatedData(wrong).build(alice.signer)).rejects.toThrow(refused);
    await expect(
      MlsGroup.joinByExternalCommit(alice.provider, alice.signer, {
        groupInfo: await alice.group.exportGroupInfo(alice.signer),
        credentialWithKey: alice.credentialWithKey,
        authenticatedData: wrong,
      }),
    ).rejects.toThrow(refused);
    const edit = { editContent: <C>(content: C): C => ({ ...content, authenticatedData: wrong }) };
    const { message } = await forged(alice, { proposalType: 3, removed: 1 } as never, edit);
    await expectAllRefuse(message, [bob, observer], D, rule);
    const commit = await forgedCommit(alice, edit);
    await expectAllRefuse(commit, [bob, observer], D, rule);
  });

  it("XQ-04: the epoch of a message decides, also of one that comes late", async () => {
    const plain = safeAad({ components: [ROUTING] });
    const data = appData({ components: [{ id: 2, update: (_, [list]) => list }] });
    const { alice, bob } = await company(["alice", "bob"], {
      features: [plain, data],
      config: { maxPastEpochs: 2 },
    });
    const late = await alice.group.createMessage(alice.signer, bytes(1), { authenticatedData: bytes(9, 9) });
    const turnOn = data.update(2, bytes(0));
    const free = { authenticatedData: bytes(7, 7) };
    const { commit } = await alice.group
      .commit()
      .propose(turnOn)
      .authenticatedData(free.authenticatedData)
      .build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(commit, bob); // which is not framed itself
    expect(await bob.group.processMessage(late)).toMatchObject({ authenticatedData: bytes(9, 9) });
    await expect(alice.group.createMessage(alice.signer, bytes(1), free)).rejects.toThrow(mlsError(D));
    const framed = await alice.group.createMessage(alice.signer, bytes(1));
    const { commit: off } = await alice.group.commit().propose(data.remove(2)).build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(off, bob);
    expect(await bob.group.processMessage(framed)).toMatchObject({ authenticatedData: bytes(0) });
    await alice.group.createMessage(alice.signer, bytes(1), free);
  });

  it("XQ-05: leaves list what they support; a newcomer without what is required is not added", async () => {
    const { alice } = await company(["alice", "bob"], { features });
    const dave = await outsider("dave", { features: [safeAad({ components: [TRACE] })] });
    const keyPackage = await KeyPackage.builder()
      .grease(false)
      .build(1, dave.provider, dave.signer, dave.credentialWithKey);
    const data = appData({ components: [] });
    expect(data.dataIn(keyPackage.leafNode.extensions, 2)).toEqual(bytes(2, 0x80, 2));
    expect(data.dataIn(alice.group.extensions, 2)).toEqual(bytes(2, 0x80, 1));
    const refused = mlsError("ERR_MLS_VALIDATION", "xq05");
    await expect(alice.group.addMembers(alice.signer, [keyPackage])).rejects.toThrow(refused);
    const merry = await outsider("merry", { features });
    const wish = await alice.group.propose(alice.signer, proposals.add(await keyPackageOf(merry)));
    expect(wish.reference).toHaveLength(32);
    const { summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.proposals.every(({ proposal }) => isProposal(proposal, ProposalType.add))).toBe(true);
  });

  it("XQ-02: is understood by who lists the dictionary for another feature's sake", async () => {
    const others = [appData({ components: [] })];
    const lenient = [safeAad({ required: [] })];
    const { alice, bob } = await company(["alice", "bob"], {
      features: lenient,
      featuresOf: { bob: others },
    });
    await expectTogether(alice, bob);
    const wish = await bob.group.propose(bob.signer, proposals.update());
    await spread(wish.message, alice);
  });

  it("checks its options and arguments", () => {
    expect(() => safeAad({ components: [-1] })).toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => safeAad({ required: 7 as unknown as number[] })).toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => feature.encode([items[0]!, items[0]!])).toThrow(mlsError(D, "xq01"));
    expect(feature.encode([])).toEqual(bytes(0));
  });
});
