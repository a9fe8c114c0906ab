import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decode, opaque } from "../codec/index.ts";
import { mlsError } from "../testing/suites.ts";
import { keyPackageStruct } from "../wire/index.ts";
import { keyPackageOf } from "../testing/client.ts";
import { newcomer } from "../testing/world.ts";
import {
  bundleOf,
  customCredentials,
  customExtension,
  customProposal,
  type Feature,
  FeatureSet,
} from "./index.ts";

const psk = (type: number): Feature => ({
  name: `psk ${type}`,
  psks: [{ type, body: opaque, find: async () => undefined }],
});
const wireFormat = (number: number): Feature => ({
  name: `wire format ${number}`,
  wireFormats: [
    {
      wireFormat: number,
      header: () => ({ groupId: new Uint8Array(), epoch: 0n }),
      process: async () => ({ sender: 0, value: undefined }),
    },
  ],
});
const secret = (label: string, name = label): Feature => ({
  name,
  epochSecrets: [{ label, start: (value) => value.slice() }],
});

describe("a set of features", () => {
  it.each<readonly [string, readonly Feature[]]>([
    ["a name twice", [{ name: "poll" }, { name: "poll" }]],
    ["a proposal type twice", [customProposal(0xf001), customProposal(0xf001, { name: "other" })]],
    ["a proposal type of the RFC", [customProposal(3)]],
    ["a GREASE proposal type", [customProposal(0x1a1a)]],
    ["an extension type twice", [customExtension(0xf001), { ...customExtension(0xf001), name: "other" }]],
    ["an extension type of the RFC", [customExtension(5)]],
    ["a GREASE extension type", [customExtension(0xeaea)]],
    ["a credential type twice", [customCredentials(0xf001), { ...customCredentials(0xf001), name: "other" }]],
    ["the basic credential", [customCredentials(1)]],
    ["the X.509 credential", [customCredentials(2)]],
    ["a GREASE credential type", [customCredentials(0x2a2a)]],
    ["a PSK type twice", [psk(9), { ...psk(9), name: "other" }]],
    ["the resumption PSK", [psk(2)]],
    ["the external PSK", [psk(1)]],
    ["a wire format twice", [wireFormat(0xf001), { ...wireFormat(0xf001), name: "other" }]],
    ["a wire format of the RFC", [wireFormat(5)]],
    ["a GREASE wire format", [wireFormat(0x0a0a)]],
    ["an epoch secret twice", [secret("poll"), secret("poll", "other")]],
  ])("refuses %s", (_, features) => {
    expect(() => new FeatureSet(features)).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("refuses what is no list, when the provider is used", async () => {
    const { provider } = await newcomer("alice");
    const features = { name: "poll" } as unknown as readonly Feature[];
    expect(() => bundleOf({ ...provider, features })).toThrow(mlsError("ERR_MLS_USAGE"));
  });

  it("derives capabilities, without the RFC's own types (rfc37)", () => {
    const features = new FeatureSet([
      customProposal(0xf001),
      customExtension(0xf002),
      customCredentials(0xf003),
      { name: "more", objects: { capabilities: { proposals: [0xf004], extensions: [0xf002] } } },
    ]);
    expect(features.capabilities([1, 3])).toEqual({
      versions: [1],
      cipherSuites: [1, 3],
      proposals: [0xf001, 0xf004],
      extensions: [0xf002],
      credentials: [1, 0xf003],
    });
  });

  it("asks every feature for extensions, with what is known of the object", () => {
    const seen: unknown[] = [];
    const feature: Feature = {
      ...customExtension(0xf001),
      objects: {
        extensionsFor: (place, facts) => {
          seen.push([place, facts]);
          return place === "keyPackage" ? [{ extensionType: 0xf001, extensionData: utf8("x") }] : [];
        },
      },
    };
    const features = new FeatureSet([feature]);
    expect(features.extensionsFor("keyPackage", { cipherSuite: 1, lastResort: true })).toHaveLength(1);
    expect(features.extensionsFor("leafNode", { cipherSuite: 1 })).toEqual([]);
    expect(seen).toEqual([
      ["keyPackage", { cipherSuite: 1, lastResort: true }],
      ["leafNode", { cipherSuite: 1 }],
    ]);
  });

  it("puts types and extensions into this client's key packages", async () => {
    const note = { extensionType: 0xf001, extensionData: utf8("note") };
    const feature: Feature = {
      ...customExtension(0xf001, { places: ["keyPackage", "leafNode"] }),
      objects: { extensionsFor: (place) => (place === "keyPackage" || place === "leafNode" ? [note] : []) },
    };
    const dave = await newcomer("dave", { provider: { features: [feature, customProposal(0xf002)] } });
    const { extensions, leafNode } = decode(keyPackageStruct, (await keyPackageOf(dave)).encode());
    expect(extensions).toContainEqual(note);
    expect(leafNode.extensions).toContainEqual(note);
    expect(leafNode.capabilities.extensions).toContain(0xf001);
    expect(leafNode.capabilities.proposals).toContain(0xf002);
  });
});
