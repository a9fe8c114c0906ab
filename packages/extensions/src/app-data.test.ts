import {
  customExtension,
  type CustomProposal,
  externalSendersExtension,
  type Extension,
  type Feature,
  KeyPackage,
  KeyPackageIn,
  MlsGroup,
  MlsMessage,
  type ProposalDraft,
  proposals,
  proposeAsExternalSender,
  PublicGroup,
  StagedWelcome,
} from "@openmls-ts/mls-core";
import { concatBytes, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { joinFrom, keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { appData, type AppDataComponent } from "./app-data.ts";
import { lastResort } from "./last-resort.ts";
import {
  begin,
  company,
  expectTogether,
  type Member,
  outsider,
  restart,
  service,
  spread,
} from "./testing/company.ts";
import { expectAllRefuse, forgedCommit } from "./testing/hostile.ts";
import { providers } from "./testing/providers.ts";

const [LOG, TOPIC] = [0x8001, 0x8000];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Keeps all updates, and takes none that begins with 255. */
const log: AppDataComponent = {
  id: LOG,
  update: (old, updates) =>
    updates.some(([first]) => first === 255) ? undefined : concatBytes(old ?? bytes(), ...updates),
};
/** Keeps the last update; a topic that was set stays. */
const topic: AppDataComponent = {
  id: TOPIC,
  update: async (_, updates) => Promise.resolve(updates.at(-1)),
  remove: (facts) => facts.senders.every((sender) => "leafIndex" in sender),
};
const feature = appData({ components: [log, topic] });
const features: readonly Feature[] = [feature];
const V = "ERR_MLS_VALIDATION";
const at = ({ group }: { readonly group: Pick<MlsGroup, "extensions"> }, id = LOG): number[] | undefined => {
  const data = feature.dataIn(group.extensions, id);
  return data === undefined ? undefined : [...data];
};

/** Commits what is given, and has the others and an observer follow. */
async function commitAll(
  by: Member,
  list: readonly (ProposalDraft | CustomProposal)[],
  ...others: readonly (Member | PublicGroup)[]
): Promise<void> {
  const { commit } = await by.group
    .commit()
    .propose(...list)
    .build(by.signer);
  await restart(by, ...others.filter((other): other is Member => !(other instanceof PublicGroup)));
  await by.group.mergePendingCommit();
  await begin(commit, ...others);
}

describe.each(providers())("AppDataUpdate with %s", (_, crypto) => {
  it("XD-07 XD-08 XD-09 XD-10: updates by value and by reference, and removals, the same for all", async () => {
    const options = { crypto, features };
    const { alice, bob } = await company(["alice", "bob"], options);
    const observer = await service(alice, options);
    const all = [alice, bob, { group: observer }];
    await commitAll(alice, [feature.update(LOG, bytes(1))], bob, observer);
    expect(all.map((one) => at(one))).toEqual([[1], [1], [1]]);

    const wish = await bob.group.propose(bob.signer, feature.update(LOG, bytes(2)));
    await spread(wish.message, alice, observer);
    await restart(alice, bob);
    const more = [
      feature.update(LOG, bytes(3)),
      feature.update(TOPIC, bytes(9)),
      feature.update(LOG, bytes(4)),
    ];
    const made = await alice.group
      .commit()
      .propose(...more)
      .build(alice.signer);
    expect(made.summary.updatePathLeaf).toBeUndefined(); // no path is needed
    expect(feature.dataIn(made.summary.extensions, TOPIC)).toEqual(bytes(9)); // seen before the merge
    await alice.group.mergePendingCommit();
    await begin(made.commit, bob, observer);
    expect(all.map((one) => at(one))).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    expect(all.map((one) => at(one, TOPIC))).toEqual([[9], [9], [9]]);

    await commitAll(bob, [feature.remove(LOG)], alice, observer);
    expect(all.map((one) => at(one))).toEqual([undefined, undefined, undefined]);
    await commitAll(bob, [feature.remove(TOPIC)], alice, observer);
    expect(all.map(({ group }) => group.extensions)).toEqual(
      all.map(() => [{ extensionType: 6, extensionData: bytes(0) }]), // empty, and still there
    );
    await expectTogether(alice, bob);
  });

  it("XD-10: comes from external senders, and by value in external commits", async () => {
    const options = { crypto, features };
    const names = ["alice", "bob"] as const;
    const outside = await outsider("outside", options);
    const { alice, bob } = await company(names, options);
    await commitAll(
      alice,
      [proposals.groupContextExtensions([externalSendersExtension([outside.credentialWithKey])])],
      bob,
    );
    const observer = await service(alice, options);
    const { groupId, epoch } = alice.group;
    const target = { cipherSuite: 1, groupId, epoch };
    const message = await proposeAsExternalSender(
      outside.provider,
      outside.signer,
      target,
      0,
      feature.update(LOG, bytes(7)),
    );
    for (const group of [alice.group, bob.group, observer]) {
      const got = await group.processMessage(message);
      if (got.kind !== "proposal") throw new Error(got.kind);
      await group.storePendingProposal(got.proposal);
    }
    const made = await alice.group.commitToPendingProposals(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(made.commit, bob, observer);
    expect([at(alice), at(bob), at({ group: observer })]).toEqual([[7], [7], [7]]);

    const carol = await outsider("carol", options);
    const join = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: carol.credentialWithKey,
      propose: [feature.update(LOG, bytes(8))],
    });
    await begin(join.commit, alice, bob, observer);
    const newcomer = { ...carol, group: await join.intoGroup() };
    expect([newcomer, alice, bob, { group: observer }].map((one) => at(one))).toEqual([
      [7, 8],
      [7, 8],
      [7, 8],
      [7, 8],
    ]);
    await expectTogether(newcomer, alice, bob);
  });

  it("goes into the Welcome of the same commit", async () => {
    const options = { crypto, features };
    const { alice } = await company(["alice"], options);
    const dave = await outsider("dave", options);
    await alice.group
      .commit()
      .addMembers([await keyPackageOf(dave)])
      .propose(feature.update(LOG, bytes(5)))
      .build(alice.signer);
    const { welcome } = await alice.group.mergePendingCommit();
    const joined = { ...dave, group: await joinFrom(dave, welcome) };
    expect(at(joined)).toEqual([5]);
    await expectTogether(alice, joined);
  });
});

describe("the dictionary", () => {
  it("XD-02: leaves list app_components, safe_aad and what the application knows; features share it", async () => {
    const both = [appData({ components: [{ ...log, leafNode: bytes(1, 2) }] }), lastResort()];
    const { alice } = await company(["alice", "bob"], { features: both });
    const dave = await outsider("dave", { features: both });
    const keyPackage = await KeyPackage.builder()
      .grease(false)
      .build(1, dave.provider, dave.signer, dave.credentialWithKey);
    const { extensions } = keyPackage.leafNode;
    expect(extensions.filter(({ extensionType }) => extensionType === 6)).toHaveLength(1);
    expect(feature.dataIn(extensions, 1)).toEqual(bytes(8, 0, 1, 0, 2, 0, 4, 0x80, 1));
    expect(feature.dataIn(extensions, LOG)).toEqual(bytes(1, 2));
    expect(keyPackage.leafNode.capabilities.extensions).toContain(6);
    expect(alice.group.extensions).toEqual([]);
  });

  it("has what the creator says, in groups, KeyPackages and GroupInfos", async () => {
    const given = { initial: bytes(1), keyPackage: bytes(2), groupInfo: bytes(3), welcome: bytes(4) };
    const own = appData({ components: [{ ...log, ...given }], required: [LOG] });
    const { alice, bob } = await company(["alice", "bob"], { features: [own] });
    expect(at(alice)).toEqual([1]);
    expect(at(bob)).toEqual([1]);
    expect(own.dataIn(bob.group.extensions, 1)).toEqual(bytes(2, 0x80, 1));
    const keyPackage = await keyPackageOf(alice);
    const { unverified } = KeyPackageIn.fromMessage(keyPackage.toMessage());
    expect(own.dataIn(unverified.extensions, LOG)).toEqual(bytes(2));
    const info = MlsMessage.read(await alice.group.exportGroupInfo(alice.signer));
    if (info.kind !== "groupInfo") throw new Error(info.kind);
    expect(own.dataIn(info.extensions, LOG)).toEqual(bytes(3));
    const dave = await outsider("dave", { features: [own] });
    await alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
    const { welcome } = await alice.group.mergePendingCommit();
    const staged = await StagedWelcome.fromWelcome(dave.provider, welcome!);
    expect(own.dataIn(staged.groupInfoExtensions, LOG)).toEqual(bytes(4));
    expect(own.dataIn(staged.groupContext.extensions, LOG)).toEqual(bytes(1));
  });

  it.each([
    ["twice", [LOG, LOG]],
    ["descending", [LOG, TOPIC]],
  ])("XD-01: does not hold components %s", async (_, ids) => {
    const entry = (id: number): number[] => [id >> 8, id & 255, 0];
    const data = bytes(6, ...ids.flatMap(entry));
    const wrong: Extension = { extensionType: 6, extensionData: data };
    const { alice, bob } = await company(["alice", "bob"], { features });
    const observer = await service(alice, { features });
    const refused = mlsError("ERR_MLS_DECODE", "xd01");
    const proposal = proposals.groupContextExtensions([wrong]);
    await expect(alice.group.commit().propose(proposal).build(alice.signer)).rejects.toThrow(refused);
    const creation = { cipherSuite: 1, extensions: [wrong] };
    const create = MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, creation);
    await expect(create).rejects.toThrow(refused);
    const forged = await forgedCommit(alice, {
      proposals: [{ proposalType: 7, extensions: [wrong] } as never],
    });
    await expectAllRefuse(forged, [bob, observer], "ERR_MLS_DECODE", "xd01");
  });

  it("XD-09: stays where it is among extensions, entries sorted; a new one is appended", async () => {
    const other = customExtension(0xf001, { places: ["groupContext"] });
    const options = { features: [feature, other] };
    const { alice, bob } = await company(["alice", "bob"], options);
    const ext = (extensionType: number): Extension => ({ extensionType, extensionData: bytes() });
    await commitAll(alice, [proposals.groupContextExtensions([ext(0xf001)])], bob);
    await commitAll(alice, [feature.update(LOG, bytes(1))], bob);
    const types = ({ group }: Member): number[] => group.extensions.map(({ extensionType }) => extensionType);
    expect(types(bob)).toEqual([0xf001, 6]);
    const dictionary = bob.group.extensions[1]!;
    await commitAll(alice, [proposals.groupContextExtensions([dictionary, ext(0xf001)])], bob);
    await commitAll(bob, [feature.update(TOPIC, bytes(2))], alice);
    expect(types(alice)).toEqual([6, 0xf001]);
    expect(alice.group.extensions[0]!.extensionData).toEqual(bytes(8, 0x80, 0, 1, 2, 0x80, 1, 1, 1));
  });
});

describe("required components", () => {
  it("XD-02: who does not know one is not added, and named", async () => {
    const strict = { features: [appData({ components: [log], required: [LOG] })] };
    const { alice } = await company(["alice", "bob"], strict);
    const dave = await outsider("dave", { features: [appData({ components: [topic] })] });
    const build = alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
    await expect(build).rejects.toMatchObject({
      code: V,
      rule: "xd02",
      details: { leafIndex: 2, componentId: LOG },
    });
  });
});

describe("options of appData", () => {
  it("are checked", () => {
    const usage = mlsError("ERR_MLS_USAGE");
    expect(() => appData({ components: [log, log] })).toThrow(usage);
    expect(() => appData({ components: [{ id: 1 } as AppDataComponent] })).toThrow(usage);
    expect(() => appData({ components: [{ ...log, id: 0x1_0000 }] })).toThrow(usage);
    expect(() => appData({ components: [{ ...log, initial: "x" as unknown as Uint8Array }] })).toThrow(usage);
    expect(() => appData(undefined as never)).toThrow(usage);
    expect(() => feature.update(LOG, "x" as unknown as Uint8Array)).toThrow(usage);
    expect(feature.read(feature.remove(LOG))).toEqual({ componentId: LOG, update: undefined });
    expect(feature.read(feature.update(LOG, utf8("x")))).toEqual({ componentId: LOG, update: utf8("x") });
    expect(feature.read(proposals.remove(1) as never)).toBeUndefined();
  });
});
