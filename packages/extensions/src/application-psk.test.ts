import { externalSendersExtension, MlsGroup, proposals, proposeAsExternalSender } from "@openmls-ts/mls-core";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { joinFrom, keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { applicationPsk } from "./application-psk.ts";
import {
  begin,
  company,
  type CompanyOptions,
  expectTogether,
  outsider,
  restart,
  service,
  spread,
} from "./testing/company.ts";
import { expectAllRefuse, forgedCommit } from "./testing/hostile.ts";
import { providers } from "./testing/providers.ts";

const [FILES, WORDS] = [0x8001, 0x8002];
const id = utf8("the file");
const secret = utf8("its hash");
/** Knows a secret for one component, and hands out the same bytes each time. */
const knowing = (value = secret) =>
  applicationPsk({
    find: async ({ componentId, pskId }) =>
      Promise.resolve(componentId === FILES && bytesToHex(pskId) === bytesToHex(id) ? value : undefined),
  });
const feature = knowing();
const features = [feature];
const name = feature.psk(FILES, id);

describe.each(providers())("application PSKs with %s", (_, crypto) => {
  it("XP-01 XP-02 XP-03: by value and by reference, without a path, into a Welcome, over restarts", async () => {
    const options: CompanyOptions = { crypto, features };
    const { alice, bob } = await company(["alice", "bob"], options);
    const observer = await service(alice, options);
    const { message } = await bob.group.propose(bob.signer, proposals.psk(name));
    await spread(message, alice, observer);
    await restart(alice, bob);
    const dave = await outsider("dave", options);
    const made = await alice.group
      .commit()
      .injectPsk(name) // another use: its nonce differs
      .addMembers([await keyPackageOf(dave)])
      .build(alice.signer);
    expect(made.summary.psks.map((psk) => feature.read(psk))).toEqual([
      { componentId: FILES, pskId: id },
      { componentId: FILES, pskId: id },
    ]);
    const nonces = made.summary.psks.map(({ pskNonce }) => bytesToHex(pskNonce));
    expect(new Set(nonces).size).toBe(2);
    expect(nonces.map((nonce) => nonce.length)).toEqual([64, 64]);
    await restart(alice);
    const { welcome } = await alice.group.mergePendingCommit();
    await begin(made.commit, bob, observer);
    const joined = { ...dave, group: await joinFrom(dave, welcome) };
    await expectTogether(alice, bob, joined);

    const plain = await alice.group.commit().injectPsk(name).build(alice.signer);
    expect(plain.summary.updatePathLeaf).toBeUndefined();
    await alice.group.mergePendingCommit();
    await begin(plain.commit, bob, joined, observer);
    expect(secret).toEqual(utf8("its hash")); // the application's bytes are as they were
  });

  it("XP-02: in an external commit", async () => {
    const options: CompanyOptions = { crypto, features };
    const { alice, bob } = await company(["alice", "bob"], options);
    const observer = await service(alice, options);
    const carol = await outsider("carol", options);
    const join = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: carol.credentialWithKey,
      psks: [name],
    });
    await begin(join.commit, alice, bob, observer);
    await expectTogether({ ...carol, group: await join.intoGroup() }, alice, bob);
  });
});

describe("an application PSK", () => {
  it("XP-02: is proposed by an external sender, too", async () => {
    const outside = await outsider("outside", { features });
    const { alice, bob } = await company(["alice", "bob"], { features });
    const senders = [externalSendersExtension([outside.credentialWithKey])];
    const first = await alice.group.commit().groupContextExtensions(senders).build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(first.commit, bob);
    const { groupId, epoch } = alice.group;
    const target = { cipherSuite: 1, groupId, epoch };
    const { provider, signer } = outside;
    const message = await proposeAsExternalSender(provider, signer, target, 0, proposals.psk(name));
    for (const { group } of [alice, bob]) {
      const got = await group.processMessage(message);
      if (got.kind !== "proposal") throw new Error(got.kind);
      await group.storePendingProposal(got);
    }
    await restart(alice, bob);
    const { commit, summary } = await alice.group.commitToPendingProposals(alice.signer);
    expect(summary.psks.map((psk) => feature.read(psk))).toEqual([{ componentId: FILES, pskId: id }]);
    await alice.group.mergePendingCommit();
    await begin(commit, bob);
    await expectTogether(alice, bob);
  });

  it("of another component, or of nobody, is not at hand", async () => {
    const { alice, bob } = await company(["alice", "bob"], {
      features,
      featuresOf: { bob: [applicationPsk({ find: async () => Promise.resolve(undefined) })] },
    });
    const missing = mlsError("ERR_MLS_MISSING_PSK", "valn1205");
    const other = alice.group.commit().injectPsk(feature.psk(WORDS, id)).build(alice.signer);
    await expect(other).rejects.toThrow(missing);
    const { commit } = await alice.group.commit().injectPsk(name).build(alice.signer);
    await expectAllRefuse(commit, [bob], "ERR_MLS_MISSING_PSK", "valn1205");
  });

  it("that differs keeps members apart (rfc27)", async () => {
    const { alice, bob } = await company(["alice", "bob"], {
      features,
      featuresOf: { bob: [knowing(utf8("another"))] },
    });
    const { commit } = await alice.group.commit().injectPsk(name).build(alice.signer);
    await expectAllRefuse(commit, [bob], "ERR_MLS_INVALID_TAG", "rfc27");
  });

  it("XP-01: has a nonce of Nh bytes, and is named once", async () => {
    const { alice, bob } = await company(["alice", "bob"], { features });
    const observer = await service(alice, { features });
    const psk = (length: number) => ({ proposalType: 4, psk: { ...name, pskNonce: new Uint8Array(length) } });
    const cases = [
      [[psk(31)], "valn0803"],
      [[psk(32), psk(32)], "valn0307"],
    ] as const;
    for (const [list, rule] of cases) {
      const build = alice.group
        .commit()
        .propose(...(list as unknown as never[]))
        .build(alice.signer);
      await expect(build).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", rule));
      const pskSecret = new Uint8Array(32);
      const message = await forgedCommit(alice, { proposals: list as unknown as never[], pskSecret });
      await expectAllRefuse(message, [bob, observer], "ERR_MLS_VALIDATION", rule);
    }
  });

  it("cannot be read by a member without the feature", async () => {
    const { alice, bob } = await company(["alice", "bob"], { features, featuresOf: { bob: [] } });
    const { commit } = await alice.group.commit().injectPsk(name).build(alice.signer);
    await expectAllRefuse(commit, [bob], "ERR_MLS_DECODE", "rfc05");
  });

  it("has an id and a component, and options that are checked", () => {
    const usage = mlsError("ERR_MLS_USAGE");
    expect(() => feature.psk(-1, id)).toThrow(usage);
    expect(() => feature.psk(FILES, "x" as unknown as Uint8Array)).toThrow(usage);
    expect(() => applicationPsk({} as never)).toThrow(usage);
    expect(() =>
      applicationPsk({ find: async () => Promise.resolve(undefined), codePoints: { applicationPsk: 2 } }),
    ).toThrow(usage);
    expect(feature.read(name)).toEqual({ componentId: FILES, pskId: id });
    expect(feature.read({ pskType: 1, pskId: id })).toBeUndefined();
    expect("body" in name && bytesToHex(name.body)).toBe(`800108${bytesToHex(id)}`);
  });
});
