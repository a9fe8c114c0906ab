/** Commit and Welcome as bytes of an MLSMessage (RFC 9420 §6). */
export interface Added {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array;
}

/**
 * A group as one member has it. Everything goes in and out as bytes of an MLSMessage, so that each implementation pays for
 * its codec. Who makes a commit merges it in the same call: not every implementation can do one without the other.
 */
export interface Membership {
  /** Adds the owners of these key packages. The Welcome carries the tree. */
  add(keyPackages: readonly Uint8Array[]): Promise<Added>;
  encrypt(plaintext: Uint8Array): Promise<Uint8Array>;
  /** @returns the plaintext */
  decrypt(message: Uint8Array): Promise<Uint8Array>;
  /** A commit with a path and nothing else. */
  update?(): Promise<Uint8Array>;
  remove?(leafIndex: number): Promise<Uint8Array>;
  /** Takes in a commit of somebody else and goes on to its epoch. */
  follow?(commit: Uint8Array): Promise<void>;
  /** A GroupInfo by which others join, with the tree in it. */
  groupInfo?(): Promise<Uint8Array>;
  /** What a member does after a restart: the group from what is stored. This membership goes on unchanged. */
  load?(): Promise<unknown>;
  /** How many bytes of the group are stored. */
  storedBytes?(): Promise<number>;
}

/** Somebody with keys and a store of their own. */
export interface Person {
  keyPackage(): Promise<Uint8Array>;
  create(): Promise<Membership>;
  /** Joins by the newest key package. */
  join(welcome: Uint8Array): Promise<Membership>;
  joinByCommit?(groupInfo: Uint8Array): Promise<{ readonly commit: Uint8Array; readonly group: Membership }>;
}

/** An implementation of MLS that takes part. */
export interface Contestant {
  /** Name and version, as shown. */
  readonly name: string;
  person(name: string): Promise<Person>;
  /** Largest group that it is asked to make. */
  readonly most?: number;
  /** It cannot make, or refuses, the trees of the full shape. */
  readonly onlySparse?: boolean;
  /** It can add members, one with each commit, and nothing else: the last one finds a Welcome of a group of that size. */
  readonly onlyAdds?: boolean;
  close?(): Promise<void>;
}
