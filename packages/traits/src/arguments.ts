import { isBytes } from "./bytes.ts";
import type { Signer } from "./crypto.ts";
import { MlsError } from "./errors.ts";

/*
 * What callers pass is looked at once, where it comes in, before the first await: TypeScript's types are no fact to
 * those who have none. Each check says which argument is wrong, what was given and what is expected, and never shows
 * text or bytes, which may be secret.
 */

function isPromise(value: unknown): boolean {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === "function";
}

function kindOf(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint"
    ? `${typeof value} ${value}`
    : typeof value === "object"
      ? Object.prototype.toString.call(value).slice(8, -1)
      : typeof value;
}

/** The error for an argument that is not what it should be. @param expected for people, without article */
export function badArgument(argument: string, value: unknown, expected: string): MlsError {
  const given = isPromise(value) ? "promise" : kindOf(value);
  const message =
    given === "promise"
      ? `${argument} is a promise: await it first`
      : `${argument} is ${given}, expected ${expected}`;
  return new MlsError("ERR_MLS_USAGE", message, { details: { argument, given, expected } });
}

/**
 * A copy of bytes as a `Uint8Array` of this realm, also of a Buffer, of shared memory or of another realm's array.
 * @throws MlsError `ERR_MLS_USAGE` for everything else
 */
export function bytesArgument(name: string, value: unknown): Uint8Array {
  if (isBytes(value)) {
    try {
      return new Uint8Array(value);
    } catch {
      throw badArgument(name, value, "a Uint8Array that was not transferred");
    }
  }
  throw badArgument(name, value, "Uint8Array");
}

/** An integer from `min` to `max`. @throws MlsError `ERR_MLS_USAGE` */
export function numberArgument(
  name: string,
  value: unknown,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw badArgument(name, value, `integer from ${min} to ${max}`);
}

/** A bigint from `min` to `max`, a uint64 unless said otherwise. @throws MlsError `ERR_MLS_USAGE` */
export function bigintArgument(name: string, value: unknown, min = 0n, max = 0xffff_ffff_ffff_ffffn): bigint {
  if (typeof value === "bigint" && value >= min && value <= max) {
    return value;
  }
  throw badArgument(name, value, `bigint from ${min} to ${max}`);
}

/** True or false. @throws MlsError `ERR_MLS_USAGE` */
export function booleanArgument(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw badArgument(name, value, "true or false");
  }
  return value;
}

/** A copy of a list. @throws MlsError `ERR_MLS_USAGE` */
export function listArgument<T>(name: string, value: readonly T[]): T[] {
  if (!Array.isArray(value)) {
    throw badArgument(name, value, "array");
  }
  return (value as readonly T[]).slice();
}

/** A function. @throws MlsError `ERR_MLS_USAGE` */
export function functionArgument<T>(name: string, value: T): T {
  if (typeof value !== "function") {
    throw badArgument(name, value, "function");
  }
  return value;
}

/** One of some words. @throws MlsError `ERR_MLS_USAGE` */
export function choiceArgument<T extends string>(name: string, value: unknown, words: readonly T[]): T {
  const word = words.find((each) => each === value);
  if (word === undefined) {
    throw badArgument(name, value, words.map((each) => `"${each}"`).join(" or "));
  }
  return word;
}

/** A {@link Signer}, with a copy of its public key as it is now. @throws MlsError `ERR_MLS_USAGE` */
export function signerArgument(value: unknown, name = "signer"): Signer {
  const signer = value as Signer | null | undefined;
  if (!isBytes(signer?.publicKey) || typeof signer.sign !== "function") {
    throw badArgument(name, value, "object with publicKey (Uint8Array) and sign (function)");
  }
  return {
    publicKey: bytesArgument(`${name}.publicKey`, signer.publicKey),
    sign: async (message) => signer.sign(message),
  };
}

/**
 * A shallow copy of options without those that are `undefined`, which count as not given.
 * @param keys all that there are
 * @throws MlsError `ERR_MLS_USAGE` for a key that is not one of them, and for what is no object
 */
export function optionsArgument<T extends object>(
  name: string,
  value: T | undefined,
  keys: readonly (keyof T & string)[],
): T {
  if (value === undefined) {
    return {} as T;
  }
  if (kindOf(value) !== "Object" || isPromise(value)) {
    throw badArgument(name, value, "object");
  }
  // what an object of a class of the application has beside is its own
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null;
  const stranger = !plain
    ? undefined
    : Object.keys(value).find((key) => !(keys as readonly string[]).includes(key));
  if (stranger !== undefined) {
    throw new MlsError("ERR_MLS_USAGE", `${name} has no "${stranger}", only ${keys.join(", ")}`, {
      details: { argument: `${name}.${stranger}` },
    });
  }
  return Object.fromEntries(
    keys.map((key) => [key, value[key]]).filter(([, option]) => option !== undefined),
  ) as T;
}
