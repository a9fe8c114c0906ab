import { violation } from "@openmls-ts/traits";
import { ExtensionType, isDefaultExtensionType } from "../registry.ts";
import {
  applicationIdOf,
  type Extension,
  externalPubOf,
  externalSendersOf,
  requiredCapabilitiesOf,
} from "../wire/index.ts";

interface Place {
  readonly name: string;
  readonly rule: string;
  readonly allowed: readonly number[];
}

// RFC 9420 §17.3, column "Message(s)"
const PLACES: Readonly<Record<"leafNode" | "groupInfo" | "groupContext" | "keyPackage", Place>> = {
  leafNode: { name: "LeafNode", rule: "valn1601", allowed: [ExtensionType.applicationId] },
  groupInfo: {
    name: "GroupInfo",
    rule: "valn1602",
    allowed: [ExtensionType.ratchetTree, ExtensionType.externalPub],
  },
  groupContext: {
    name: "GroupContext",
    rule: "valn1603",
    allowed: [ExtensionType.requiredCapabilities, ExtensionType.externalSenders],
  },
  keyPackage: { name: "KeyPackage", rule: "valn1604", allowed: [] },
};

/**
 * Refuses extension types of RFC 9420 where they do not belong, and known types whose data are malformed. Unknown
 * types pass.
 * @throws MlsError `ERR_MLS_VALIDATION` (valn1601 to valn1604), `ERR_MLS_DECODE`
 */
export function checkPlacement(place: keyof typeof PLACES, list: readonly Extension[]): void {
  const { name, rule, allowed } = PLACES[place];
  for (const { extensionType } of list) {
    if (isDefaultExtensionType(extensionType) && !allowed.includes(extensionType)) {
      throw violation(rule, `extension type ${extensionType} does not belong in a ${name}`);
    }
  }
  applicationIdOf(list);
  requiredCapabilitiesOf(list);
  externalPubOf(list);
  externalSendersOf(list);
}
