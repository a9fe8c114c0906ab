import { MlsError } from "./errors.ts";

/**
 * Bytes of a hexadecimal string (either case, even length).
 * @throws MlsError `ERR_MLS_USAGE` if it is not one
 */
export function hexToBytes(hex: string): Uint8Array {
  if (typeof hex !== "string" || hex.length % 2 !== 0 || /[^0-9a-fA-F]/.test(hex)) {
    throw new MlsError("ERR_MLS_USAGE", "not a hexadecimal string");
  }
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/**
 * UTF-8 octets of a string (RFC 3629 §3); U+FFFD for a lone surrogate, as TextEncoder has it, which some engines lack.
 * @throws MlsError `ERR_MLS_USAGE` if it is not a string
 */
export function utf8(text: string): Uint8Array {
  if (typeof text !== "string") {
    throw new MlsError("ERR_MLS_USAGE", "utf8 takes a string");
  }
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  for (const character of text) {
    let point = character.codePointAt(0) ?? 0;
    if (point >= 0xd800 && point < 0xe000) {
      point = 0xfffd;
    }
    let more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    // The first octet has as many ones in front as there are octets.
    bytes[length++] = more === 0 ? point : ((0x780 >> more) & 0xff) | (point >> (6 * more));
    while (more > 0) {
      bytes[length++] = 0x80 | ((point >> (6 * --more)) & 0x3f);
    }
  }
  return bytes.slice(0, length);
}
