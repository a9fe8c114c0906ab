import { badArgument, bigintArgument, MlsError, optionsArgument } from "@openmls-ts/traits";
import type { Lifetime } from "./capabilities.ts";

/** A length of time. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
}

const CLOCK_TOLERANCE = 3600n;
const END_OF_TIME = 0xffff_ffff_ffff_ffffn;

/** Twelve weeks. */
const DEFAULT_VALIDITY = 84n * 86_400n;

/** A lifetime of so many seconds from now, begun an hour ago for clocks that disagree. */
function lifetimeFrom(now: bigint, length: bigint): Lifetime {
  const notBefore = now > CLOCK_TOLERANCE ? now - CLOCK_TOLERANCE : 0n;
  return { notBefore, notAfter: length < END_OF_TIME - now ? now + length : END_OF_TIME };
}

/** How long a leaf of a KeyPackage or of a group's creator is valid unless told otherwise, within a limit in seconds. */
export function defaultLifetime(now: bigint, maxLifetime: bigint): Lifetime {
  const most = maxLifetime - CLOCK_TOLERANCE;
  return lifetimeFrom(now, most < DEFAULT_VALIDITY ? most : DEFAULT_VALIDITY);
}

function seconds({ days = 0, hours = 0 }: Duration): bigint {
  const length = days * 86_400 + hours * 3600;
  if (!(length > 0 && length <= Number.MAX_SAFE_INTEGER)) {
    throw new MlsError("ERR_MLS_USAGE", "a lifetime is longer than nothing");
  }
  return BigInt(Math.round(length));
}

function instant(name: string, value: Date | bigint): bigint {
  const time: unknown = value instanceof Date ? value.getTime() : value;
  if (typeof time === "number") {
    if (!(time >= 0)) throw badArgument(name, value, "Date after 1970");
    return BigInt(Math.floor(time / 1000));
  }
  return bigintArgument(name, time);
}

/** When a leaf is valid: for a length of time from now, or between two instants. */
export type LifetimeChoice =
  Duration | { readonly notBefore: Date | bigint; readonly notAfter: Date | bigint };

/**
 * A lifetime for leaves (RFC 9420 §7.2), from one hour before now for clocks that disagree, or between two instants.
 * @param now seconds since 1970; default: the wall clock
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function lifetime(
  choice: LifetimeChoice,
  now: bigint = BigInt(Math.floor(Date.now() / 1000)),
): Lifetime {
  const options = optionsArgument<Duration & Partial<Record<keyof Lifetime, Date | bigint>>>(
    "lifetime",
    choice,
    ["days", "hours", "notBefore", "notAfter"],
  );
  const { notBefore, notAfter } = options;
  if (notBefore === undefined && notAfter === undefined) {
    return lifetimeFrom(bigintArgument("now", now), seconds(options));
  }
  return { notBefore: instant("notBefore", notBefore!), notAfter: instant("notAfter", notAfter!) };
}
