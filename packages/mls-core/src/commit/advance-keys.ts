import { type Secret, wipe } from "@openmls-ts/traits";
import type { Environment } from "../environment.ts";
import {
  type ConfirmedTranscriptHashInput,
  encodeConfirmedTranscriptHashInput,
  encodeGroupContext,
  type GroupContext,
  type PreSharedKeyId,
} from "../wire/index.ts";
import {
  confirmedTranscriptHash,
  epochFromJoiner,
  type EpochSecrets,
  joinerSecret,
  type SecretBytes,
} from "../key-schedule/index.ts";
import { lookUpPskSecret } from "./psk-store.ts";

/** What one commit puts into the key schedule. */
export interface KeyScheduleInput {
  /** The GroupContext of the next epoch with the old transcript hash (RFC 9420 §12.4.1). */
  readonly provisional: GroupContext;
  readonly interimBefore: Uint8Array;
  readonly commit: ConfirmedTranscriptHashInput;
  /** Of the old epoch, or from an ExternalInit (RFC 9420 §8.3). */
  readonly initSecret: SecretBytes;
  /** Nh bytes, zeros without a path. */
  readonly commitSecret: SecretBytes;
  /** In the order of the commit's proposals (RFC 9420 §12.4.1). */
  readonly psks: readonly PreSharedKeyId[];
}

/** The secrets of the next epoch; joiner and welcome secret are the caller's to wipe. */
export interface NextEpochKeys {
  readonly groupContext: GroupContext;
  readonly secrets: EpochSecrets;
  readonly joinerSecret: Secret;
  readonly welcomeSecret: Secret;
}

/** The GroupContext after a commit (RFC 9420 §8.1, 8.2). */
export function nextContext(
  env: Environment,
  input: Omit<KeyScheduleInput, "initSecret" | "commitSecret" | "psks">,
): GroupContext {
  const hash = confirmedTranscriptHash(
    env.suite,
    input.interimBefore,
    encodeConfirmedTranscriptHashInput(input.commit),
  );
  return { ...input.provisional, confirmedTranscriptHash: hash };
}

/**
 * Advances transcript and key schedule by one commit (RFC 9420 §8, 8.2).
 * @throws MlsError `ERR_MLS_MISSING_PSK`
 */
export async function advanceKeys(env: Environment, input: KeyScheduleInput): Promise<NextEpochKeys> {
  const { suite } = env;
  const pskSecret = await lookUpPskSecret(env, input.psks);
  const groupContext = nextContext(env, input);
  const contextBytes = encodeGroupContext(groupContext);
  const joiner = joinerSecret(suite, input.initSecret, input.commitSecret, contextBytes);
  const { welcomeSecret, epochSecrets } = epochFromJoiner(suite, joiner, pskSecret, contextBytes);
  wipe(pskSecret);
  return { groupContext, secrets: epochSecrets, joinerSecret: joiner, welcomeSecret };
}
