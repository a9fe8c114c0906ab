import { violation } from "@openmls-ts/traits";
import { validateCredential } from "../credential/index.ts";
import type { Environment } from "../environment.ts";
import { checkPlacement } from "../extension/index.ts";
import {
  type Add,
  checkUniqueTypes,
  type Extension,
  externalSendersOf,
  type GroupContext,
  type PreSharedKey,
  type ReInit,
  requiredCapabilitiesOf,
  type Update,
} from "../wire/index.ts";
import { validateKeyPackage } from "../key-package/validate-key-package.ts";
import {
  isDefaultExtensionType,
  isDefaultProposalType,
  LeafNodeSource,
  PskType,
  ResumptionPskUsage,
} from "../registry.ts";
import { validateReplacement } from "./validate-replacement.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";

/** The group that a proposal is for: the tree as far as the commit's earlier proposals changed it. */
export interface ProposalContext {
  readonly env: Environment;
  readonly tree: RatchetTree;
  readonly groupContext: GroupContext;
  /** The extensions in force, those of a GroupContextExtensions in the same commit included (RFC 9420 §12.3). */
  readonly extensions: readonly Extension[];
  /** Whether we send it ourselves: then leaves must be within their lifetime (RFC 9420 §7.3). */
  readonly sending?: boolean;
}

/**
 * RFC 9420 §12.1.1, 10.1.
 * @param inCommit whether the tree is that of the commit, so that keys must be new in it; a proposal on its own may wait
 *   for the Remove of an older appearance
 * @throws MlsError
 */
export async function validateAdd(context: ProposalContext, add: Add, inCommit = true): Promise<void> {
  const { env, tree, groupContext, extensions } = context;
  const { leafNode } = add.keyPackage;
  await validateKeyPackage(env, add.keyPackage, {
    groupContextExtensions: extensions,
    tree: inCommit ? tree : undefined,
    now: env.clock.now(),
    lifetimePolicy: context.sending === true ? "require" : env.policy.expiredAdd,
  });
  await validateCredential(env, leafNode, {
    groupId: groupContext.groupId,
    purpose: "add",
    lifetime: leafNode.leafNodeSource === LeafNodeSource.keyPackage ? leafNode.lifetime : undefined,
  });
}

/** RFC 9420 §12.1.2, 7.3. @throws MlsError */
export async function validateUpdate(
  context: ProposalContext,
  leafIndex: number,
  update: Update,
): Promise<void> {
  await validateReplacement(context, leafIndex, update.leafNode, LeafNodeSource.update);
}

/** RFC 9420 §12.1.3. @throws MlsError `ERR_MLS_VALIDATION` */
export function validateRemove(tree: RatchetTree, removed: number): void {
  if (tree.leaf(removed) === undefined) {
    throw violation("valn0701", `leaf ${removed} is blank`);
  }
}

/**
 * RFC 9420 §12.1.4.
 * @param allowed the usage of resumption PSK that the situation calls for, beside `application`
 * @throws MlsError `ERR_MLS_VALIDATION`
 */
export function validatePsk(
  { env }: ProposalContext,
  { psk }: PreSharedKey,
  allowed?: ResumptionPskUsage,
): void {
  if (psk.pskNonce.length !== env.suite.params.kdf.hashLength) {
    throw violation("valn0803", "psk_nonce does not have Nh bytes");
  }
  if (
    psk.pskType === PskType.resumption &&
    psk.usage !== ResumptionPskUsage.application &&
    psk.usage !== allowed
  ) {
    const rule = psk.usage === ResumptionPskUsage.reinit ? "valn0801" : "valn0802";
    throw violation(rule, "a resumption PSK of another usage");
  }
}

/** RFC 9420 §12.1.5. @throws MlsError `ERR_MLS_VALIDATION`, `ERR_MLS_DECODE` */
export function validateReInit({ groupContext }: ProposalContext, reinit: ReInit): void {
  if (reinit.version < groupContext.version) {
    throw violation("valn0901", "ReInit to a lower protocol version");
  }
  checkPlacement("groupContext", reinit.extensions);
}

/**
 * What can be said of new GroupContext extensions before the other proposals are applied: form, placement, and the
 * credentials of external senders (RFC 9420 §12.1.7, 5.3.1).
 * @throws MlsError
 */
export async function validateGroupContextExtensions(
  env: Environment,
  groupContext: Pick<GroupContext, "groupId">,
  next: readonly Extension[],
): Promise<void> {
  checkUniqueTypes(next);
  checkPlacement("groupContext", next);
  for (const sender of externalSendersOf(next) ?? []) {
    await validateCredential(env, sender, { groupId: groupContext.groupId, purpose: "external-sender" });
  }
}

/**
 * All members of a tree support what the GroupContext asks of them (RFC 9420 §11.1, 12.1.7, 13.4). Uses counts, so
 * it costs the same for any number of members.
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn1001, rfc85
 */
export function checkMembersSupport(tree: RatchetTree, extensions: readonly Extension[]): void {
  const required = requiredCapabilitiesOf(extensions);
  const all = (kind: Parameters<RatchetTree["supportCount"]>[0], type: number): boolean =>
    tree.supportCount(kind, type) === tree.memberCount;
  for (const type of required?.extensionTypes ?? []) {
    if (!isDefaultExtensionType(type) && !all("extensions", type)) {
      throw violation("valn1001", `a member lacks required extension type ${type}`);
    }
  }
  for (const type of required?.proposalTypes ?? []) {
    if (!isDefaultProposalType(type) && !all("proposals", type)) {
      throw violation("valn1001", `a member lacks required proposal type ${type}`);
    }
  }
  for (const type of required?.credentialTypes ?? []) {
    if (!all("credentials", type)) {
      throw violation("valn1001", `a member lacks required credential type ${type}`);
    }
  }
  for (const { extensionType } of extensions) {
    if (!isDefaultExtensionType(extensionType) && !all("extensions", extensionType)) {
      throw violation("rfc85", `a member does not support extension type ${extensionType}`);
    }
  }
}
