import { bytesToKey } from "@openmls-ts/traits";
import { type Codec, decode, encode, opaque, struct, uint16s, vector } from "../codec/index.ts";
import { credential, type Credential } from "./credential.ts";
import { type Extension, findExtension } from "./extension.ts";
import { ExtensionType } from "../registry.ts";
import { publicKeyBytes } from "./sizes.ts";

/** What every member must support (RFC 9420 §11.1). */
export interface RequiredCapabilities {
  readonly extensionTypes: readonly number[];
  readonly proposalTypes: readonly number[];
  readonly credentialTypes: readonly number[];
}

//   struct {
//       ExtensionType extension_types<V>;
//       ProposalType proposal_types<V>;
//       CredentialType credential_types<V>;
//   } RequiredCapabilities;
const requiredCapabilities: Codec<RequiredCapabilities> = struct<RequiredCapabilities>({
  extensionTypes: uint16s,
  proposalTypes: uint16s,
  credentialTypes: uint16s,
});

/** Somebody outside the group who may propose (RFC 9420 §12.1.8.1). */
export interface ExternalSender {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}

//   struct {
//     SignaturePublicKey signature_key;
//     Credential credential;
//   } ExternalSender;
//
//   ExternalSender external_senders<V>;
const externalSender: Codec<ExternalSender> = struct<ExternalSender>({
  signatureKey: publicKeyBytes,
  credential,
});
const externalSenders: Codec<readonly ExternalSender[]> = vector(externalSender);

function reader<T>(extensionType: number, codec: Codec<T>): (list: readonly Extension[]) => T | undefined {
  return (list) => {
    const data = findExtension(list, extensionType);
    return data === undefined ? undefined : decode(codec, data);
  };
}

function writer<T>(extensionType: number, codec: Codec<T>): (value: T) => Extension {
  return (value) => ({ extensionType, extensionData: encode(codec, value) });
}

/** The required_capabilities of a list. @throws MlsError `ERR_MLS_DECODE` */
export const requiredCapabilitiesOf: (list: readonly Extension[]) => RequiredCapabilities | undefined =
  reader(ExtensionType.requiredCapabilities, requiredCapabilities);
/** A required_capabilities extension (RFC 9420 §11.1). */
export const requiredCapabilitiesExtension: (value: RequiredCapabilities) => Extension = writer(
  ExtensionType.requiredCapabilities,
  requiredCapabilities,
);

/** The external_senders of a list. @throws MlsError `ERR_MLS_DECODE` */
export const externalSendersOf: (list: readonly Extension[]) => readonly ExternalSender[] | undefined =
  reader(ExtensionType.externalSenders, externalSenders);
/** An external_senders extension (RFC 9420 §12.1.8.1). */
export const externalSendersExtension: (value: readonly ExternalSender[]) => Extension = writer(
  ExtensionType.externalSenders,
  externalSenders,
);

/**
 * The external senders of one list that another does not have: the ones to judge when a GroupContext changes (RFC 9420
 * §5.3.1).
 * @throws MlsError `ERR_MLS_DECODE`
 */
export function newExternalSenders(
  old: readonly Extension[],
  next: readonly Extension[],
): readonly ExternalSender[] {
  const keyOf = (sender: ExternalSender): string => bytesToKey(encode(externalSender, sender));
  const known = new Set(externalSendersOf(old)?.map(keyOf));
  return (externalSendersOf(next) ?? []).filter((sender) => !known.has(keyOf(sender)));
}

/** The external_pub of a list: an HPKE public key (RFC 9420 §12.4.3.2). @throws MlsError `ERR_MLS_DECODE` */
export const externalPubOf: (list: readonly Extension[]) => Uint8Array | undefined = reader(
  ExtensionType.externalPub,
  publicKeyBytes,
);
/** An external_pub extension. */
export const externalPubExtension: (value: Uint8Array) => Extension = writer(
  ExtensionType.externalPub,
  publicKeyBytes,
);

/** The application_id of a list; unauthenticated, and not unique (RFC 9420 §5.3.3). @throws MlsError `ERR_MLS_DECODE` */
export const applicationIdOf: (list: readonly Extension[]) => Uint8Array | undefined = reader(
  ExtensionType.applicationId,
  opaque,
);
/** An application_id extension (RFC 9420 §5.3.3). */
export const applicationIdExtension: (value: Uint8Array) => Extension = writer(
  ExtensionType.applicationId,
  opaque,
);

/** The data of the extension types of RFC 9420 (§17.3), but of the ratchet tree. */
export const extensionData: Readonly<Record<number, Codec<unknown>>> = {
  [ExtensionType.applicationId]: opaque,
  [ExtensionType.requiredCapabilities]: requiredCapabilities,
  [ExtensionType.externalPub]: publicKeyBytes,
  [ExtensionType.externalSenders]: externalSenders,
};
