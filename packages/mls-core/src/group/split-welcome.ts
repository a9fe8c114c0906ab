import { bytesArgument, MlsError, type MlsProvider } from "@openmls-ts/traits";
import { bundleOf } from "../feature/index.ts";
import { WireFormat } from "../registry.ts";
import { decodeMlsMessage, encodeMlsMessage } from "../wire/index.ts";

/** A Welcome for one newcomer. */
export interface PersonalWelcome {
  /** For whom it is (RFC 9420 §5.2). */
  readonly keyPackageRef: Uint8Array;
  /** An MLSMessage. */
  readonly welcome: Uint8Array;
}

/**
 * Makes a Welcome for many newcomers into one for each (RFC 9420 §12.4.3.1), so that nobody gets the others' entries, nor
 * learns from it how many joined. Each repeats the encrypted GroupInfo: with the ratchet tree in it that is much for many.
 * @param welcome of `mergePendingCommit` or `lastMergedCommit`
 * @returns in the order of `welcomed`
 * @throws MlsError `ERR_MLS_USAGE` for another message, `ERR_MLS_DECODE`, `ERR_MLS_LIMIT`
 */
export function splitWelcome(provider: MlsProvider, welcome: Uint8Array): PersonalWelcome[] {
  const { limits, reading } = bundleOf(provider);
  const message = decodeMlsMessage(bytesArgument("welcome", welcome), limits.maxMessageSize, reading);
  if (message.wireFormat !== WireFormat.mlsWelcome) {
    throw new MlsError("ERR_MLS_USAGE", "not a Welcome");
  }
  const { wireFormat, welcome: whole } = message;
  return whole.secrets.map((entry) => ({
    keyPackageRef: entry.newMember,
    welcome: encodeMlsMessage({ wireFormat, welcome: { ...whole, secrets: [entry] } }),
  }));
}
