import { type CipherSuite, type Signer, violation } from "@openmls-ts/traits";
import { checkSigner } from "../credential/index.ts";
import { capabilitiesArgument, type Environment } from "../feature/index.ts";
import { isDefaultExtensionType, isDefaultProposalType, isGrease } from "../registry.ts";
import { greaseCapabilities, greaseFact, greaseValue } from "../tree/grease.ts";
import { signLeaf } from "../tree/leaf-validation.ts";
import {
  type Capabilities,
  type CredentialWithKey,
  type Extension,
  type LeafNode,
  type LeafNodeOrigin,
  type LeafNodePosition,
} from "../wire/index.ts";

/**
 * Whether what this client makes carries random reserved values that receivers must ignore (RFC 9420 §13.5); with
 * `capabilities` in no extensions, for receivers that ignore them among capabilities alone.
 */
export type Grease = boolean | "capabilities";

/** The content of a leaf of this client, whichever way it comes into a tree. */
export interface OwnLeaf {
  readonly signatureKey: Uint8Array;
  readonly credential: CredentialWithKey["credential"];
  readonly capabilities: Capabilities;
  readonly extensions: readonly Extension[];
}

/** What a caller may choose about a leaf. */
export interface OwnLeafChoices {
  readonly credentialWithKey: CredentialWithKey;
  /** Added to what follows from crypto provider and features. */
  readonly capabilities?: Partial<Capabilities> | undefined;
  readonly extensions?: readonly Extension[] | undefined;
  readonly grease: Grease;
}

/** What this client lists as supported: what it can do, and what the application adds (RFC 9420 §7.2). */
export async function ownCapabilities(
  { provider, features }: Environment,
  more: Partial<Capabilities> = {},
): Promise<Capabilities> {
  const given = capabilitiesArgument(more);
  const known = features.capabilities(await provider.crypto.supportedCipherSuites());
  const unable = given.cipherSuites.find((id) => !known.cipherSuites.includes(id) && !isGrease(id)); // bounded: own lists
  if (unable !== undefined) {
    throw violation("rfc113", `the crypto provider does not have cipher suite ${unable}`); // RFC 9420 §13.4
  }
  const merge = (kind: keyof Capabilities, isDefault: (type: number) => boolean = () => false): number[] =>
    [...new Set([...known[kind], ...given[kind]])].filter((type) => !isDefault(type)); // RFC 9420 §7.2
  return {
    versions: merge("versions"),
    cipherSuites: merge("cipherSuites"),
    extensions: merge("extensions", isDefaultExtensionType),
    proposals: merge("proposals", isDefaultProposalType),
    credentials: merge("credentials"),
  };
}

/** The content of a new leaf. @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_VALIDATION` rule rfc113 */
export async function newLeaf(env: Environment, choices: OwnLeafChoices): Promise<OwnLeaf> {
  const { credentialWithKey, extensions = [], grease } = choices;
  const plain = await ownCapabilities(env, choices.capabilities);
  const capabilities = grease === false ? plain : greaseCapabilities(env.suite, plain);
  const facts = { cipherSuite: env.suite.id, ...greaseFact(env.suite, grease) };
  const all = env.features.extensionsFor("leafNode", facts, extensions);
  return {
    ...credentialWithKey,
    capabilities,
    extensions: grease === true ? withGrease(env.suite, capabilities, all) : all,
  };
}

/** A list with an extension of a reserved type that the capabilities list (RFC 9420 §13.5). */
export function withGrease(
  random: Pick<CipherSuite, "randomBytes">,
  capabilities: Capabilities,
  list: readonly Extension[],
): readonly Extension[] {
  const taken = new Set(list.map(({ extensionType }) => extensionType));
  const extensionType = capabilities.extensions.find((type) => isGrease(type) && !taken.has(type));
  return extensionType === undefined
    ? list
    : [...list, { extensionType, extensionData: random.randomBytes(1 + (greaseValue(random) % 8)) }];
}

/**
 * The one maker of leaves of this client: signs, and verifies the signature as everybody else will (RFC 9420 §7.2).
 * @throws MlsError `ERR_MLS_USAGE` for a signer of another key, or whose signatures do not verify; `ERR_MLS_LIMIT`
 */
export async function makeOwnLeaf(
  env: Environment,
  signer: Signer,
  leaf: OwnLeaf,
  made: LeafNodeOrigin & { readonly encryptionKey: Uint8Array },
  position?: LeafNodePosition,
): Promise<LeafNode> {
  checkSigner(signer, leaf.signatureKey);
  return signLeaf(env.suite, signer, { ...leaf, ...made }, position);
}
