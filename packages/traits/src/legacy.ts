import type { GroupRules } from "./commit-rules.ts";

/** Deprecated: For the core until it uses {@link GroupRules}. */
export interface Policy {
  /** Deprecated: `GroupRules.unlistedCipherSuite`. */
  readonly unlistedCipherSuite: "refuse" | "tolerate";
  /** Deprecated: Expiry is judged when adding, and no local setting decides about received commits. */
  readonly expiredAdd: "refuse" | "tolerate";
}

/** Deprecated: For the core until it uses {@link GroupRules}. */
export const DEFAULT_POLICY: Policy = { unlistedCipherSuite: "refuse", expiredAdd: "refuse" };

/** Deprecated: {@link GroupRules}. */
export type CommitRules = Required<Pick<GroupRules, "allow">>;

/** Deprecated: What `MlsProvider.rules` replaces. */
export interface LegacyProvider {
  /** Deprecated: `MlsProvider.rules`. */
  readonly commitRules?: CommitRules;
  /** Deprecated: `MlsProvider.rules`. */
  readonly policy?: Partial<Policy>;
}
