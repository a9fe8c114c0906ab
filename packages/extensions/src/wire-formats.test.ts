import { customExtension, type Feature, MlsGroup, proposals } from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import { keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { begin, company, expectTogether, outsider, restart, service } from "./testing/company.ts";
import { expectAllRefuse, forgedCommit } from "./testing/hostile.ts";
import { providers } from "./testing/providers.ts";
import { wireFormats } from "./wire-formats.ts";

const TARGETED = 6;
const V = "ERR_MLS_VALIDATION";
const feature = wireFormats({ supported: [TARGETED] });
const requiring = wireFormats({ supported: [TARGETED], required: [TARGETED] });
const lacking = wireFormats();
const features: readonly Feature[] = [feature];

describe.each(providers())("wire formats with %s", (_, crypto) => {
  it("XW-01 XW-02: are listed in leaves, and required of newcomers", async () => {
    const options = { crypto, features: [requiring] };
    const { alice, bob } = await company(["alice", "bob"], options);
    await restart(alice, bob);
    expect(feature.requiredIn(bob.group.extensions)).toEqual([TARGETED]);
    expect(feature.supportedBy(bob.group.ownLeafNode)).toEqual([TARGETED]);
    expect(bob.group.ownLeafNode.capabilities.extensions).toEqual(expect.arrayContaining([7, 8]));
    const dave = await outsider("dave", { crypto, features: [lacking] });
    const wanted = { code: V, rule: "xw01", details: { leafIndex: 2, wireFormat: TARGETED } };
    await expect(alice.group.addMembers(alice.signer, [await keyPackageOf(dave)])).rejects.toMatchObject(
      wanted,
    );
    const erin = await outsider("erin", options);
    const { commit } = await alice.group.addMembers(alice.signer, [await keyPackageOf(erin)]);
    await alice.group.mergePendingCommit();
    await begin(commit, bob);
    await expectTogether(alice, bob);
  });
});

describe("required wire formats", () => {
  it("XW-01: which a member does not read are not required by a commit", async () => {
    const featuresOf = { bob: [lacking] };
    const { alice, bob, charlie } = await company(["alice", "bob", "charlie"], { features, featuresOf });
    const observer = await service(alice, { features });
    const extensions = [feature.required([TARGETED])];
    const build = alice.group.commit().groupContextExtensions(extensions).build(alice.signer);
    await expect(build).rejects.toThrow(mlsError(V, "xw01"));
    const message = await forgedCommit(alice, { proposals: [{ proposalType: 7, extensions } as never] });
    await expectAllRefuse(message, [bob, charlie, observer], V, "xw01");
    // with the member who does not read it gone, it may be
    const made = await alice.group
      .commit()
      .removeMembers([1])
      .groupContextExtensions(extensions)
      .build(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(made.commit, charlie, observer);
    await expectTogether(alice, charlie);
  });

  it("XW-01: a newcomer from outside reads them too", async () => {
    const { alice } = await company(["alice"], { features: [requiring] });
    const carol = await outsider("carol", { features: [lacking] });
    const join = MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: carol.credentialWithKey,
    });
    const blind = await outsider("blind", { features: [customExtension(7), customExtension(8)] });
    const forged = await MlsGroup.joinByExternalCommit(blind.provider, blind.signer, {
      groupInfo: await alice.group.exportGroupInfo(alice.signer),
      credentialWithKey: blind.credentialWithKey,
    });
    await expectAllRefuse(forged.commit, [alice], V, "xw01");
    await expect(join.then(async ({ commit }) => alice.group.processMessage(commit))).rejects.toThrow(
      mlsError(V, "xw01"),
    );
  });

  it("XW-02: stand where they belong, and are lists", async () => {
    const { alice } = await company(["alice"], { features });
    const bad = { extensionType: 8, extensionData: Uint8Array.of(1, 2) };
    const list = [[bad], [{ ...feature.required([6]), extensionType: 7 }]];
    for (const [at, extensions] of list.entries()) {
      const build = alice.group
        .commit()
        .propose(proposals.groupContextExtensions(extensions))
        .build(alice.signer);
      await expect(build).rejects.toThrow(at === 0 ? mlsError("ERR_MLS_DECODE") : mlsError(V, "valn1603"));
    }
    expect(() => wireFormats({ supported: [2] })).toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => feature.required([0x1_0000])).toThrow(mlsError("ERR_MLS_USAGE"));
  });
});
