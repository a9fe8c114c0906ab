import { decode, type Extension, KeyPackage, MlsGroup, StagedWelcome, uint16s } from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import { keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { appData } from "./app-data.ts";
import { appEphemeral } from "./app-ephemeral.ts";
import { codePoints } from "./code-points.ts";
import { componentGrease, isComponentGrease } from "./component-grease.ts";
import { dictionaryIn, listedIn } from "./dictionary.ts";
import { lastResort } from "./last-resort.ts";
import { safeAad } from "./safe-aad.ts";
import { begin, company, expectTogether, outsider, restart } from "./testing/company.ts";
import { providers } from "./testing/providers.ts";

const types = codePoints();
const ID = 0x8001;
const someData = Uint8Array.of(1);
const everywhere = {
  id: ID,
  initial: someData,
  leafNode: someData,
  keyPackage: someData,
  welcome: someData,
  groupInfo: someData,
  update: (_: unknown, updates: readonly Uint8Array[]) => updates[0],
};
const data = appData({ components: [everywhere], required: [ID] });
const features = [data, safeAad({ components: [ID], required: [ID] }), lastResort()];

/** The reserved ids in a dictionary: its entries', and those in its lists. */
function reserved(extensions: readonly Extension[]): { entries: number[]; lists: number[][] } {
  const dictionary = dictionaryIn(extensions, types);
  const lists = dictionary.filter(({ componentId }) => [1, 2].includes(componentId));
  return {
    entries: dictionary.map(({ componentId }) => componentId).filter(isComponentGrease),
    lists: lists.map(({ data }) => decode(uint16s, data).filter(isComponentGrease)),
  };
}

describe.each(providers())("GREASE of components with %s", (_, crypto) => {
  it("stands in leaves, key packages and GroupInfos, not in the group, and nobody minds", async () => {
    const { alice } = await company(["alice"], { crypto, features });
    const bob = await outsider("bob", { crypto, features });
    const keyPackage = await KeyPackage.builder()
      .markAsLastResort()
      .build(1, bob.provider, bob.signer, bob.credentialWithKey);
    const leaf = reserved(keyPackage.leafNode.extensions);
    expect(leaf.entries).toHaveLength(1);
    expect(leaf.lists).toEqual([leaf.entries, leaf.entries]); // app_components and safe_aad
    expect(reserved(keyPackage.fields.extensions).entries).toHaveLength(1);

    await restart(alice);
    const { commit } = await alice.group
      .commit()
      .addMembers([keyPackage])
      .createGroupInfo()
      .build(alice.signer);
    expect(commit.length).toBeGreaterThan(0);
    const { welcome } = await alice.group.mergePendingCommit();
    await restart(alice);
    const staged = await StagedWelcome.fromWelcome(bob.provider, welcome!);
    expect(reserved(staged.groupInfoExtensions).entries).toHaveLength(1);
    expect(reserved(staged.groupContext.extensions)).toEqual({ entries: [], lists: [[], []] });
    const joined = { ...bob, group: await staged.intoGroup() };
    await restart(joined);
    await expectTogether(alice, joined);
    const update = await joined.group
      .commit()
      .propose(data.update(ID, Uint8Array.of(2)))
      .build(joined.signer);
    await joined.group.mergePendingCommit();
    await begin(update.commit, alice);
    await expectTogether(alice, joined);

    const carol = await outsider("carol", { crypto, features });
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    const { credentialWithKey } = carol;
    const join = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo,
      credentialWithKey,
    });
    await begin(join.commit, alice, joined);
    expect(reserved(alice.group.leafNode(2)!.extensions).entries).toHaveLength(1);
    await join.intoGroup();
  });
});

describe("GREASE of components", () => {
  it("is off where GREASE is", async () => {
    const bob = await outsider("bob", { features });
    for (const grease of [false, "capabilities"] as const) {
      const { leafNode, fields } = await KeyPackage.builder()
        .grease(grease)
        .build(1, bob.provider, bob.signer, bob.credentialWithKey);
      expect(reserved(leafNode.extensions)).toEqual({ entries: [], lists: [[], []] });
      expect(reserved(fields.extensions).entries).toEqual([]);
    }
  });

  it("is one of eight values, below those for private use", () => {
    const values = Array.from({ length: 15 }, (_, high) =>
      componentGrease({ grease: (high * 16 + 0x0a) * 0x101 }),
    );
    expect(new Set(values).size).toBe(8);
    expect(values.every((id) => id !== undefined && isComponentGrease(id))).toBe(true);
    expect(isComponentGrease(0x8a8a)).toBe(false);
    expect(isComponentGrease(0x0a0b)).toBe(false);
    expect(componentGrease({})).toBeUndefined();
  });

  it("says nothing about what a member knows", async () => {
    const bob = await outsider("bob", { features });
    const { leafNode } = await keyPackageOf(bob);
    expect(listedIn(leafNode.extensions, types, types.appComponents).some(isComponentGrease)).toBe(false);
  });

  it("is no id for an application", () => {
    const update = (): undefined => undefined;
    const check = (): boolean => true;
    for (const make of [
      () => appData({ components: [{ id: 0x1a1a, update }] }),
      () => appData({ components: [], required: [0x1a1a] }),
      () => appEphemeral({ components: [{ id: 0x7a7a, check }] }),
      () => appEphemeral({ components: [] }).make(0x2a2a, new Uint8Array()),
      () => safeAad({ components: [0x0a0a] }),
      () => safeAad().encode([{ componentId: 0x0a0a, data: new Uint8Array() }]),
    ]) {
      expect(make).toThrow(mlsError("ERR_MLS_USAGE"));
    }
  });
});
