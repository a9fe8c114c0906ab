import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { ExtensionType, MlsGroup } from "../index.ts";
import { cast, CRYPTO } from "../testing/cast.ts";
import { client, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import { decodeMlsMessage, type Extension } from "../wire/index.ts";
import { WireFormat } from "../registry.ts";

const CUSTOM: Extension = { extensionType: 0xff77, extensionData: utf8("from here") };
const { ratchetTree, externalPub, requiredCapabilities } = ExtensionType;

/** Extension types of a GroupInfo, GREASE apart. */
function typesOf(message: Uint8Array): number[] {
  const decoded = decodeMlsMessage(message);
  if (decoded.wireFormat !== WireFormat.mlsGroupInfo) throw new Error("no GroupInfo");
  return decoded.groupInfo.extensions.map(({ extensionType }) => extensionType);
}

describe.each(CRYPTO)("a GroupInfo on %s", (_, crypto) => {
  it("holds what is chosen, extensions of the application too, and leads into the group", async () => {
    const [alice, bob] = await cast(crypto, ["alice", "bob"], { config: { grease: false } });
    const group = await alice!.group();
    const info = async (choices?: Parameters<MlsGroup["exportGroupInfo"]>[1]): Promise<number[]> =>
      typesOf(await group.exportGroupInfo(alice!.signer, choices));
    expect(await info()).toEqual([ratchetTree, externalPub]);
    expect(await info({ externalPub: false, extensions: [CUSTOM] })).toEqual([ratchetTree, 0xff77]);
    expect(await info({ ratchetTree: false, externalPub: false })).toEqual([]);
    const choices = { ratchetTree: false, extensions: [CUSTOM] };
    const dave = await client("dave", crypto);
    const { commit } = await group
      .commit()
      .addMembers([await keyPackageOf(dave)])
      .createGroupInfo(choices)
      .welcomeExtensions([CUSTOM])
      .build(alice!.signer);
    const { welcome, groupInfo } = await (await alice!.group()).mergePendingCommit();
    expect(typesOf(groupInfo!)).toEqual([externalPub, 0xff77]);
    await bob!.hear(commit);
    const daves = await joinFrom(dave, welcome); // the Welcome has the tree all the same
    const carol = await client("carol", crypto);
    const { credentialWithKey } = carol;
    const joining = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
      groupInfo: groupInfo!,
      ratchetTree: daves.exportRatchetTree(),
      credentialWithKey,
    });
    await bob!.hear(joining.commit);
    expect((await joining.intoGroup()).epochAuthenticator).toEqual((await bob!.group()).epochAuthenticator);
  });

  it("goes with one-shot commits too", async () => {
    const [alice] = await cast(crypto, ["alice", "bob"], { config: { grease: false } });
    const group = await alice!.group();
    await group.selfUpdate(alice!.signer, undefined, undefined, { groupInfo: { externalPub: false } });
    const { groupInfo } = await (await alice!.group()).mergePendingCommit();
    expect(typesOf(groupInfo!)).toEqual([ratchetTree]);
    await (await alice!.group()).selfUpdate(alice!.signer, undefined, undefined, { groupInfo: false });
    expect((await (await alice!.group()).mergePendingCommit()).groupInfo).toBeUndefined();
  });
});

describe("a GroupInfo", () => {
  const [, node] = CRYPTO[0]!;
  const empty = new Uint8Array();

  it.each([
    ["the group's own", [{ extensionType: ratchetTree, extensionData: empty }], "valn1602"],
    ["external_pub", [{ extensionType: externalPub, extensionData: empty }], "valn1602"],
    ["what belongs elsewhere", [{ extensionType: requiredCapabilities, extensionData: empty }], "valn1602"],
    ["one type twice", [CUSTOM, CUSTOM], "rfc114"],
  ] as const)("with %s is not made, and nothing changes", async (_, extensions, rule) => {
    const [alice] = await cast(node, ["alice", "bob"]);
    const group = await alice!.group();
    const before = alice!.storage.entries();
    const dave = await keyPackageOf(await client("dave", node));
    for (const call of [
      async () => group.exportGroupInfo(alice!.signer, { extensions }),
      async () => group.commit().createGroupInfo({ extensions }).build(alice!.signer),
      async () => group.commit().addMembers([dave]).welcomeExtensions(extensions).build(alice!.signer),
    ]) {
      await expect(call()).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", rule));
    }
    expect(group.pendingCommit).toBeUndefined();
    expect(alice!.storage.entries()).toEqual(before);
  });

  it("of choices that are none is refused", async () => {
    const [alice] = await cast(node, ["alice"]);
    const group = await alice!.group();
    for (const choices of [{ externalPub: 1 }, { extensions: {} }, { tree: true }, 7, null]) {
      const call = group.exportGroupInfo(alice!.signer, choices as never);
      await expect(call).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
      expect(() => group.commit().createGroupInfo(choices as never)).toThrow(mlsError("ERR_MLS_USAGE"));
    }
  });

  it("rfc109: that lets others join is not made against the rules, one that does not is", async () => {
    const [alice] = await cast(node, ["alice"], { provider: { rules: { externalCommits: "refuse" } } });
    const group = await alice!.group();
    const refused = mlsError("ERR_MLS_POLICY", "rfc109");
    await expect(group.commit().createGroupInfo({}).build(alice!.signer)).rejects.toThrow(refused);
    await group.commit().createGroupInfo({ externalPub: false }).build(alice!.signer);
    expect(typesOf((await group.mergePendingCommit()).groupInfo!)).not.toContain(externalPub);
  });
});
