/** A KeyPackage of this client that a Welcome was for, and what became of it. */
export interface KeyPackageUse {
  /** The KeyPackageRef (RFC 9420 §5.2). */
  readonly keyPackageRef: Uint8Array;
  readonly cipherSuite: number;
  /** `undefined` where a Welcome was declined that nobody could read. */
  readonly groupId: Uint8Array | undefined;
  readonly outcome: "joined" | "declined";
  /** Whether its private keys stay, as those of a last resort: time to publish others (RFC 9420 §16.8). */
  readonly reusable: boolean;
}
