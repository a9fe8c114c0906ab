/** Bounds on what a message from outside can make this client do. */
export interface Limits {
  /** Longest MLSMessage that is decoded, in bytes. */
  readonly maxMessageSize: number;
  /** Most leaves a ratchet tree may have room for; a power of two. */
  readonly maxLeaves: number;
  /** Most proposals in one commit. */
  readonly maxProposalsPerCommit: number;
  /** Most proposals kept for the current epoch. */
  readonly maxStoredProposals: number;
  /** Furthest step ahead of a hash ratchet that one message can cause, in generations. */
  readonly maxForwardDistance: number;
  /** Most unused message keys kept per sender and kind for messages out of order. */
  readonly maxSkippedKeys: number;
  /** Longest validity of a leaf, in seconds; longer ones are refused. */
  readonly maxLifetime: bigint;
}

/** The values in force where an application gives none. */
export const DEFAULT_LIMITS: Limits = {
  maxMessageSize: 64 * 1024 * 1024,
  maxLeaves: 1 << 17,
  maxProposalsPerCommit: 1 << 16,
  maxStoredProposals: 4096,
  maxForwardDistance: 1000,
  maxSkippedKeys: 1000,
  maxLifetime: 0xffff_ffff_ffff_ffffn,
};
