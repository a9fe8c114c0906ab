import { equalBytes, equalBytesConstantTime, MlsError, type MlsProvider, wipe } from "@openmls-ts/traits";
import type { EpochState, PublicEpoch } from "../epoch/index.ts";
import { type Environment, environmentFor } from "../feature/index.ts";
import { confirmationTag, verifyTag } from "../key-schedule/index.ts";
import {
  type ExportedGroup,
  isMember,
  loadGroup,
  type PublicState,
  recordsView,
  wipeMember,
} from "../store/index.ts";
import { encodeTreeEntry, leafToNode, type RatchetTree } from "../tree/index.ts";
import { validateGroup } from "../welcome/index.ts";
import type { Watch } from "../work.ts";

/** A group that was exported, read and judged. The caller wipes a member's secrets. */
export interface JudgedImport {
  readonly env: Environment;
  readonly state: PublicState;
}

/**
 * Reads the records of a group that comes from elsewhere, and judges it as one that is joined: its tree, leaves and
 * credentials, and of a member that its secrets are of this epoch and its private keys those of the tree.
 * @throws MlsError as joining, `ERR_MLS_STORAGE_FORMAT`
 */
export async function judgeImport(
  provider: MlsProvider,
  exported: ExportedGroup,
  watch: Watch | undefined,
): Promise<JudgedImport> {
  const view = Object.assign(Object.create(provider) as MlsProvider, { storage: recordsView(exported) });
  const loaded = await loadGroup(view, exported.groupId, watch);
  if (loaded === undefined || loaded.env.suite.id !== exported.cipherSuite) {
    throw foreign("it is not the group that it says it is");
  }
  const { state } = loaded;
  try {
    const env = { ...(await environmentFor(provider, exported.cipherSuite)), watch };
    const { groupContext, tree } = state.epoch;
    sameTree(tree, await validateGroup(env, groupContext, tree.exportNodes()));
    if (isMember(state)) {
      checkSecrets(env, state.epoch);
      await checkPrivateKeys(env, state.epoch);
    }
    return { env, state };
  } catch (error) {
    if (isMember(state)) wipeMember(state);
    throw error;
  }
}

function foreign(what: string): MlsError {
  return new MlsError("ERR_MLS_STORAGE_FORMAT", `an exported group that cannot be taken in: ${what}`);
}

/** The hashes that lie with the nodes are trusted from now on; leaves and vacant nodes have none. */
function sameTree(stored: RatchetTree, computed: RatchetTree): void {
  computed.treeHash();
  const entries = [...computed.entries()];
  const others = [...stored.entries()];
  const same = entries.every(([index, entry], at) => {
    const other = others[at];
    if (other?.[0] !== index) return false;
    const { node, hash = entry.hash } = other[1];
    return equalBytes(encodeTreeEntry(index, entry), encodeTreeEntry(index, { node, hash }));
  });
  if (!same || entries.length !== others.length || stored.leafCount !== computed.leafCount) {
    throw foreign("its tree hashes are wrong");
  }
}

/** RFC 9420 §6.1: the tag was made with a key of this epoch's secrets. */
function checkSecrets({ suite }: Environment, { secrets, groupContext, ...epoch }: EpochState): void {
  const tag = confirmationTag(suite, secrets.confirmationKey, groupContext.confirmedTranscriptHash);
  if (!verifyTag(tag, epoch.confirmationTag)) {
    throw new MlsError("ERR_MLS_INVALID_TAG", "bad confirmation tag", { rule: "valn1411" });
  }
}

/** RFC 9420 §4.2: a member knows the private keys of its leaf and of nodes above it. */
async function checkPrivateKeys(
  { suite }: Environment,
  { privateTree, tree }: Pick<EpochState, "privateTree"> & Pick<PublicEpoch, "tree">,
): Promise<void> {
  const nothing = new Uint8Array();
  if (privateTree.key(leafToNode(privateTree.leafIndex)) === undefined) {
    throw foreign("the private key of its own leaf is not there");
  }
  for (const [nodeIndex, key] of privateTree.entries()) {
    const publicKey = tree.encryptionKey(nodeIndex);
    if (publicKey === undefined) {
      throw foreign(`a private key of node ${nodeIndex}, which is blank`);
    }
    const sent = await suite.hpkeExportSender(publicKey, nothing, nothing, 32);
    const received = await suite.hpkeExportReceiver(key.expose(), sent.kemOutput, nothing, nothing, 32);
    const same = equalBytesConstantTime(sent.secret, received);
    wipe(sent.secret, received);
    if (!same) {
      throw foreign(`the private key of node ${nodeIndex} is another`);
    }
  }
}
