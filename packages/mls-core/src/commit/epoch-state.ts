import type { CipherSuite } from "@openmls-ts/traits";
import type { EpochSecrets } from "../key-schedule/epoch-secrets.ts";
import { type GroupContext } from "../wire/index.ts";
import { interimTranscriptHash } from "../key-schedule/transcript.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";

/** The part of an epoch that anyone can follow who sees the handshake in the clear. */
export interface PublicEpoch {
  readonly groupContext: GroupContext;
  readonly tree: RatchetTree;
  /** The tag of the commit that began the epoch (RFC 9420 §6.1), Nh bytes. */
  readonly confirmationTag: Uint8Array;
  /** RFC 9420 §8.2 */
  readonly interimTranscriptHash: Uint8Array;
}

/** One epoch as a member knows it. The message keys are not here: they change with every message. */
export interface EpochState extends PublicEpoch {
  readonly privateTree: PrivateTree;
  readonly secrets: EpochSecrets;
}

/** Completes an epoch, a member's or an observer's, by what follows from its other parts. */
export function epochState<P extends Omit<PublicEpoch, "interimTranscriptHash">>(
  suite: CipherSuite,
  parts: P,
): P & Pick<PublicEpoch, "interimTranscriptHash"> {
  const { groupContext, confirmationTag } = parts;
  const hash = interimTranscriptHash(suite, groupContext.confirmedTranscriptHash, confirmationTag);
  return { ...parts, interimTranscriptHash: hash };
}
