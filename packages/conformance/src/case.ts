import type { MlsErrorCode } from "@openmls-ts/traits";
import { bytesToHex, equalBytes, isBytes, isMlsError } from "@openmls-ts/traits";

/** One requirement on an implementation, independent of any test runner. */
export interface ConformanceCase<Context> {
  /** Reads as a sentence; stable, unique. */
  readonly name: string;
  /** Resolves when the requirement is met, rejects with an `Error` that says what was found instead. */
  run(context: Context): Promise<void>;
}

/** Fails the case unless `condition` holds. */
export function check(condition: boolean, message: string): void {
  if (!condition) {
    throw new Error(message);
  }
}

/** Fails the case unless `found` is a `Uint8Array` with exactly these octets. */
export function checkBytes(found: unknown, expected: Uint8Array, what: string): void {
  check(isBytes(found), `${what} is a Uint8Array`);
  const octets = found as Uint8Array;
  check(equalBytes(octets, expected), `${what}: expected ${show(expected)}, found ${show(octets)}`);
}

/** Fails the case unless the call throws, at once, an `MlsError` of this code. */
export function checkThrows(code: MlsErrorCode, call: () => unknown, what: string): void {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  check(isMlsError(error, code), `${what}: expected ${code} to be thrown, found ${String(error)}`);
}

/** Fails the case unless the promise rejects with an `MlsError` of this code. Returns the message. */
export async function checkRejects(
  code: MlsErrorCode,
  call: () => Promise<unknown>,
  what: string,
): Promise<string> {
  let error: unknown;
  try {
    await call();
  } catch (thrown) {
    error = thrown;
  }
  check(isMlsError(error, code), `${what}: expected a rejection with ${code}, found ${String(error)}`);
  return (error as Error).message;
}

/** A copy with one bit of one byte changed. */
export function flipBit(bytes: Uint8Array, index: number): Uint8Array {
  const changed = bytes.slice();
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}

/** The same octets as a view into the middle of a larger buffer, as they come out of a decoder. */
export function embedded(bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 13).fill(0xa5);
  buffer.set(bytes, 7);
  return buffer.subarray(7, 7 + bytes.length);
}

function show(bytes: Uint8Array): string {
  const hex = bytesToHex(bytes.subarray(0, 64));
  return `<${hex}${bytes.length > 64 ? `… ${bytes.length} bytes` : ""}>`;
}
