import { choiceArgument, functionArgument, optionsArgument } from "./arguments.ts";
import type { CredentialFacts } from "./identity.ts";
import type { Verdict } from "./verdict.ts";

/** A leaf that a commit adds, replaces or removes, as far as rules need it. */
export interface CommitMember {
  readonly leafIndex: number;
  /** The identity of a basic credential; `undefined` for other types. */
  readonly identity: Uint8Array | undefined;
  readonly leafNode: { readonly signatureKey: Uint8Array; readonly credential: CredentialFacts };
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
 * The one place of what all members of a group must agree on beside RFC 9420 §12.2, which it cannot loosen. They decide
 * whether a commit is valid, on the sending as on the receiving side, so members whose rules differ lose one another:
 * agree on them before the group is made, and change them for everybody at once. Limits and settings of a group are
 * other things: none of them refuses a commit that the other members take.
 */
export interface GroupRules {
  /**
   * Whether newcomers may join by external commit (RFC 9420 §12.4.3.2); `no-resync` refuses those that replace a leaf of
   * their own. Default: `allow`.
   */
  readonly externalCommits?: "allow" | "no-resync" | "refuse";
  /**
   * What becomes of a leaf whose capabilities do not list the cipher suite of its group or KeyPackage. RFC 9420 §7.2 asks
   * clients to list what they support; some implementations left out suites that they added later. `tolerate` takes such
   * leaves from others and changes nothing about what this client sends. Default: `refuse`.
   */
  readonly unlistedCipherSuite?: "refuse" | "tolerate";
  /**
   * How members send proposals and commits (RFC 9420 §6): `private` hides them from the delivery service, `public` lets it
   * follow. The other format is then refused with `ERR_MLS_POLICY`. Who is outside cannot encrypt, so its messages are
   * always public; so are proposals that a feature sends in the clear. Default: `any`, each as its own
   * `MlsGroupConfig.handshake` says.
   */
  readonly handshake?: "any" | "private" | "public";
  /**
   * Whether the commit is allowed, by nothing but the facts. A refusal is `ERR_MLS_POLICY`; anything but `true` or
   * `{ allowed: true }` is one, a rejection included.
   */
  allow?(commit: CommitFacts): Promise<Verdict>;
}

/** {@link GroupRules} with the defaults in place of what was not given. */
export interface GroupRulesInForce extends GroupRules {
  readonly externalCommits: "allow" | "no-resync" | "refuse";
  readonly unlistedCipherSuite: "refuse" | "tolerate";
  readonly handshake: "any" | "private" | "public";
}

/**
 * All rules, from those that an application gives.
 * @throws MlsError `ERR_MLS_USAGE` for unknown names and words
 */
export function rulesFrom(given?: GroupRules): GroupRulesInForce {
  const options = optionsArgument("rules", given, [
    "externalCommits",
    "unlistedCipherSuite",
    "handshake",
    "allow",
  ]);
  const { externalCommits = "allow", unlistedCipherSuite = "refuse", handshake = "any" } = options;
  const { allow } = options as { readonly allow?: (commit: CommitFacts) => Promise<Verdict> };
  const rules = {
    externalCommits: choiceArgument("rules.externalCommits", externalCommits, [
      "allow",
      "no-resync",
      "refuse",
    ]),
    unlistedCipherSuite: choiceArgument("rules.unlistedCipherSuite", unlistedCipherSuite, [
      "refuse",
      "tolerate",
    ]),
    handshake: choiceArgument("rules.handshake", handshake, ["any", "private", "public"]),
  };
  return allow === undefined
    ? rules
    : { ...rules, allow: functionArgument("rules.allow", allow).bind(given) };
}
