import { MlsError, Secret, violation } from "@openmls-ts/traits";
import type { Environment } from "../environment.ts";
import {
  confirmationTag,
  externalInitReceiver,
  externalKeyPair,
  type SecretBytes,
  verifyTag,
} from "../key-schedule/index.ts";
import { encodeGroupContext } from "../wire/index.ts";
import { SenderType } from "../registry.ts";
import { Scratch } from "../scratch.ts";
import { openPath } from "../treekem/apply-path.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import { advanceKeys } from "./advance-keys.ts";
import { applyCommit, type AppliedCommit, type CommitToApply } from "./apply-commit.ts";
import { checkCommitRules } from "./commit-rules.ts";
import { type EpochState, epochState } from "./epoch-state.ts";
import { type StagedEpoch, summarize } from "./staged-commit.ts";

/** Finds a copy of the private key of a leaf that this client proposed by Update, by its public key. */
export type OwnUpdateKeys = (encryptionKey: Uint8Array) => Uint8Array | undefined;

/**
 * Works out the epoch that another member's commit begins (RFC 9420 §12.4.2). Changes nothing.
 * @throws MlsError, `ERR_MLS_INVALID_TAG` rule rfc27 when the confirmation tag is wrong
 */
export async function processCommit(
  env: Environment,
  old: EpochState,
  ownLeaf: number,
  input: CommitToApply,
  ownUpdateKeys: OwnUpdateKeys,
): Promise<StagedEpoch> {
  const result = await applyCommit(env, old, input);
  const { applied, committer, tree } = result;
  const selfRemoved = applied.removed.some(({ leafIndex }) => leafIndex === ownLeaf);
  const summary = summarize(input.list, applied, {
    epoch: result.provisional.epoch,
    sender: input.authenticated.content.sender,
    committer,
    updatePathLeaf: result.commit.path?.leafNode,
    selfRemoved,
  });
  await checkCommitRules(env, old.groupContext, summary);
  if (selfRemoved) {
    return { summary, next: undefined, base: old };
  }
  return Scratch.run(async (scratch) => {
    const privateTree = scratch.result(old.privateTree.fork());
    for (const { sender, proposal } of input.list.updates) {
      if (sender.senderType === SenderType.member && sender.leafIndex === ownLeaf) {
        installOwnUpdate(privateTree, ownLeaf, ownUpdateKeys(proposal.leafNode.encryptionKey));
      }
    }
    privateTree.prune(tree);
    const commitSecret = scratch.temporary(await openCommitSecret(env, result, privateTree));
    const initSecret = await initSecretFor(env, old, input, scratch);
    const keys = await advanceKeys(env, {
      provisional: result.provisional,
      interimBefore: old.interimTranscriptHash,
      commit: { ...input.authenticated, signature: input.authenticated.auth.signature },
      initSecret,
      commitSecret,
      psks: summary.psks,
    });
    scratch.temporary(keys.joinerSecret);
    scratch.temporary(keys.welcomeSecret);
    const { groupContext } = keys;
    const secrets = scratch.result(keys.secrets);
    const expected = confirmationTag(
      env.suite,
      secrets.confirmationKey,
      groupContext.confirmedTranscriptHash,
    );
    if (!verifyTag(expected, result.confirmationTag)) {
      throw new MlsError("ERR_MLS_INVALID_TAG", "bad confirmation tag", { rule: "rfc27" }); // RFC 9420 §12.4.2
    }
    const next = epochState(env.suite, {
      groupContext,
      tree,
      privateTree,
      secrets,
      confirmationTag: result.confirmationTag,
    });
    return { summary, next, base: old };
  });
}

function installOwnUpdate(privateTree: PrivateTree, ownLeaf: number, key: Uint8Array | undefined): void {
  if (key === undefined) {
    throw violation("valn0601", "the private key of our Update is gone");
  }
  privateTree.set(2 * ownLeaf, key);
}

async function openCommitSecret(
  env: Environment,
  result: AppliedCommit,
  privateTree: PrivateTree,
): Promise<Secret> {
  const { commit, tree, committer, provisional, newLeaves } = result;
  if (commit.path === undefined) {
    return new Secret(new Uint8Array(env.suite.params.kdf.hashLength)); // RFC 9420 §12.4.2
  }
  const opened = await openPath(
    env.suite,
    tree,
    privateTree,
    committer,
    commit.path,
    encodeGroupContext(provisional),
    newLeaves,
  );
  return opened.commitSecret;
}

async function initSecretFor(
  env: Environment,
  old: EpochState,
  input: CommitToApply,
  scratch: Scratch,
): Promise<SecretBytes> {
  const { externalInit } = input.list;
  if (externalInit === undefined) {
    return old.secrets.initSecret;
  }
  const keys = await externalKeyPair(env.suite, old.secrets.externalSecret);
  const privateKey = scratch.temporary(new Secret(keys.privateKey));
  const { kemOutput } = externalInit;
  return scratch.temporary(await externalInitReceiver(env.suite, privateKey, kemOutput)); // RFC 9420 §8.3
}
