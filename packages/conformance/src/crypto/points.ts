import type { DhCurve } from "@openmls-ts/traits";

type ByCurve<T> = Readonly<Partial<Record<DhCurve, T>>>;

/** Orders of the NIST curves' groups (SP 800-186 §3.2.1), in as many bytes as a private key has. */
export const GROUP_ORDERS: ByCurve<string> = {
  "P-256": "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
  "P-384": "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
  "P-521":
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa" +
    "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
};

/** Public keys with which every Diffie-Hellman result is zero (RFC 7748 §6), little-endian. */
export const LOW_ORDER_POINTS: ByCurve<readonly (readonly [name: string, hex: string])[]> = {
  X25519: [
    ["0", "00".repeat(32)],
    ["1", `01${"00".repeat(31)}`],
    ["p - 1", `ec${"ff".repeat(30)}7f`],
    ["p", `ed${"ff".repeat(30)}7f`],
    ["p + 1", `ee${"ff".repeat(30)}7f`],
    ["the first of order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"],
    ["the second of order 8", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"],
    ["0 with the ignored bit set", `${"00".repeat(31)}80`],
    ["p + 1 with the ignored bit set", `ee${"ff".repeat(31)}`],
  ],
  X448: [
    ["0", "00".repeat(56)],
    ["1", `01${"00".repeat(55)}`],
    ["p - 1", `fe${"ff".repeat(27)}fe${"ff".repeat(27)}`],
    ["p", `${"ff".repeat(28)}fe${"ff".repeat(27)}`],
    ["p + 1", `${"00".repeat(28)}${"ff".repeat(28)}`],
  ],
};
