import {
  CIPHER_SUITES,
  type CipherSuite,
  DEFAULT_LIMITS,
  equalBytes,
  type Limits,
  type Policy,
  violation,
} from "@openmls-ts/traits";
import { checkPlacement } from "../extension/index.ts";
import {
  type Extension,
  type LeafNode,
  type Lifetime,
  type RequiredCapabilities,
  requiredCapabilitiesOf,
} from "../wire/index.ts";
import {
  isDefaultExtensionType,
  isDefaultProposalType,
  LeafNodeSource,
  ProtocolVersion,
} from "../registry.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import { isLeaf, leafToNode } from "./tree-math.ts";

export { signLeaf, verifyLeafSignature } from "./leaf-signature.ts";

/**
 * What becomes of a leaf outside of its lifetime (RFC 9420 §7.3): `require` refuses what we send ourselves, `refuse`
 * what arrives, `tolerate` lets it pass.
 */
export type LifetimePolicy = "require" | "refuse" | "tolerate";

/** What the leaves of one group have to fit. */
export interface LeafRules {
  readonly suite: CipherSuite;
  /** The extensions of the GroupContext; empty where there is no group yet. */
  readonly groupContextExtensions: readonly Extension[];
  /** Default: the required_capabilities among `groupContextExtensions`. */
  readonly requiredCapabilities?: RequiredCapabilities | undefined;
  /** Seconds since 1970. Without it lifetimes are not compared with the time. */
  readonly now?: bigint | undefined;
  /** Default: `tolerate`. */
  readonly lifetimePolicy?: LifetimePolicy | undefined;
  /** Default: `DEFAULT_LIMITS`. */
  readonly limits?: Pick<Limits, "maxLifetime"> | undefined;
  /** Default: `DEFAULT_POLICY`. */
  readonly policy?: Policy | undefined;
}

/** What one leaf has to fit. */
export interface LeafContext extends LeafRules {
  /** Where the leaf comes from decides which source it must name. */
  readonly expectedSource?: LeafNodeSource | undefined;
  /** The tree that the leaf enters: its keys are new there, and all members support one another's credentials. */
  readonly tree?: RatchetTree | undefined;
  /** The leaf index that it replaces, or that it already has. */
  readonly replacesLeaf?: number | undefined;
}

/**
 * All rules about a leaf that need no cryptography (RFC 9420 §7.3). See {@link validateLeafKeys} and
 * `verifyLeafSignature` for the rest.
 * @throws MlsError `ERR_MLS_VALIDATION` with the violated rule, `ERR_MLS_DECODE` for a malformed known extension
 */
export function validateLeaf(leaf: LeafNode, context: LeafContext): void {
  checkSource(leaf, context.expectedSource);
  checkContent(leaf, context);
  checkLifetime(leaf, context);
  if (context.tree !== undefined) {
    checkAgainstTree(leaf, context.tree, context.replacesLeaf);
  }
}

// RFC 9420 §7.3
const SOURCE_RULES: Readonly<Record<LeafNodeSource, string>> = {
  [LeafNodeSource.keyPackage]: "valn0108",
  [LeafNodeSource.update]: "valn0109",
  [LeafNodeSource.commit]: "valn0110",
};

function checkSource(leaf: LeafNode, expected: LeafNodeSource | undefined): void {
  if (expected !== undefined && leaf.leafNodeSource !== expected) {
    throw violation(
      SOURCE_RULES[expected],
      `leaf_node_source is ${leaf.leafNodeSource} in the place of ${expected}`,
    );
  }
}

function checkContent(leaf: LeafNode, rules: LeafRules): void {
  const { capabilities, extensions, credential } = leaf;
  const { suite } = rules;
  checkPlacement("leafNode", extensions); // valn1601
  if (
    !capabilities.versions.includes(ProtocolVersion.mls10) ||
    (!capabilities.cipherSuites.includes(suite.id) && rules.policy?.unlistedCipherSuite !== "tolerate")
  ) {
    throw violation("rfc38", "the leaf lacks the group's version or suite"); // RFC 9420 §7.2
  }
  if (!capabilities.credentials.includes(credential.credentialType)) {
    throw violation("valn0113", "the leaf lacks its own credential type"); // RFC 9420 §7.2
  }
  requireExtensions("valn0107", "in the leaf", leaf, extensions); // RFC 9420 §7.2
  requireExtensions("rfc115", "in the GroupContext", leaf, rules.groupContextExtensions); // RFC 9420 §13.4
  checkRequired(leaf, rules.requiredCapabilities ?? requiredCapabilitiesOf(rules.groupContextExtensions));
  checkScheme(leaf, suite);
  if (equalBytes(leaf.signatureKey, leaf.encryptionKey)) {
    throw violation("rfc54", "one key for encryption and signatures"); // RFC 9420 §16.7
  }
}

function requireExtensions(rule: string, where: string, leaf: LeafNode, list: readonly Extension[]): void {
  for (const { extensionType } of list) {
    if (!isDefaultExtensionType(extensionType) && !leaf.capabilities.extensions.includes(extensionType)) {
      throw violation(rule, `the leaf does not list extension type ${extensionType}, which is ${where}`);
    }
  }
}

// RFC 9420 §7.3, 11.1
function checkRequired(leaf: LeafNode, required: RequiredCapabilities | undefined): void {
  if (required === undefined) {
    return;
  }
  const { extensions, proposals, credentials } = leaf.capabilities;
  if (
    required.extensionTypes.some((type) => !isDefaultExtensionType(type) && !extensions.includes(type)) ||
    required.proposalTypes.some((type) => !isDefaultProposalType(type) && !proposals.includes(type)) ||
    required.credentialTypes.some((type) => !credentials.includes(type))
  ) {
    throw violation("valn0103", "the leaf lacks required capabilities");
  }
}

// RFC 9420 §5.1.2. A key of no scheme's length is left to validateLeafKeys.
function checkScheme(leaf: LeafNode, suite: CipherSuite): void {
  const { length } = leaf.signatureKey;
  const fits = CIPHER_SUITES.filter(({ signature }) => signature.publicKeyLength === length);
  if (fits.length > 0 && length !== suite.params.signature.publicKeyLength) {
    throw violation("rfc10", "a signature key of another scheme");
  }
}

/** Whether a time lies in a lifetime, both ends included (RFC 9420 §7.2). */
export function isWithinLifetime(lifetime: Lifetime, now: bigint): boolean {
  return lifetime.notBefore <= now && now <= lifetime.notAfter;
}

function checkLifetime(leaf: LeafNode, { now, lifetimePolicy = "tolerate", limits }: LeafRules): void {
  if (leaf.leafNodeSource !== LeafNodeSource.keyPackage) {
    return;
  }
  const { notBefore, notAfter } = leaf.lifetime;
  if (notAfter < notBefore || notAfter - notBefore > (limits ?? DEFAULT_LIMITS).maxLifetime) {
    throw violation("rfc40", "a lifetime too long, or reversed"); // RFC 9420 §7.2
  }
  if (now !== undefined && lifetimePolicy !== "tolerate" && !isWithinLifetime(leaf.lifetime, now)) {
    const rule = lifetimePolicy === "require" ? "valn0105" : "valn0106"; // RFC 9420 §7.3
    throw violation(rule, "the leaf is outside of its lifetime", { details: { notBefore, notAfter, now } });
  }
}

function checkAgainstTree(leaf: LeafNode, tree: RatchetTree, replacesLeaf: number | undefined): void {
  const replaced = replacesLeaf === undefined ? undefined : tree.leaf(replacesLeaf);
  checkUnique(leaf, tree, replaced, replacesLeaf);
  // RFC 9420 §7.3, 13.3
  const ownType = leaf.credential.credentialType;
  const others = tree.memberCount - (replaced === undefined ? 0 : 1);
  const supporters =
    tree.supportCount("credentials", ownType) -
    (replaced?.capabilities.credentials.includes(ownType) === true ? 1 : 0);
  if (supporters !== others) {
    throw violation("valn0104", "a member lacks the credential type");
  }
  for (const [type, users] of tree.credentialTypesInUse()) {
    const otherUsers = users - (replaced?.credential.credentialType === type ? 1 : 0);
    if (otherUsers > 0 && !leaf.capabilities.credentials.includes(type)) {
      throw violation("valn0104", `the leaf does not support credential type ${type} of another member`);
    }
  }
}

// RFC 9420 §7.3, 16.7
function checkUnique(
  leaf: LeafNode,
  tree: RatchetTree,
  replaced: LeafNode | undefined,
  replacesLeaf: number | undefined,
): void {
  const ownNode = replacesLeaf === undefined ? undefined : leafToNode(replacesLeaf);
  const holder = tree.nodeByEncryptionKey(leaf.encryptionKey);
  if (holder !== undefined && holder !== ownNode) {
    throw violation(isLeaf(holder) ? "valn0112" : "rfc54", "the encryption key is in the tree already");
  }
  if (replaced !== undefined && replaced !== leaf && equalBytes(replaced.encryptionKey, leaf.encryptionKey)) {
    const rule = leaf.leafNodeSource === LeafNodeSource.commit ? "valn1208" : "valn0109"; // RFC 9420 §7.3, 12.4.2
    throw violation(rule, "the leaf keeps its encryption key");
  }
  const signer = tree.leafBySignatureKey(leaf.signatureKey);
  if (signer !== undefined && signer !== replacesLeaf) {
    throw violation("valn0111", "the signature key belongs to another member");
  }
  const crossed = [tree.nodeByEncryptionKey(leaf.signatureKey), tree.leafBySignatureKey(leaf.encryptionKey)];
  if (crossed.some((index) => index !== undefined)) {
    throw violation("rfc54", "a key has another purpose in the tree");
  }
}

/**
 * Whether the keys of a leaf are keys of the suite (RFC 9420 §5.1.1).
 * @throws MlsError `ERR_MLS_VALIDATION` rule rfc08
 */
export async function validateLeafKeys(suite: CipherSuite, leaf: LeafNode): Promise<void> {
  const [encryption, signature] = await Promise.all([
    suite.isValidHpkePublicKey(leaf.encryptionKey),
    suite.isValidSignaturePublicKey(leaf.signatureKey),
  ]);
  if (!encryption || !signature) {
    throw violation("rfc08", "a key is not one of the cipher suite");
  }
}
