import { equalBytes, MlsError, Secret, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { type EpochState, epochState, startFeatures } from "../epoch/index.ts";
import type { Environment } from "../feature/index.ts";
import { confirmationTag, verifyTag } from "../key-schedule/index.ts";
import { Scratch } from "../scratch.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { checkKnownPath, installPathSecret } from "../treekem/install-path-secret.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import { leafNode, type Node, type ResumptionPskId } from "../wire/index.ts";
import { checkLink, linkingPsk, type OldGroup } from "./linked-group.ts";
import type { OpenedWelcome } from "./open-welcome.ts";
import { checkJoinerSupport, validateGroupInfo } from "./validate-group-info.ts";

/** What a joiner needs beside the Welcome. */
export interface JoinContext {
  /** The ratchet tree, where the GroupInfo does not hold it. */
  readonly ratchetTree?: readonly (Node | undefined)[] | undefined;
  /** What this client knows of the group that a PSK of usage reinit or branch names. */
  readonly oldGroup: (psk: ResumptionPskId) => Promise<OldGroup | undefined>;
}

/**
 * Verifies everything about a group that a Welcome leads to, and builds its state (RFC 9420 §12.4.3.1). Stores
 * nothing.
 * @throws MlsError
 */
export async function joinFromWelcome(
  env: Environment,
  opened: OpenedWelcome,
  context: JoinContext,
): Promise<{ readonly epoch: EpochState; readonly ownLeaf: number }> {
  const { suite } = env;
  return Scratch.run(async (scratch) => {
    const { groupInfo: info, keyPackage, pathSecret } = opened;
    const secrets = scratch.result(opened.secrets);
    const encryptionKey = scratch.temporary(new Secret(keyPackage.encryptionPrivateKey));
    if (pathSecret !== undefined) {
      scratch.temporary(pathSecret); // RFC 9420 §7.5
    }
    const { groupContext } = info;
    const tree = await validateGroupInfo(env, info, context.ratchetTree);
    const ownLeaf = findOwnLeaf(tree, opened);
    checkJoinerSupport(groupContext, keyPackage.keyPackage.leafNode.capabilities);
    const tag = confirmationTag(suite, secrets.confirmationKey, groupContext.confirmedTranscriptHash);
    if (!verifyTag(tag, info.confirmationTag)) {
      throw new MlsError("ERR_MLS_INVALID_TAG", "bad confirmation tag", { rule: "valn1411" }); // RFC 9420 §12.4.3.1
    }
    const link = linkingPsk(opened.psks);
    if (link !== undefined) {
      await checkLink(env, link, groupContext, tree, await context.oldGroup(link));
    }
    const privateTree = scratch.result(PrivateTree.create(ownLeaf, encryptionKey.expose().slice()));
    if (pathSecret !== undefined) {
      await installPathSecret(suite, tree, privateTree, ownLeaf, info.signer, pathSecret);
    }
    checkKnownPath(tree, privateTree);
    const featureRecords = startFeatures(env, secrets);
    featureRecords.forEach((record) => scratch.result(record));
    const parts = {
      groupContext,
      tree,
      privateTree,
      secrets,
      confirmationTag: info.confirmationTag,
      featureRecords,
    };
    return { epoch: epochState(suite, parts), ownLeaf };
  });
}

/** The leaf that equals our KeyPackage's, byte for byte (RFC 9420 §12.4.3.1). */
function findOwnLeaf(tree: RatchetTree, { keyPackage }: OpenedWelcome): number {
  const ours = keyPackage.keyPackage.leafNode;
  const leafIndex = tree.leafBySignatureKey(ours.signatureKey);
  const found = leafIndex === undefined ? undefined : tree.leaf(leafIndex);
  if (
    leafIndex === undefined ||
    found === undefined ||
    !equalBytes(encode(leafNode, found), encode(leafNode, ours))
  ) {
    throw violation("rfc105", "no leaf of the tree is our KeyPackage's");
  }
  return leafIndex;
}
