import { equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { validateCredentials } from "../credential/index.ts";
import type { Environment } from "../feature/index.ts";
import { checkPlacement } from "../extension/index.ts";
import { checkMembersSupport } from "../tree/members-support.ts";
import { supports } from "../tree/supported.ts";
import { verifyParentHashes } from "../tree/parent-hash.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { checkTreeStructure, validateTreeLeaves } from "../tree/tree-validation.ts";
import {
  type Capabilities,
  externalSendersOf,
  type GroupContext,
  type GroupInfo,
  type Node,
  ratchetTreeOf,
  lifetimeOf,
} from "../wire/index.ts";
import { verifyGroupInfo } from "./group-info.ts";

/** The nodes of the ratchet tree from the application or from the GroupInfo itself (RFC 9420 §12.4.3.3). */
function treeNodes(
  env: Environment,
  info: GroupInfo,
  supplied: readonly (Node | undefined)[] | undefined,
): readonly (Node | undefined)[] {
  const nodes = supplied ?? ratchetTreeOf(info.extensions, env.reading);
  if (nodes === undefined) {
    throw new MlsError("ERR_MLS_MISSING_RATCHET_TREE", "the ratchet tree must be supplied", {
      rule: "rfc107",
    });
  }
  return nodes;
}

/**
 * A joiner supports every extension type in the GroupContext itself (RFC 9420 §12.4.3, 13.4).
 * @throws MlsError `ERR_MLS_VALIDATION` rule rfc102
 */
export function checkJoinerSupport({ extensions }: GroupContext, capabilities: Capabilities): void {
  for (const { extensionType } of extensions) {
    if (!supports(capabilities, "extensions", extensionType)) {
      throw violation("rfc102", `the group uses extension type ${extensionType}`);
    }
  }
}

/**
 * Everything that a client checks before it follows a group it was not in: signature of the GroupInfo, integrity of
 * the tree, every leaf, every credential (RFC 9420 §12.4.3.1, 5.3.1).
 * @param supplied the tree, where it does not come inside the GroupInfo
 * @returns the verified tree
 * @throws MlsError
 */
export async function validateGroupInfo(
  env: Environment,
  info: GroupInfo,
  supplied?: readonly (Node | undefined)[],
): Promise<RatchetTree> {
  const { suite, features } = env;
  const { groupContext } = info;
  if (groupContext.cipherSuite !== suite.id) {
    throw violation("valn1404", "the GroupInfo is of another cipher suite"); // RFC 9420 §12.4.3.1
  }
  const nodes = treeNodes(env, info, supplied);
  return validateGroup(env, groupContext, nodes, async (tree) => {
    await verifyGroupInfo(suite, tree, info);
    checkPlacement("groupInfo", info.extensions, features.extensions);
  });
}

/**
 * What of that is not the GroupInfo: the tree of a group, its leaves and credentials.
 * @param before what is checked first, once the tree is known to be the GroupContext's
 * @throws MlsError
 */
export async function validateGroup(
  env: Environment,
  groupContext: GroupContext,
  nodes: readonly (Node | undefined)[],
  before?: (tree: RatchetTree) => Promise<void>,
): Promise<RatchetTree> {
  const { suite, limits, rules, features } = env;
  const tree = RatchetTree.fromNodes(suite, nodes, limits.maxLeaves);
  if (!equalBytes(tree.treeHash(), groupContext.treeHash)) {
    throw violation("valn1405", "the tree hash is not the GroupContext's"); // RFC 9420 §12.4.3.1
  }
  await before?.(tree);
  checkPlacement("groupContext", groupContext.extensions, features.extensions);
  checkTreeStructure(tree);
  verifyParentHashes(tree);
  await validateTreeLeaves(tree, {
    suite,
    groupId: groupContext.groupId,
    groupContextExtensions: groupContext.extensions,
    limits,
    rules,
    extensionEntries: features.extensions,
    watch: env.watch,
  });
  checkMembersSupport(tree, groupContext.extensions);
  await validateAllCredentials(env, tree, groupContext);
  return tree;
}

async function validateAllCredentials(
  env: Environment,
  tree: RatchetTree,
  context: GroupContext,
): Promise<void> {
  const { groupId, extensions } = context;
  const members = [...tree.members()].map(([leafIndex, leaf]) => ({
    presented: leaf,
    occasion: {
      groupId,
      leafIndex,
      purpose: "join" as const,
      lifetime: lifetimeOf(leaf),
    },
  }));
  const senders = (externalSendersOf(extensions) ?? []).map((presented) => ({
    presented,
    occasion: { groupId, purpose: "external-sender" as const },
  }));
  await validateCredentials(env, [...members, ...senders]);
}
