import {
  type CipherSuite,
  DEFAULT_LIMITS,
  equalBytes,
  type GroupRules,
  type Limits,
  MlsError,
  violation,
} from "@openmls-ts/traits";
import { checkPlacement, type ExtensionEntries } from "../extension/index.ts";
import {
  type Extension,
  type LeafNode,
  leafNode,
  type Lifetime,
  type RequiredCapabilities,
} from "../wire/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../registry.ts";
import { checkListed, lists, needsOf, supports } from "./supported.ts";
import { isLeaf, leafToNode } from "./tree-math.ts";
import type { TreeView } from "./tree-view.ts";

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
  readonly limits?: (Pick<Limits, "maxLifetime"> & { readonly maxLeafSize?: number }) | undefined;
  /** Default: strict. */
  readonly rules?: Pick<GroupRules, "unlistedCipherSuite"> | undefined;
  /** Extension types that features bring. Default: none. */
  readonly extensionEntries?: ExtensionEntries | undefined;
}

/** Longest LeafNode where the limits name none, in bytes: every later Welcome carries it. */
const DEFAULT_MAX_LEAF_SIZE = 64 * 1024;

/** What one leaf has to fit. */
export interface LeafContext extends LeafRules {
  /** Where the leaf comes from decides which source it must name. */
  readonly expectedSource?: LeafNodeSource | undefined;
  /** The tree that the leaf is in or enters: its keys are new there, and all members support one another's credentials. */
  readonly tree?: TreeView | undefined;
  /** The leaf index at which the tree holds this leaf already. */
  readonly leafIndex?: number | undefined;
  /** The leaf index of what it replaces, where the tree does not hold it yet. */
  readonly replacesLeaf?: number | undefined;
}

/**
 * All rules about a leaf that need no cryptography (RFC 9420 §7.3). See {@link validateLeafKeys} and
 * `verifyLeafSignature` for the rest.
 * @throws MlsError `ERR_MLS_VALIDATION` with the violated rule, `ERR_MLS_DECODE` for a malformed known extension,
 *   `ERR_MLS_LIMIT` for a leaf that is longer than `maxLeafSize`
 */
export function validateLeaf(leaf: LeafNode, context: LeafContext): void {
  checkSize(leaf, context);
  checkSource(leaf, context.expectedSource);
  checkContent(leaf, context);
  checkLifetime(leaf, context);
  if (context.tree !== undefined) {
    checkAgainstTree(leaf, context.tree, context);
  }
}

function checkSize(leaf: LeafNode, { limits }: LeafRules): void {
  const maximum = limits?.maxLeafSize ?? DEFAULT_MAX_LEAF_SIZE;
  if (leafNode.size(leaf) > maximum) {
    const details = { limit: "maxLeafSize", maximum };
    throw new MlsError("ERR_MLS_LIMIT", `a leaf is longer than ${maximum} bytes`, { details });
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
  checkPlacement("leafNode", extensions, rules.extensionEntries); // valn1601
  if (
    !lists(capabilities, "versions", ProtocolVersion.mls10) ||
    (!lists(capabilities, "cipherSuites", suite.id) && rules.rules?.unlistedCipherSuite !== "tolerate")
  ) {
    throw violation("rfc38", "the leaf lacks the group's version or suite"); // RFC 9420 §7.2
  }
  if (!supports(capabilities, "credentials", credential.credentialType)) {
    throw violation("valn0113", "the leaf lacks its own credential type"); // RFC 9420 §7.2
  }
  checkListed(capabilities, extensions, "valn0107"); // RFC 9420 §7.2
  const { inContext, required } = needsOf(rules.groupContextExtensions, rules.requiredCapabilities);
  for (const type of inContext) {
    if (!supports(capabilities, "extensions", type)) {
      throw violation("rfc115", `the leaf lacks extension type ${type} of the GroupContext`); // RFC 9420 §13.4
    }
  }
  for (const [kind, type] of required) {
    if (!supports(capabilities, kind, type)) {
      throw violation("valn0103", `the leaf lacks required ${kind} type ${type}`); // RFC 9420 §7.3, 11.1
    }
  }
  checkScheme(leaf, suite);
  if (equalBytes(leaf.signatureKey, leaf.encryptionKey)) {
    throw violation("rfc54", "one key for encryption and signatures"); // RFC 9420 §16.7
  }
}

// Ed25519, Ed448 and the points of P-256, P-384 and P-521, in bytes.
const SCHEME_LENGTHS: ReadonlySet<number> = new Set([32, 57, 65, 97, 133]);

// RFC 9420 §5.1.2. A key of no scheme's length is left to validateLeafKeys.
function checkScheme(leaf: LeafNode, suite: CipherSuite): void {
  const { length } = leaf.signatureKey;
  if (SCHEME_LENGTHS.has(length) && length !== suite.params.signature.publicKeyLength) {
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

type LeafPosition = Pick<LeafContext, "leafIndex" | "replacesLeaf">;

function checkAgainstTree(leaf: LeafNode, tree: TreeView, position: LeafPosition): void {
  const { leafIndex, replacesLeaf } = position;
  const replaced =
    leafIndex === undefined && replacesLeaf !== undefined ? tree.leaf(replacesLeaf) : undefined;
  checkUnique(leaf, tree, replaced, leafIndex ?? replacesLeaf);
  // RFC 9420 §7.3, 13.3
  const { credentialType } = leaf.credential;
  const others = tree.memberCount - (replaced === undefined ? 0 : 1);
  const supporters =
    tree.supportCount("credentials", credentialType) -
    (replaced !== undefined && supports(replaced.capabilities, "credentials", credentialType) ? 1 : 0);
  if (supporters !== others) {
    throw violation("valn0104", "a member lacks the credential type");
  }
  for (const [type, users] of tree.credentialTypesInUse()) {
    const otherUsers = users - (replaced?.credential.credentialType === type ? 1 : 0);
    if (otherUsers > 0 && !supports(leaf.capabilities, "credentials", type)) {
      throw violation("valn0104", `the leaf does not support credential type ${type} of another member`);
    }
  }
}

// RFC 9420 §7.3, 16.7
function checkUnique(
  leaf: LeafNode,
  tree: TreeView,
  replaced: LeafNode | undefined,
  leafIndex: number | undefined,
): void {
  const nobody = -1;
  const ownNode = leafIndex === undefined ? nobody : leafToNode(leafIndex);
  const holder = tree.otherHolder(leaf.encryptionKey, ownNode);
  if (holder !== undefined) {
    throw violation(isLeaf(holder) ? "valn0112" : "rfc54", "the encryption key is in the tree already");
  }
  if (replaced !== undefined && replaced !== leaf && equalBytes(replaced.encryptionKey, leaf.encryptionKey)) {
    const rule = leaf.leafNodeSource === LeafNodeSource.commit ? "valn1208" : "valn0109"; // RFC 9420 §7.3, 12.4.2
    throw violation(rule, "the leaf keeps its encryption key");
  }
  if (tree.otherSigner(leaf.signatureKey, leafIndex ?? nobody) !== undefined) {
    throw violation("valn0111", "the signature key belongs to another member");
  }
  if (
    tree.nodeByEncryptionKey(leaf.signatureKey) !== undefined ||
    tree.leafBySignatureKey(leaf.encryptionKey) !== undefined
  ) {
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
