import { type CipherSuite, wipe } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import { type EpochSecrets, interimTranscriptHash } from "../key-schedule/index.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { PrivateTree } from "../treekem/private-tree.ts";
import type { GroupContext } from "../wire/index.ts";

/** The part of an epoch that anyone can follow who sees the handshake in the clear. */
export interface PublicEpoch {
  readonly groupContext: GroupContext;
  readonly tree: RatchetTree;
  /** The tag of the commit that began the epoch (RFC 9420 §6.1), Nh bytes. */
  readonly confirmationTag: Uint8Array;
  /** RFC 9420 §8.2 */
  readonly interimTranscriptHash: Uint8Array;
}

/** What features keep of an epoch's secrets: by label. Dies with the epoch. */
export type FeatureRecords = ReadonlyMap<string, Uint8Array>;

/** One epoch as a member knows it. The message keys are not here: they change with every message. */
export interface EpochState extends PublicEpoch {
  readonly privateTree: PrivateTree;
  readonly secrets: EpochSecrets;
  readonly featureRecords: FeatureRecords;
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

/** Turns the further secrets of an epoch that begins into what its features keep of them. */
export function startFeatures({ features, suite }: Environment, secrets: EpochSecrets): FeatureRecords {
  const further = secrets.takeFurther();
  const records = new Map<string, Uint8Array>();
  for (const { label, start } of features.epochSecrets) {
    const secret = further.get(label);
    if (secret !== undefined) {
      records.set(label, new Uint8Array(start(secret.expose(), suite)));
      secret.wipe(); // RFC 9420 §9.2
    }
  }
  return records;
}

/** Erases the secrets of an epoch. */
export function wipeEpoch({ secrets, privateTree, featureRecords }: EpochState): void {
  secrets.wipe(); // RFC 9420 §9.2
  privateTree.wipe(); // RFC 9420 §7.5
  wipe(...featureRecords.values());
}
