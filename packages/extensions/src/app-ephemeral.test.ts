import {
  customExtension,
  externalSendersExtension,
  type Feature,
  MlsGroup,
  proposals,
  proposeAsExternalSender,
} from "@openmls-ts/mls-core";
import { concatBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { appAck, decodeAppAck, encodeAppAck, ReceivedMessages } from "./app-ack.ts";
import { appData } from "./app-data.ts";
import { appEphemeral, type EphemeralComponent } from "./app-ephemeral.ts";
import { begin, company, expectTogether, outsider, restart, service, spread } from "./testing/company.ts";
import { expectAllRefuse, forgedCommit } from "./testing/hostile.ts";
import { providers } from "./testing/providers.ts";

const [NOTE, UNKNOWN] = [0x8001, 0x8007];
const V = "ERR_MLS_VALIDATION";
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const seen: string[] = [];
const note: EphemeralComponent = {
  id: NOTE,
  check: ([first = 0], { epoch }) => {
    seen.push(`${epoch}:${first}`);
    if (first === 254) throw new TypeError("a bug");
    return first !== 255;
  },
};
const feature = appEphemeral({ components: [note, appAck()] });
const features: readonly Feature[] = [feature];

describe.each(providers())("AppEphemeral with %s", (_, crypto) => {
  it("XA-02 XA-03: goes with a commit to all, in order, and leaves nothing behind", async () => {
    const options = { crypto, features };
    const { alice, bob } = await company(["alice", "bob"], options);
    const observer = await service(alice, options);
    const wish = await bob.group.propose(bob.signer, feature.make(NOTE, bytes(1)));
    await spread(wish.message, alice, observer);
    await restart(alice, bob);
    const own = [feature.make(NOTE, bytes(2)), feature.make(NOTE, bytes(3))];
    const made = await alice.group
      .commit()
      .propose(...own)
      .build(alice.signer);
    const sent = feature.of(made.summary);
    expect(sent.map(({ componentId, data }) => [componentId, ...data])).toEqual([
      [NOTE, 1],
      [NOTE, 2],
      [NOTE, 3],
    ]);
    expect(sent.map(({ sender }) => sender)).toMatchObject([
      { leafIndex: 1 },
      { leafIndex: 0 },
      { leafIndex: 0 },
    ]);
    expect(made.summary.updatePathLeaf).toBeUndefined();
    const before = alice.group.extensions;
    await restart(alice);
    expect(feature.of(alice.group.pendingCommit!)).toEqual(sent);
    for (const group of [bob.group, observer]) {
      const processed = await group.processMessage(made.commit);
      if (processed.kind !== "commit") throw new Error(processed.kind);
      expect(feature.of(processed.stagedCommit.summary)).toEqual(sent);
      processed.stagedCommit.discard();
    }
    await alice.group.mergePendingCommit();
    await begin(made.commit, bob, observer);
    expect([alice.group.extensions, observer.extensions]).toEqual([before, before]);
    await expectTogether(alice, bob);
  });

  it("XA-03: from external senders, and by value in external commits", async () => {
    const options = { crypto, features };
    const outside = await outsider("outside", options);
    const { alice, bob } = await company(["alice", "bob"], options);
    const senders = [externalSendersExtension([outside.credentialWithKey])];
    const first = await alice.group.commit().groupContextExtensions(senders).build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(first.commit, bob);
    const observer = await service(alice, options);
    const { groupId, epoch } = alice.group;
    const target = { cipherSuite: 1, groupId, epoch };
    const said = feature.make(NOTE, bytes(7));
    const message = await proposeAsExternalSender(outside.provider, outside.signer, target, 0, said);
    for (const group of [alice.group, bob.group, observer]) {
      const got = await group.processMessage(message);
      if (got.kind !== "proposal") throw new Error(got.kind);
      await group.storePendingProposal(got);
    }
    const made = await alice.group.commitToPendingProposals(alice.signer);
    expect(feature.of(made.summary)).toMatchObject([{ sender: { senderIndex: 0 } }]);
    await alice.group.mergePendingCommit();
    await begin(made.commit, bob, observer);

    const carol = await outsider("carol", options);
    const join = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: carol.credentialWithKey,
      propose: [feature.make(NOTE, bytes(8))],
    });
    await begin(join.commit, alice, bob, observer);
    await expectTogether({ ...carol, group: await join.intoGroup() }, alice, bob);
  });
});

describe("AppEphemeral", () => {
  it.each([
    ["an unknown component", feature.make(UNKNOWN, bytes(1))],
    ["what the application refuses", feature.make(NOTE, bytes(255))],
    ["what the application fails at", feature.make(NOTE, bytes(254))],
    ["an AppAck that is none", feature.make(5, bytes(1))],
    [
      "an AppAck of a range that ends before it begins",
      feature.make(5, bytes(12, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1)),
    ],
  ])("XA-01: %s is not made and not taken", async (_, proposal) => {
    const { alice, bob } = await company(["alice", "bob"], { features });
    const observer = await service(alice, { features });
    const refused = mlsError(V, "xa01");
    await expect(alice.group.commit().propose(proposal).build(alice.signer)).rejects.toThrow(refused);
    await expect(alice.group.propose(alice.signer, proposal)).rejects.toThrow(refused);
    const message = await forgedCommit(alice, { proposals: [proposal] });
    await expectAllRefuse(message, [bob, observer], V, "xa01");
  });

  it("XA-02: is judged before AppDataUpdates, after all else", async () => {
    const order: string[] = [];
    const spy = appEphemeral({ components: [{ id: NOTE, check: () => order.push("ephemeral") > 0 }] });
    const data = appData({
      components: [{ id: NOTE, update: (_, all) => (order.push("data"), concatBytes(...all)) }],
    });
    const first: Feature = { name: "spy", plan: [{ order: 71, run: () => void order.push("default") }] };
    const other = customExtension(0xf001, { places: ["groupContext"] });
    const { alice } = await company(["alice"], { features: [data, spy, first, other] });
    order.length = 0;
    await alice.group
      .commit()
      .propose(data.update(NOTE, bytes(1)), spy.make(NOTE, bytes(1)), proposals.groupContextExtensions([]))
      .build(alice.signer);
    expect(order).toEqual(["default", "ephemeral", "data"]);
  });

  it("checks its options and arguments", () => {
    const usage = mlsError("ERR_MLS_USAGE");
    expect(() => appEphemeral({ components: [note, note] })).toThrow(usage);
    expect(() => appEphemeral({ components: [{ id: 1 } as EphemeralComponent] })).toThrow(usage);
    expect(() => feature.make(-1, bytes())).toThrow(usage);
    expect(() => feature.make(NOTE, "" as unknown as Uint8Array)).toThrow(usage);
    expect(feature.read(proposals.remove(1) as never)).toBeUndefined();
  });
});

describe("AppAck", () => {
  it("XA-04: names the messages received in the epoch, by ranges with both ends", async () => {
    const { alice, bob, charlie } = await company(["alice", "bob", "charlie"], { features });
    const received = new ReceivedMessages();
    const messages = [];
    for (let count = 0; count < 5; count++)
      messages.push(await bob.group.createMessage(bob.signer, bytes(count)));
    messages.push(await charlie.group.createMessage(charlie.signer, bytes(9)));
    for (const at of [4, 0, 1, 5]) received.add(await alice.group.processMessage(messages[at]!));
    const ranges = received.ranges(alice.group.epoch);
    expect(ranges).toEqual([
      { sender: 1, firstGeneration: 0, lastGeneration: 1 },
      { sender: 1, firstGeneration: 4, lastGeneration: 4 },
      { sender: 2, firstGeneration: 0, lastGeneration: 0 },
    ]);
    const ack = feature.make(5, encodeAppAck(ranges));
    const { commit } = await alice.group.commit().propose(ack).build(alice.signer);
    const processed = await bob.group.processMessage(commit);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    expect(feature.of(processed.stagedCommit.summary).map(({ data }) => decodeAppAck(data))).toEqual([
      ranges,
    ]);
    expect(received.ranges(alice.group.epoch + 1n)).toEqual([]);

    await alice.group.mergePendingCommit();
    await bob.group.mergeStagedCommit(processed.stagedCommit);
    received.add(processed); // no application message
    received.add(await alice.group.processMessage(await bob.group.createMessage(bob.signer, bytes(1))));
    expect(received.ranges(alice.group.epoch)).toEqual([
      { sender: 1, firstGeneration: 0, lastGeneration: 0 },
    ]);
    expect(received.ranges(alice.group.epoch - 1n)).toEqual([]);
    expect(() => encodeAppAck([{ sender: 0, firstGeneration: 2, lastGeneration: 1 }])).toThrow(
      mlsError("ERR_MLS_DECODE", "xa04"),
    );
  });
});
