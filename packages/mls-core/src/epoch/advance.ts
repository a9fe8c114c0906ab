import { MlsError, type Secret, violation, wipe } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import {
  confirmationTag,
  confirmedTranscriptHash,
  epochFromJoiner,
  joinerSecret,
  type SecretBytes,
  verifyTag,
} from "../key-schedule/index.ts";
import type { CommitPlan } from "../plan/index.ts";
import type { Scratch } from "../scratch.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import {
  type ConfirmedTranscriptHashInput,
  encodeConfirmedTranscriptHashInput,
  encodeGroupContext,
  type GroupContext,
} from "../wire/index.ts";
import { type EpochState, epochState, type PublicEpoch, startFeatures } from "./epoch-state.ts";
import type { PskValues } from "./psk-store.ts";

const MAX_EPOCH = 0xffff_ffff_ffff_ffffn;

/** The GroupContext of the next epoch before the transcript hash moves on (RFC 9420 §12.4.1). */
export function provisionalContext(
  old: GroupContext,
  plan: Pick<CommitPlan, "tree" | "extensions">,
): GroupContext {
  if (old.epoch >= MAX_EPOCH) {
    throw violation("rfc55", "the last epoch cannot be left"); // RFC 9420 §8.1
  }
  return { ...old, epoch: old.epoch + 1n, treeHash: plan.tree.treeHash(), extensions: plan.extensions };
}

/** The GroupContext after a commit (RFC 9420 §8.1, 8.2). */
export function nextContext(
  { suite }: Environment,
  old: PublicEpoch,
  provisional: GroupContext,
  commit: ConfirmedTranscriptHashInput,
): GroupContext {
  const input = encodeConfirmedTranscriptHashInput(commit);
  return {
    ...provisional,
    confirmedTranscriptHash: confirmedTranscriptHash(suite, old.interimTranscriptHash, input),
  };
}

/** What one commit puts into a member's key schedule (RFC 9420 §8). */
export interface Advance {
  readonly old: PublicEpoch;
  /** Its tree has the path in it by now. */
  readonly plan: CommitPlan;
  readonly provisional: GroupContext;
  readonly commit: ConfirmedTranscriptHashInput;
  /** This member's keys in the plan's tree. */
  readonly privateTree: PrivateTree;
  /** Of the old epoch, or from an ExternalInit (RFC 9420 §8.3). */
  readonly initSecret: SecretBytes;
  /** Nh bytes, zeros without a path. */
  readonly commitSecret: SecretBytes;
  readonly psks: PskValues;
  /** What the commit says it is; without it the tag is ours to make. */
  readonly confirmationTag?: Uint8Array;
}

/** The next epoch, with what a Welcome to it needs. */
export interface Advanced {
  readonly next: EpochState;
  readonly joinerSecret: Secret;
  readonly welcomeSecret: Secret;
}

/**
 * The one way of a member from a planned commit to the next epoch (RFC 9420 §12.4.1, 12.4.2).
 * @throws MlsError `ERR_MLS_MISSING_PSK`, `ERR_MLS_INVALID_TAG` rule rfc27
 */
export async function advance(env: Environment, scratch: Scratch, input: Advance): Promise<Advanced> {
  const { suite, features } = env;
  const { old, plan, privateTree } = input;
  const groupContext = nextContext(env, old, input.provisional, input.commit);
  const contextBytes = encodeGroupContext(groupContext);
  const pskSecret = await input.psks.secret(plan.psks);
  const joiner = scratch.result(joinerSecret(suite, input.initSecret, input.commitSecret, contextBytes));
  const start = epochFromJoiner(suite, joiner, pskSecret, contextBytes, features.epochSecrets);
  wipe(pskSecret);
  scratch.result(start.welcomeSecret);
  const secrets = scratch.result(start.epochSecrets);
  const tag = confirmationTag(suite, secrets.confirmationKey, groupContext.confirmedTranscriptHash);
  if (input.confirmationTag !== undefined && !verifyTag(tag, input.confirmationTag)) {
    throw new MlsError("ERR_MLS_INVALID_TAG", "bad confirmation tag", { rule: "rfc27" }); // RFC 9420 §12.4.2
  }
  const featureRecords = startFeatures(env, secrets);
  const parts = { groupContext, tree: plan.tree, privateTree, secrets, confirmationTag: tag, featureRecords };
  return { next: epochState(suite, parts), joinerSecret: joiner, welcomeSecret: start.welcomeSecret };
}
