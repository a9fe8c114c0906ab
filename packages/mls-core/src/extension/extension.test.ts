import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { decode, encode, opaque } from "../codec/index.ts";
import {
  applicationIdExtension,
  applicationIdOf,
  basicCredential,
  type Extension,
  extensions,
  externalPubExtension,
  externalPubOf,
  externalSendersExtension,
  externalSendersOf,
  findExtension,
  requiredCapabilitiesExtension,
  requiredCapabilitiesOf,
  withExtension,
} from "../wire/index.ts";
import { ExtensionType } from "../registry.ts";
import { mlsError } from "../testing/suites.ts";
import { checkPlacement, type ExtensionEntries, type ExtensionEntry } from "./index.ts";

const OTHER: Extension = { extensionType: 0xf001, extensionData: utf8("x") };
const REQUIRED = { extensionTypes: [0xf001], proposalTypes: [], credentialTypes: [1, 2] };
const SENDERS = [{ signatureKey: utf8("key"), credential: basicCredential(utf8("bot")) }];

const KNOWN = {
  applicationId: applicationIdExtension(utf8("app")),
  requiredCapabilities: requiredCapabilitiesExtension(REQUIRED),
  externalPub: externalPubExtension(utf8("pub")),
  externalSenders: externalSendersExtension(SENDERS),
  ratchetTree: { extensionType: ExtensionType.ratchetTree, extensionData: Uint8Array.of(0) },
} satisfies Record<string, Extension>;

describe("extensions (RFC 9420 §13.4)", () => {
  it("encode and decode as a list", () => {
    const list = [OTHER, KNOWN.applicationId];
    const bytes = encode(extensions, list);
    expect(bytes).toEqual(Uint8Array.of(11, 0xf0, 1, 1, 0x78, 0, 1, 4, 3, 0x61, 0x70, 0x70));
    expect(decode(extensions, bytes)).toEqual(list);
  });

  it("stand once in a list (rfc114)", () => {
    const once = encode(extensions, [OTHER]);
    const twice = Uint8Array.of(8, ...once.subarray(1), ...once.subarray(1));
    expect(() => decode(extensions, twice)).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc114"));
    const list = [OTHER, { ...OTHER, extensionData: utf8("y") }];
    expect(() => encode(extensions, list)).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc114"));
  });

  it("are found, and replaced when added again (trap09)", () => {
    const list = withExtension(withExtension([OTHER], KNOWN.externalPub), {
      ...OTHER,
      extensionData: utf8("y"),
    });
    expect(list).toHaveLength(2);
    expect(findExtension(list, 0xf001)).toEqual(utf8("y"));
    expect(findExtension(list, 1)).toBeUndefined();
  });
});

describe("typed extensions", () => {
  const list = Object.values(KNOWN);

  it("give their data back", () => {
    expect(applicationIdOf(list)).toEqual(utf8("app"));
    expect(requiredCapabilitiesOf(list)).toEqual(REQUIRED);
    expect(externalPubOf(list)).toEqual(utf8("pub"));
    expect(externalSendersOf(list)).toEqual(SENDERS);
    expect([
      applicationIdOf([]),
      requiredCapabilitiesOf([]),
      externalPubOf([]),
      externalSendersOf([]),
    ]).toEqual(Array.from({ length: 4 }));
  });

  it.each([
    ["applicationId", applicationIdOf],
    ["requiredCapabilities", requiredCapabilitiesOf],
    ["externalPub", externalPubOf],
    ["externalSenders", externalSendersOf],
  ] as const)("refuse anything after or missing from their data (trap07): %s", (name, read) => {
    const { extensionType, extensionData } = KNOWN[name];
    for (const data of [Uint8Array.of(...extensionData, 0), extensionData.subarray(0, -1)]) {
      expect(() => read([{ extensionType, extensionData: data }])).toThrow(mlsError("ERR_MLS_DECODE"));
    }
  });
});

describe("placement (RFC 9420 §17.3)", () => {
  const places = {
    leafNode: ["valn1601", ["applicationId"]],
    groupInfo: ["valn1602", ["ratchetTree", "externalPub"]],
    groupContext: ["valn1603", ["requiredCapabilities", "externalSenders"]],
    keyPackage: ["valn1604", []],
  } as const satisfies Record<string, readonly [string, readonly (keyof typeof KNOWN)[]]>;
  const cases = Object.entries(places).flatMap(([place, [rule, allowed]]) =>
    (Object.keys(KNOWN) as (keyof typeof KNOWN)[]).map(
      (name) =>
        [place as keyof typeof places, name, (allowed as readonly string[]).includes(name), rule] as const,
    ),
  );

  it.each(cases)("in %s, %s belongs: %s", (place, name, belongs, rule) => {
    const check = (): void => checkPlacement(place, [OTHER, KNOWN[name]]);
    if (belongs) {
      expect(check).not.toThrow();
    } else {
      expect(check).toThrow(mlsError("ERR_MLS_VALIDATION", rule));
    }
  });

  it("has no GREASE in a GroupContext (rfc117), and lets it stand elsewhere (rfc118)", () => {
    const grease = { extensionType: 0x3a3a, extensionData: new Uint8Array() };
    expect(() => checkPlacement("groupContext", [grease])).toThrow(mlsError("ERR_MLS_VALIDATION", "rfc117"));
    for (const place of ["leafNode", "groupInfo", "keyPackage"] as const) {
      expect(() => checkPlacement(place, [grease])).not.toThrow();
    }
  });

  it("is told of the types of features, which cannot replace those of the RFC", () => {
    const check = (data: Uint8Array): void => void decode(opaque, data);
    const features: ExtensionEntries = new Map<number, ExtensionEntry>([
      [0xf001, { type: 0xf001, places: ["keyPackage"], check }],
      [1, { type: 1, places: ["groupContext"] }],
    ]);
    const good = { extensionType: 0xf001, extensionData: Uint8Array.of(1, 7) };
    expect(() => checkPlacement("keyPackage", [good], features)).not.toThrow();
    expect(() => checkPlacement("keyPackage", [OTHER], features)).toThrow(mlsError("ERR_MLS_DECODE"));
    expect(() => checkPlacement("leafNode", [good], features)).toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn1601"),
    );
    const applicationId = [KNOWN.applicationId];
    expect(() => checkPlacement("groupContext", applicationId, features)).toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn1603"),
    );
  });

  it("lets unknown types stand anywhere, and refuses malformed known ones", () => {
    for (const place of Object.keys(places) as (keyof typeof places)[]) {
      expect(() => checkPlacement(place, [OTHER])).not.toThrow();
    }
    const broken = { ...KNOWN.externalSenders, extensionData: Uint8Array.of(9) };
    expect(() => checkPlacement("groupContext", [broken])).toThrow(mlsError("ERR_MLS_DECODE"));
  });
});
