import {
  type CustomProposal,
  type Extension,
  proposals,
  requiredCapabilitiesExtension,
} from "@openmls-ts/mls-core";
import { concatBytes, violation } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { appData, type AppDataComponent } from "./app-data.ts";
import { begin, company, expectTogether, restart, service, spread } from "./testing/company.ts";
import { expectAllRefuse, forged, forgedCommit } from "./testing/hostile.ts";

const [LOG, UNKNOWN] = [0x8001, 0x8007];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const log: AppDataComponent = {
  id: LOG,
  remove: ({ committer }) => committer !== 1,
  update: (old, updates, { senders }) => {
    if (updates.length !== senders.length) throw new TypeError("whose are they?");
    if (updates.some(([first]) => first === 254)) throw new TypeError("a bug");
    if (updates.some(([first]) => first === 253)) throw violation("log-full", "no more");
    return updates.some(([first]) => first === 255) ? undefined : concatBytes(old ?? bytes(), ...updates);
  },
};
const feature = appData({ components: [log] });
const features = [feature];
const V = "ERR_MLS_VALIDATION";
const update = (...values: number[]): CustomProposal => feature.update(LOG, bytes(...values));
const raw = (...body: number[]): CustomProposal => ({ proposalType: 8, body: bytes(...body) });
const unknown = feature.update(UNKNOWN, bytes(1));
const remove = feature.remove(LOG);

const initial = appData({ components: [{ ...log, initial: bytes(1) }] });
const start = async (withData: boolean) => {
  const options = { features: [withData ? initial : feature] };
  const three = await company(["alice", "bob", "charlie"], options);
  return { ...three, observer: await service(three.alice, options) };
};

describe("a commit that breaks a rule of AppDataUpdate", () => {
  it.each([
    ["XD-04: of an unknown component", [unknown], "xd04", true],
    ["XD-05: of two removals", [remove, remove], "xd05", true],
    ["XD-05: of a removal and an update", [remove, update(1)], "xd05", true],
    ["XD-05: of an update and a removal", [update(1), remove], "xd05", true],
    ["XD-06: of a removal where nothing is", [remove], "xd06", false],
    ["XD-08: of an update that the application refuses", [update(1), update(255)], "xd08", true],
    ["XD-08: of an update that the application fails at", [update(254)], "xd08", true],
    ["XD-08: of an update refused with a rule of the application", [update(253)], "log-full", true],
  ] as const)("%s is not made and not taken", async (_, list, rule, withData) => {
    const { alice, bob, charlie, observer } = await start(withData);
    const build = alice.group
      .commit()
      .propose(...list)
      .build(alice.signer);
    await expect(build).rejects.toThrow(mlsError(V, rule));
    const message = await forgedCommit(alice, { proposals: list });
    await expectAllRefuse(message, [bob, charlie, observer], V, rule);
    await restart(bob);
    await expectTogether(alice, bob, charlie);
  });

  it("XD-08: a removal that the application does not want", async () => {
    const { alice, bob, observer } = await start(true);
    await expect(bob.group.commit().propose(remove).build(bob.signer)).rejects.toThrow(mlsError(V, "xd08"));
    const message = await forgedCommit(bob, { proposals: [remove] });
    await expectAllRefuse(message, [alice, observer], V, "xd08");
  });

  it.each([
    ["operation 0", raw(0x80, 1, 0)],
    ["operation 3", raw(0x80, 1, 3)],
    ["a removal with data", raw(0x80, 1, 2, 0)],
    ["no operation", raw(0x80, 1)],
  ])("XD-04: %s cannot be read", async (name, proposal) => {
    const { alice, bob, observer } = await start(true);
    await expect(alice.group.commit().propose(proposal).build(alice.signer)).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_MLS_(DECODE|USAGE)$/) as string,
    });
    const { message } = await forged(alice, proposal);
    const rule = name.startsWith("operation") ? ["xd04"] : [];
    const wanted = { code: "ERR_MLS_DECODE", ...(rule[0] === undefined ? {} : { rule: rule[0] }) };
    for (const group of [bob.group, observer]) {
      await expect(group.processMessage(message)).rejects.toMatchObject(wanted);
    }
  });
});

describe("a committer", () => {
  it("leaves out received updates that cannot be taken, and those alone", async () => {
    const { alice, bob, charlie, observer } = await start(true);
    const sent = [];
    for (const proposal of [update(2), unknown, update(255), update(3)]) {
      sent.push(await forged(bob, proposal));
    }
    for (const { message } of sent) await spread(message, alice, charlie, observer);
    const { commit, leftOut, summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(leftOut.map(({ proposal, reason }) => [proposal.reference, reason.rule])).toEqual([
      [sent[1]!.named.reference, "xd04"],
      [sent[2]!.named.reference, "xd08"],
    ]);
    expect(feature.dataIn(summary.extensions, LOG)).toEqual(bytes(1, 2, 3));
    await alice.group.mergePendingCommit();
    await begin(commit, charlie, observer);
    await expectTogether(alice, charlie);
    expect(feature.dataIn(observer.extensions, LOG)).toEqual(bytes(1, 2, 3));
  });

  it.each([
    ["the newest, a removal,", [update(2), remove], [], undefined],
    ["the newest, an update,", [remove, update(2)], [], bytes(1, 2)],
    ["what the caller asks for", [remove], [update(3)], bytes(1, 3)],
    ["what the caller asks for, a removal,", [update(2), update(4)], [remove], undefined],
  ] as const)("XD-05: takes %s where updates and a removal wait", async (_, received, own, after) => {
    const { alice, bob, charlie } = await start(true);
    for (const proposal of received) {
      await spread((await forged(bob, proposal)).message, alice, charlie);
    }
    const { commit, leftOut, summary } = await alice.group
      .commit()
      .propose(...own)
      .build(alice.signer);
    expect(new Set(leftOut.map(({ reason }) => reason.rule))).toEqual(new Set(["xd05"]));
    expect(feature.dataIn(summary.extensions, LOG)).toEqual(after);
    await alice.group.mergePendingCommit();
    await begin(commit, charlie);
    await expectTogether(alice, charlie);
  });
});

describe("GroupContextExtensions", () => {
  const required = requiredCapabilitiesExtension({
    extensionTypes: [],
    proposalTypes: [8],
    credentialTypes: [],
  });
  const dictionary = (...data: number[]): Extension => ({ extensionType: 6, extensionData: bytes(...data) });
  const full = dictionary(5, 0x80, 1, 2, 1, 1);
  const same = dictionary(4, 0x80, 1, 1, 1);

  it("XD-03: may touch the dictionary while AppDataUpdate is not required", async () => {
    const { alice, bob, observer } = await start(true);
    const made = await alice.group
      .commit()
      .propose(proposals.groupContextExtensions([full]), update(7))
      .build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(made.commit, bob, observer);
    for (const group of [alice.group, bob.group, observer]) {
      // the update starts from what the other proposal made
      expect(feature.dataIn(group.extensions, LOG)).toEqual(bytes(1, 1, 7));
    }
  });

  it.each([
    ["changes", [required, full], [full]],
    ["removes", [required], []],
    ["changes, while it takes the requirement back,", [full], undefined],
    ["changes, while it requires AppDataUpdate,", undefined, [required, full]],
  ])("XD-03: that %s the dictionary is refused while AppDataUpdate is required", async (_, before, now) => {
    const { alice, bob, observer } = await start(true);
    const wanted = now ?? [full];
    if (before !== undefined) {
      const list = [required, same];
      const made = await alice.group
        .commit()
        .propose(proposals.groupContextExtensions(list))
        .build(alice.signer);
      await alice.group.mergePendingCommit();
      await begin(made.commit, bob, observer);
    }
    const proposal = proposals.groupContextExtensions(wanted);
    const build = alice.group.commit().propose(proposal, update(1)).build(alice.signer);
    await expect(build).rejects.toThrow(mlsError(V, "trap44"));
    const wrong = { proposalType: 7, extensions: wanted };
    const message = await forgedCommit(alice, { proposals: [wrong as never] });
    await expectAllRefuse(message, [bob, observer], V, "trap44");
  });

  it("XD-03: that leaves the dictionary as it is goes with updates, in either order", async () => {
    const { alice, bob, observer } = await start(true);
    for (const flip of [false, true]) {
      const current = alice.group.extensions.find(({ extensionType }) => extensionType === 6)!;
      const list = [proposals.groupContextExtensions([required, current]), update(9)] as const;
      const made = await alice.group
        .commit()
        .propose(...(flip ? [...list].reverse() : list))
        .build(alice.signer);
      await alice.group.mergePendingCommit();
      await begin(made.commit, bob, observer);
    }
    expect(feature.dataIn(observer.extensions, LOG)).toEqual(bytes(1, 9, 9));
    expect(bob.group.extensions.map(({ extensionType }) => extensionType)).toEqual([3, 6]);
  });
});

describe("who has other components", () => {
  it("XD-08: an observer without the component cannot follow, and stays as it was", async () => {
    const { alice } = await start(true);
    const blind = await service(alice, { features: [appData({ components: [] })] });
    const { commit } = await alice.group.commit().propose(update(2)).build(alice.signer);
    await expectAllRefuse(commit, [blind], V, "xd04");
  });

  it("a member whose leaf does not list the proposal type stops it", async () => {
    const { alice, bob } = await company(["alice", "bob"], { features, featuresOf: { bob: [] } });
    const build = alice.group.commit().propose(update(1)).build(alice.signer);
    await expect(build).rejects.toThrow(mlsError(V, "valn0311"));
    expect(bob.group.extensions).toEqual([]);
  });
});
