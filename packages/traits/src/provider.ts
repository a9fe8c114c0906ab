import { bigintArgument, functionArgument } from "./arguments.ts";
import type { GroupRules } from "./commit-rules.ts";
import type { CredentialValidator } from "./credential-validator.ts";
import type { CryptoProvider } from "./crypto.ts";
import type { KeyPackageUse } from "./key-package-use.ts";
import type { Limits } from "./limits.ts";
import type { StorageProvider } from "./storage.ts";
import type { Trace } from "./trace.ts";

/** Tells the time. */
export interface Clock {
  /** Seconds since 1970-01-01T00:00:00Z, the unit of a leaf's lifetime (RFC 9420 §7.2). */
  now(): bigint;
}

/** The wall clock of the runtime. */
export const systemClock: Clock = {
  now: () => BigInt(Math.floor(Date.now() / 1000)),
};

/**
 * The clock of a bundle, whose every answer is checked.
 * @throws MlsError `ERR_MLS_USAGE` if it has no `now`, and from `now` for an answer that is no bigint
 */
export function clockOf({ clock = systemClock }: { readonly clock?: Clock | undefined }): Clock {
  functionArgument("clock.now", (clock as { readonly now?: unknown } | null)?.now);
  return { now: () => bigintArgument("clock.now()", clock.now()) };
}

/** What Node.js calls AsyncLocalStorage: tells what a piece of code runs inside of, across awaits. */
export interface AsyncContext {
  run<R>(store: unknown, callback: () => R): R;
  getStore(): unknown;
}

/** The bundle an application composes and hands to every entry point. */
export interface MlsProvider {
  readonly crypto: CryptoProvider;
  readonly storage: StorageProvider;
  /** Decides about identities. There is no default: a library cannot know who is who (RFC 9420 §5.3.1). */
  readonly credentialValidator: CredentialValidator;
  /** What all members must agree on beside the protocol. Default: see {@link GroupRules}. */
  readonly rules?: GroupRules;
  /** What the application adds to the protocol: `Feature`s of mls-core. Default: none. */
  readonly features?: readonly { readonly name: string }[];
  /** Default: {@link systemClock}. */
  readonly clock?: Clock;
  /** Overrides of single limits; see {@link Limits} for the defaults. */
  readonly limits?: Partial<Limits>;
  /**
   * Lets a group tell, across awaits, that a signer, validator, rule or feature calls the group that waits for it, and
   * refuse the call: `new AsyncLocalStorage()` where there is one. Default: told as far as can be without.
   */
  readonly asyncContext?: AsyncContext;
  /** Is told of each operation on a group when it has ended, for metrics and logs. Default: nobody is. */
  readonly trace?: Trace;
  /**
   * Is told of each KeyPackage that a join has used, or that was given up with a Welcome, once that is in the store: an
   * occasion to publish another one. What it throws, or a promise that it returns, changes nothing. Default: nobody is.
   */
  readonly onKeyPackageUsed?: (use: KeyPackageUse) => void;
}
