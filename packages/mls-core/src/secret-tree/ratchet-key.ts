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

/** Key material for a message that may turn out to be forged. */
export interface RatchetCandidate extends RatchetKey {
  /**
   * Records the key as used, once the message has proved genuine: advances the ratchet, keeps the keys skipped on the
   * way, erases this one.
   * @returns takes all of it back, for when it cannot be stored; without effect once it has been saved
   * @throws MlsError `ERR_MLS_SECRET_CONSUMED` when the key was used since the candidate was made
   */
  consume(): () => void;
}
