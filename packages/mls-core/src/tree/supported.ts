import { violation } from "@openmls-ts/traits";
import {
  CredentialType,
  isDefaultExtensionType,
  isDefaultProposalType,
  isGrease,
  ProtocolVersion,
} from "../registry.ts";
import {
  type Capabilities,
  type Extension,
  type RequiredCapabilities,
  requiredCapabilitiesOf,
} from "../wire/index.ts";

/** A list of a leaf's capabilities. */
export type SupportKind = keyof Capabilities;

/**
 * What this library can do for any application, so what a leaf lists unless told otherwise (RFC 9420 §7.2). Default
 * extension and proposal types are never listed.
 * @param cipherSuites the suites of the crypto provider; the leaf's own suite must be among them
 */
export function defaultCapabilities(cipherSuites: readonly number[] = [1, 2, 3, 4, 5, 6, 7]): Capabilities {
  return {
    versions: [ProtocolVersion.mls10],
    cipherSuites,
    extensions: [],
    proposals: [],
    credentials: [CredentialType.basic], // x509 by those who judge certificates
  };
}

// A stranger writes both lists of a comparison, so long ones become sets, once. Short ones, as in most of the leaves of
// a large tree, are cheaper as they are.
const SHORT = 16;
const sets = new WeakMap<readonly number[], ReadonlySet<number>>();

/** Whether a list of capabilities has a type; takes the same time for any list that is asked often. */
export function lists(capabilities: Capabilities, kind: SupportKind, type: number): boolean {
  const list = capabilities[kind];
  if (list.length <= SHORT) {
    return list.includes(type);
  }
  let set = sets.get(list);
  if (set === undefined) {
    set = new Set(list);
    sets.set(list, set);
  }
  return set.has(type);
}

/** Types of RFC 9420 itself, which everybody supports (§7.2); there are no such credential types. */
export function isDefaultType(kind: SupportKind, type: number): boolean {
  return (
    (kind === "extensions" && isDefaultExtensionType(type)) ||
    (kind === "proposals" && isDefaultProposalType(type))
  );
}

/**
 * Whether a client with these capabilities can deal with a type: a default one, or one that it lists and means (RFC 9420
 * §7.2, 13.5).
 */
export function supports(capabilities: Capabilities, kind: SupportKind, type: number): boolean {
  return isDefaultType(kind, type) || (!isGrease(type) && lists(capabilities, kind, type));
}

/**
 * Extension types stand in the capabilities of the leaf that has them, GREASE too (RFC 9420 §7.2, 10, 13.5).
 * @param rule valn0107 for extensions of the leaf, rfc72 for those of a KeyPackage of ours
 * @throws MlsError `ERR_MLS_VALIDATION`
 */
export function checkListed(
  capabilities: Capabilities,
  extensions: readonly Extension[],
  rule: "valn0107" | "rfc72",
): void {
  for (const { extensionType } of extensions) {
    if (!isDefaultExtensionType(extensionType) && !lists(capabilities, "extensions", extensionType)) {
      throw violation(rule, `the capabilities do not list extension type ${extensionType}`);
    }
  }
}

/**
 * What we say of ourselves lists no default types, which others may do (RFC 9420 §7.2).
 * @throws MlsError `ERR_MLS_VALIDATION` rule rfc37
 */
export function checkOwnCapabilities(capabilities: Capabilities): void {
  for (const kind of ["extensions", "proposals"] as const) {
    for (const type of capabilities[kind]) {
      if (isDefaultType(kind, type)) {
        throw violation("rfc37", `${kind} type ${type} is a default one, which capabilities do not list`);
      }
    }
  }
}

/** What a group asks of every member: each type once, without those that everybody supports. */
export interface GroupNeeds {
  /** Types of the extensions in the GroupContext (RFC 9420 §13.4). */
  readonly inContext: readonly number[];
  /** What required_capabilities names (RFC 9420 §11.1). */
  readonly required: readonly (readonly [kind: SupportKind, type: number])[];
}

const needs = new WeakMap<object, GroupNeeds>();

/**
 * What the extensions of a GroupContext ask of every member. Worked out once for each list.
 * @param required instead of the required_capabilities among the extensions
 * @throws MlsError `ERR_MLS_DECODE`
 */
export function needsOf(extensions: readonly Extension[], required?: RequiredCapabilities): GroupNeeds {
  let found = required === undefined ? needs.get(extensions) : undefined;
  if (found === undefined) {
    const { extensionTypes, proposalTypes, credentialTypes } = required ??
      requiredCapabilitiesOf(extensions) ?? { extensionTypes: [], proposalTypes: [], credentialTypes: [] };
    const of = (kind: SupportKind, types: readonly number[]): (readonly [SupportKind, number])[] =>
      [...new Set(types)].filter((type) => !isDefaultType(kind, type)).map((type) => [kind, type]);
    found = {
      inContext: extensions
        .map((entry) => entry.extensionType)
        .filter((type) => !isDefaultExtensionType(type)),
      required: [
        ...of("extensions", extensionTypes),
        ...of("proposals", proposalTypes),
        ...of("credentials", credentialTypes),
      ],
    };
    if (required === undefined) {
      needs.set(extensions, found);
    }
  }
  return found;
}
