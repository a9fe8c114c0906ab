/** Joins byte strings into one new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * A copy of plain data all the way down, with plain `Uint8Array`s also where there were Buffers, whose `slice()` is no
 * copy: what an application hands over or is handed is nobody else's.
 */
export function deepCopy<T>(value: T): T {
  if (isBytes(value)) {
    return new Uint8Array(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map(deepCopy) as T;
  }
  return typeof value === "object" && value !== null
    ? (Object.fromEntries(Object.entries(value).map(([name, field]) => [name, deepCopy(field)])) as T)
    : value;
}

/**
 * Whether two byte strings are equal, for public data: stops at the first difference.
 * Use {@link equalBytesConstantTime} for tags and secrets.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) {
    return true;
  }
  if (a.length !== b.length) {
    return false;
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}

/** Whether two byte strings are equal; the time taken depends on their lengths alone. */
export function equalBytesConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  }
  return difference === 0;
}

/** Lexicographic order of byte strings as unsigned octets, the shorter first: the key order of storage. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}

/** Lower-case hexadecimal, for people and for map keys off the hot path. */
export function bytesToHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < codes.length; i++) {
    const nibble = ((bytes[i >> 1] ?? 0) >> (4 * (~i & 1))) & 15;
    codes[i] = nibble + (nibble < 10 ? 48 : 87);
  }
  return bytesToKey(codes);
}

/** Few enough for the arguments of one call in every engine. */
const CHUNK = 4096;

/** A string with one UTF-16 unit per octet: a cheap, exact key for a `Map`. */
export function bytesToKey(bytes: Uint8Array): string {
  let key = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    // In pieces: a string grown octet by octet takes 80 times the memory of the octets.
    key += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + CHUNK)) as string;
  }
  return key;
}

/** Overwrites secrets with zeros. JavaScript may hold copies elsewhere; this removes the one that we can reach. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) {
    secret?.fill(0);
  }
}

let kindOf: ((value: unknown) => unknown) | undefined;

/**
 * The one notion of bytes: a `Uint8Array`, a Buffer or one of another realm included. What only looks like one is none:
 * the getter of %TypedArray% (ECMA-262 §23.2.3.38) sees what an object is and not what it says.
 */
export function isBytes(value: unknown): value is Uint8Array {
  if (kindOf === undefined) {
    const typedArray: unknown = Object.getPrototypeOf(Uint8Array.prototype);
    const tag = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag) as {
      readonly get: () => string;
    };
    kindOf = Function.prototype.call.bind(tag.get); // asked for each field that is encoded: a quarter of Reflect's time
  }
  return kindOf(value) === "Uint8Array";
}
