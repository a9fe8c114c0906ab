import { violation } from "@openmls-ts/traits";
import { decode } from "../codec/index.ts";
import { ExtensionType, isDefaultExtensionType, isGrease } from "../registry.ts";
import { type Extension, extensionData } from "../wire/index.ts";

/** A list of extensions (RFC 9420 §17.3, column "Message(s)"). */
export type ExtensionPlace = "leafNode" | "groupInfo" | "groupContext" | "keyPackage";

/** An extension type that is known: where it may stand, and what its data are. */
export interface ExtensionEntry {
  readonly type: number;
  readonly places: readonly ExtensionPlace[];
  /** Throws an `MlsError` for data that are malformed. */
  readonly check?: ((data: Uint8Array) => void) | undefined;
}

/** Known extension types by their number. */
export type ExtensionEntries = ReadonlyMap<number, ExtensionEntry>;

const { applicationId, ratchetTree, requiredCapabilities, externalPub, externalSenders } = ExtensionType;

function entry(type: number, ...places: readonly ExtensionPlace[]): readonly [number, ExtensionEntry] {
  const codec = extensionData[type];
  return [
    type,
    { type, places, check: codec === undefined ? undefined : (data) => void decode(codec, data) },
  ];
}

/** Those of RFC 9420 (§17.3). A ratchet tree is read where it is used. */
const RFC_ENTRIES: ExtensionEntries = new Map([
  entry(applicationId, "leafNode"),
  entry(ratchetTree, "groupInfo"),
  entry(requiredCapabilities, "groupContext"),
  entry(externalPub, "groupInfo"),
  entry(externalSenders, "groupContext"),
]);

const RULES: Readonly<Record<ExtensionPlace, string>> = {
  leafNode: "valn1601",
  groupInfo: "valn1602",
  groupContext: "valn1603",
  keyPackage: "valn1604",
};

/**
 * Refuses known extension types where they do not belong or with malformed data, and GREASE in a GroupContext. Unknown
 * types pass.
 * @param features types that features bring
 * @throws MlsError `ERR_MLS_VALIDATION` (valn1601 to valn1604, rfc117), `ERR_MLS_DECODE`
 */
export function checkPlacement(
  place: ExtensionPlace,
  list: readonly Extension[],
  features?: ExtensionEntries,
): void {
  for (const { extensionType, extensionData: data } of list) {
    const known = isDefaultExtensionType(extensionType)
      ? RFC_ENTRIES.get(extensionType)
      : features?.get(extensionType);
    if (known !== undefined && !known.places.includes(place)) {
      throw violation(RULES[place], `extension type ${extensionType} does not belong there`);
    }
    if (place === "groupContext" && isGrease(extensionType)) {
      throw violation("rfc117", "GREASE does not belong in a GroupContext"); // RFC 9420 §13.5
    }
    known?.check?.(data);
  }
}
