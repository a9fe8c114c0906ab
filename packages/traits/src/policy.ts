/** Choices where strictness and the world disagree. */
export interface Policy {
  /**
   * What becomes of a leaf whose capabilities do not list the cipher suite of its own group or KeyPackage. RFC 9420 §7.2
   * asks clients to list what they support; some implementations left out suites that they added later. `tolerate` takes
   * such leaves from others; it changes nothing about what this client sends.
   */
  readonly unlistedCipherSuite: "refuse" | "tolerate";
}

/** The values in force where an application gives none: the strict ones. */
export const DEFAULT_POLICY: Policy = { unlistedCipherSuite: "refuse" };
