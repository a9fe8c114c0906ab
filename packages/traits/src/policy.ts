/** Choices where strictness and the world disagree. */
export interface Policy {
  /**
   * What becomes of a leaf whose capabilities do not list the cipher suite of its own group or KeyPackage. RFC 9420 §7.2
   * asks clients to list what they support; some implementations left out suites that they added later. `tolerate` takes
   * such leaves from others; it changes nothing about what this client sends.
   */
  readonly unlistedCipherSuite: "refuse" | "tolerate";
  /**
   * What becomes of an Add from somebody else whose leaf is outside of its lifetime by this client's clock. RFC 9420 §7.3
   * recommends to refuse it. `tolerate` is for clients that read old commits long after they were sent, and for groups
   * whose clocks disagree; a clock that tells when the message was sent serves the same end. Adds of our own are always
   * within their lifetime, and leaves already in a tree that is joined are never judged by it.
   */
  readonly expiredAdd: "refuse" | "tolerate";
}

/** The values in force where an application gives none: the strict ones. */
export const DEFAULT_POLICY: Policy = { unlistedCipherSuite: "refuse", expiredAdd: "refuse" };
