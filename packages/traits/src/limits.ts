import { bigintArgument, numberArgument, optionsArgument } from "./arguments.ts";

/**
 * Bounds on what a message from outside can make this client do. What exceeds them is not made by this client either.
 * Members whose limits differ can lose one another on a message between the two: raise them for all members.
 */
export interface Limits {
  /** Longest MLSMessage that is decoded, in bytes. Default: 64 MiB. */
  readonly maxMessageSize: number;
  /**
   * Most elements of the vectors of one message together, numbers and the nodes of a ratchet tree apart. Default: 65536,
   * as many as `maxProposalsPerCommit`; 4 MiB of the smallest elements then cost under 64 MiB and 0.2 s.
   */
  readonly maxElements: number;
  /** Most leaves a ratchet tree may have room for; a power of two. Default: 131072. */
  readonly maxLeaves: number;
  /** Longest LeafNode as encoded, in bytes: every later Welcome carries it. Default: 64 KiB. */
  readonly maxLeafSize: number;
  /** Longest KeyPackage as encoded, in bytes. Default: 128 KiB. */
  readonly maxKeyPackageSize: number;
  /** Most proposals in one commit. Default: 65536. */
  readonly maxProposalsPerCommit: number;
  /** Most proposals kept for the current epoch. Default: 4096. */
  readonly maxStoredProposals: number;
  /** Most bytes of proposals kept for the current epoch. Default: 16 MiB. */
  readonly maxStoredProposalBytes: number;
  /**
   * Most application messages that this client encrypts in one epoch; then it has to commit first. All members' messages share
   * the key of the sender data, so this keeps an epoch of 256 busy members below 2^32 (RFC 9420 §15.2). Default: 2^24.
   */
  readonly maxMessagesPerEpoch: number;
  /** Furthest step ahead of a hash ratchet that one message can cause, in generations. Default: 1000. */
  readonly maxForwardDistance: number;
  /** Most unused message keys kept per sender and kind for messages out of order. Default: 1000. */
  readonly maxSkippedKeys: number;
  /**
   * Longest validity of a leaf, in seconds; longer ones are refused (RFC 9420 §7.2 asks for a maximum). Default: 366
   * days, a year and a day for clocks that disagree.
   */
  readonly maxLifetime: bigint;
}

/** The values in force where an application gives none. */
export const DEFAULT_LIMITS: Limits = {
  maxMessageSize: 64 * 1024 * 1024,
  maxElements: 1 << 16,
  maxLeaves: 1 << 17,
  maxLeafSize: 64 * 1024,
  maxKeyPackageSize: 128 * 1024,
  maxProposalsPerCommit: 1 << 16,
  maxStoredProposals: 4096,
  maxStoredProposalBytes: 16 * 1024 * 1024,
  maxMessagesPerEpoch: 1 << 24,
  maxForwardDistance: 1000,
  maxSkippedKeys: 1000,
  maxLifetime: 366n * 86_400n,
};

/**
 * All limits, from those that an application sets.
 * @throws MlsError `ERR_MLS_USAGE` for a name that is none, and for a value that is no whole number (of seconds as a
 *   bigint) from zero
 */
export function limitsFrom(given?: Partial<Limits>): Limits {
  const limits = optionsArgument("limits", given, Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]);
  for (const [name, value] of Object.entries(limits)) {
    (name === "maxLifetime" ? bigintArgument : numberArgument)(`limits.${name}`, value);
  }
  return { ...DEFAULT_LIMITS, ...limits };
}
