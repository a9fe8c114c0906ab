import { hexOf } from "./describer.ts";

/** UTF-8 in quotes where the bytes are text that can be shown, hexadecimal where not. */
export function textOrHex(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]*$/u.test(text) && text.length <= 200
      ? JSON.stringify(text)
      : hexOf(bytes);
  } catch {
    return hexOf(bytes);
  }
}

const LAST = 253_402_300_799n; // the end of the year 9999

/** Seconds since 1970 as a date. */
export function dateOf(seconds: bigint): string {
  if (seconds === 0n) return "since ever";
  return seconds > LAST ? "for ever" : new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
