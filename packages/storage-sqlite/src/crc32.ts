/** Octets taken in one step. */
const STEP = 8;

let tables: Int32Array | undefined;

/** The tables of the polynomial 0xedb88320 for one octet and, behind it, for one that lies 1 to 7 octets further back. */
function makeTables(): Int32Array {
  const made = new Int32Array(STEP * 256);
  for (let octet = 0; octet < 256; octet++) {
    let remainder = octet;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ 0xedb88320;
    }
    made[octet] = remainder;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256]!;
    made[i] = (before >>> 8) ^ made[before & 255]!;
  }
  return made;
}

/**
 * CRC-32 as in zlib and PNG. In JavaScript, because React Native has no zlib; for records below 200 octets it is no slower
 * than the call into `node:zlib`.
 * @param sum the CRC-32 of what comes before `bytes`
 * @returns a signed 32-bit integer
 */
export function crc32(bytes: Uint8Array, sum = 0): number {
  const table = (tables ??= makeTables());
  const whole = bytes.length - (bytes.length % STEP);
  let rest = ~sum;
  let at = 0;
  for (; at < whole; at += STEP) {
    const word =
      rest ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    rest =
      table[1792 + (word & 255)]! ^
      table[1536 + ((word >>> 8) & 255)]! ^
      table[1280 + ((word >>> 16) & 255)]! ^
      table[1024 + (word >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) {
    rest = (rest >>> 8) ^ table[(rest ^ bytes[at]!) & 255]!;
  }
  return ~rest;
}
