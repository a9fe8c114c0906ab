import type { CommitRules } from "./commit-rules.ts";
import type { CredentialValidator } from "./credential-validator.ts";
import type { CryptoProvider } from "./crypto.ts";
import type { Limits } from "./limits.ts";
import type { Policy } from "./policy.ts";
import type { StorageProvider } from "./storage.ts";

/** Tells the time. */
export interface Clock {
  /** Seconds since 1970-01-01T00:00:00Z, the unit of a leaf's lifetime (RFC 9420 §7.2). */
  now(): bigint;
}

/** The wall clock of the runtime. */
export const systemClock: Clock = {
  now: () => BigInt(Math.floor(Date.now() / 1000)),
};

/** The bundle an application composes and hands to every entry point. */
export interface MlsProvider {
  readonly crypto: CryptoProvider;
  readonly storage: StorageProvider;
  /** Decides about identities. There is no default: a library cannot know who is who (RFC 9420 §5.3.1). */
  readonly credentialValidator: CredentialValidator;
  /** Rules about commits beside the protocol's. Default: none. */
  readonly commitRules?: CommitRules;
  /** Default: {@link systemClock}. */
  readonly clock?: Clock;
  /** Overrides of single limits; see {@link Limits} for the defaults. */
  readonly limits?: Partial<Limits>;
  /** Overrides of single choices; see {@link Policy} for the defaults. */
  readonly policy?: Partial<Policy>;
}
