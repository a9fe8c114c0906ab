import type { RecordChanges } from "./record-set.ts";

/** The two ratchets of each member (RFC 9420 §9.1). */
export type RatchetKind = "handshake" | "application";

/** Key material for one message. The bytes belong to the receiver, who wipes them. */
export interface RatchetKey {
  /** 0 to 2^32 - 1 */
  readonly generation: number;
  /** Nk bytes. */
  readonly key: Uint8Array;
  /** Nn bytes, before the reuse guard. */
  readonly nonce: Uint8Array;
}

/** A change of the secret tree that is worked out: to be written first and put in force with `apply` then. */
export interface Planned {
  /**
   * What is to be written, against the tree as it is at the time of reading: read it after everything written before
   * has been applied. The values stay with the plan.
   * @throws MlsError `ERR_MLS_SECRET_CONSUMED` when the key was used since the plan was made
   */
  readonly changes: RecordChanges;
  /** Erases the plan's secrets, applied or not. Harmless when repeated. */
  wipe(): void;
}

/** A key whose use is planned: once the changes are applied, no plan yields it again. */
export interface PlannedKey extends RatchetKey, Planned {}
