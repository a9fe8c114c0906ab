import { type Feature, MlsGroup } from "@openmls-ts/mls-core";
import { concatBytes, hexToBytes, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { type MediaType, mediaTypes } from "./media-types.ts";
import { begin, company, outsider, restart } from "./testing/company.ts";
import { providers } from "./testing/providers.ts";

const plain: MediaType = { type: "text/plain", parameters: [["charset", "UTF-8"]] };
const png: MediaType = { type: "image/png" };
const feature = mediaTypes({ supported: [plain, png], required: [plain] });
const features: readonly Feature[] = [feature];
const hello = utf8("hello");

describe.each(providers())("media types with %s", (_, crypto) => {
  it("XM-01: every message says what it is, the group's first type by nothing", async () => {
    const { alice, bob } = await company(["alice", "bob"], {
      crypto,
      features,
      config: { maxPastEpochs: 1 },
    });
    await restart(alice, bob);
    expect(feature.listedIn(bob.group.extensions)).toEqual([plain]);
    const send = async (data: Uint8Array): Promise<unknown> => {
      const got = await bob.group.processMessage(await alice.group.createMessage(alice.signer, data));
      if (got.kind !== "application") throw new Error(got.kind);
      return feature.unwrap(bob.group.extensions, got.data);
    };
    expect(await send(feature.wrap(hello))).toEqual({ mediaType: plain, content: hello });
    expect(await send(feature.wrap(hello, png))).toEqual({ mediaType: png, content: hello });
    expect(feature.wrap(hello)).toEqual(concatBytes(hexToBytes("000005"), hello)); // the empty list is there
    expect(feature.wrap(hello, plain)).toEqual(
      concatBytes(
        hexToBytes("0a"),
        utf8("text/plain"),
        hexToBytes("0e07"),
        utf8("charset"),
        hexToBytes("05"),
        utf8("UTF-8"),
        hexToBytes("05"),
        hello,
      ),
    );
    const { commit } = await alice.group.selfUpdate(alice.signer);
    const late = await bob.group.createMessage(bob.signer, feature.wrap(hello));
    await alice.group.mergePendingCommit();
    expect(await alice.group.processMessage(late)).toMatchObject({ kind: "application" });
    await begin(commit, bob);
  });
});

describe("media types", () => {
  it("XM-01: what is not framed is neither sent nor taken", async () => {
    const { alice, bob } = await company(["alice", "bob"], { features });
    for (const bad of [hello, new Uint8Array(), concatBytes(feature.wrap(hello), Uint8Array.of(1))]) {
      await expect(alice.group.createMessage(alice.signer, bad)).rejects.toThrow(mlsError("ERR_MLS_DECODE"));
    }
    const other = await company(["carol", "dave"], { features: [mediaTypes({ supported: [plain] })] });
    const free = await other.carol.group.createMessage(other.carol.signer, hello); // where none are required
    expect(await other.dave.group.processMessage(free)).toMatchObject({ data: hello });
    const { extensions: _, ...lax } = feature;
    const unaware: Feature = { name: lax.name, extensions: feature.extensions! };
    const careless = (await MlsGroup.load({ ...bob.provider, features: [unaware] }, bob.group.groupId))!;
    const message = await careless.createMessage(bob.signer, hello);
    await expect(alice.group.processMessage(message)).rejects.toThrow(mlsError("ERR_MLS_DECODE"));
    const fine = await careless.createMessage(bob.signer, feature.wrap(hello));
    expect(await alice.group.processMessage(fine)).toMatchObject({ kind: "application" });
  });

  it("XM-02: leaves list what they receive, and the component among those they know", async () => {
    const { alice } = await company(["alice"], { features, config: { grease: false } });
    const leaf = alice.group.ownLeafNode;
    expect(feature.listedIn(leaf.extensions)).toEqual([plain, png]);
    expect(leaf.capabilities.extensions).toContain(6);
    const dictionary = leaf.extensions.find(({ extensionType }) => extensionType === 6)!;
    expect([...dictionary.extensionData.subarray(1, 11)]).toEqual([0, 1, 7, 6, 0, 1, 0, 2, 0, 3]);
  });

  it("XM-03: a newcomer who does not receive what is required is not added", async () => {
    const { alice } = await company(["alice", "bob"], { features });
    for (const supported of [[png], [{ type: "text/plain" }]]) {
      const dave = await outsider("dave", { features: [mediaTypes({ supported })] });
      const add = alice.group.addMembers(alice.signer, [await keyPackageOf(dave)]);
      const wanted = { code: "ERR_MLS_VALIDATION", rule: "xm03", details: { leafIndex: 2 } };
      await expect(add).rejects.toMatchObject(wanted);
    }
    const erin = await outsider("erin", { features: [mediaTypes({ supported: [png, plain] })] });
    await alice.group.addMembers(alice.signer, [await keyPackageOf(erin)]);
  });

  it("are checked as arguments and as text", () => {
    const usage = mlsError("ERR_MLS_USAGE");
    expect(() => mediaTypes({ supported: [] })).toThrow(usage);
    expect(() => mediaTypes({ supported: [{ type: "text plain" }] })).toThrow(usage);
    expect(() => mediaTypes({ supported: [{ type: "a/b", parameters: [["a", 1]] as never }] })).toThrow(
      usage,
    );
    expect(() => feature.wrap(hello, null as unknown as MediaType)).toThrow(usage);
    expect(() => feature.unwrap([], hexToBytes("01ff0000"))).toThrow(mlsError("ERR_MLS_DECODE"));
    const umlaut: MediaType = { type: "a/b", parameters: [["name", "Grüße"]] };
    expect(feature.unwrap([], feature.wrap(hello, umlaut)).mediaType).toEqual(umlaut);
    expect(feature.unwrap([], feature.wrap(hello)).mediaType).toEqual({ type: "" });
  });
});
