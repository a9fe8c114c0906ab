/** A leaf that a commit adds, replaces or removes, as far as rules need it. */
export interface CommitMember {
  readonly leafIndex: number;
  readonly leafNode: {
    readonly signatureKey: Uint8Array;
    readonly credential: { readonly credentialType: number };
  };
}

/**
 * What a commit would do, the same for every member who judges it: the sender, the other members, a joiner by external
 * commit. All of it is read-only, frozen but for its bytes. `mls-core` passes the values of its `CommitSummary`, which
 * has more fields.
 */
export interface CommitFacts {
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  /** The epoch that the commit would begin. */
  readonly epoch: bigint;
  /** SenderType: 1 for a member, 4 for an external commit (RFC 9420 §6). */
  readonly sender: { readonly senderType: number };
  /** The committer's leaf in the new epoch. */
  readonly committer: number;
  /** In the order of the commit, each with the one who proposed it. */
  readonly proposals: readonly {
    readonly proposal: { readonly proposalType: number };
    readonly sender: { readonly senderType: number };
  }[];
  readonly added: readonly CommitMember[];
  readonly removed: readonly CommitMember[];
  readonly updated: readonly CommitMember[];
  readonly psks: readonly { readonly pskType: number; readonly pskNonce: Uint8Array }[];
  /** GroupContext extensions before the commit. */
  readonly oldExtensions: readonly { readonly extensionType: number; readonly extensionData: Uint8Array }[];
  /** GroupContext extensions after it. */
  readonly extensions: readonly { readonly extensionType: number; readonly extensionData: Uint8Array }[];
}

/**
 * The application's own rules about commits, beside those of RFC 9420 §12.2, which they cannot loosen. All members must
 * have the same rules, and a verdict may depend on nothing but the facts: members who disagree lose one another.
 */
export interface CommitRules {
  /**
   * Whether the commit is allowed. Anything but a promise of the literal `true`, a rejection included, refuses it with
   * `ERR_MLS_POLICY`, on the sending as on the receiving side.
   */
  allow(commit: CommitFacts): Promise<boolean>;
}
