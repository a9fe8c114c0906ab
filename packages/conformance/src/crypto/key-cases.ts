import type { CipherSuite, MlsErrorCode } from "@openmls-ts/traits";
import { concatBytes, hexToBytes, utf8 } from "@openmls-ts/traits";
import { check, checkRejects, flipBit } from "../case.ts";
import type { CryptoConformanceCase } from "./context.ts";
import { isMontgomery, isNist, suiteCases } from "./context.ts";
import { GROUP_ORDERS, LOW_ORDER_POINTS } from "./points.ts";

const INFO = utf8("info");

/** Every call that takes a public key or an encapsulated key refuses this one. */
async function checkRefused(
  suite: CipherSuite,
  code: MlsErrorCode,
  key: Uint8Array,
  what: string,
): Promise<void> {
  const { privateKey } = await suite.deriveKeyPair(utf8("receiver"));
  const ciphertext = new Uint8Array(32);
  const calls: [string, () => Promise<unknown>][] = [
    ["seal", async () => suite.hpkeSealContext(INFO).seal(key, INFO, INFO)],
    ["hpkeExportSender", async () => suite.hpkeExportSender(key, INFO, INFO, 32)],
    ["hpkeOpen", async () => suite.hpkeOpen(privateKey, key, INFO, INFO, ciphertext)],
    ["hpkeExportReceiver", async () => suite.hpkeExportReceiver(privateKey, key, INFO, INFO, 32)],
  ];
  for (const [name, call] of calls) {
    await checkRejects(code, call, `${name} with ${what}`);
  }
  check(!(await suite.isValidHpkePublicKey(key)), `isValidHpkePublicKey is false for ${what}`);
}

/** Encodings that are not the one uncompressed form of a point of the curve (RFC 9180 §7.1.4). */
function malformedPoints(publicKey: Uint8Array): [string, Uint8Array][] {
  const size = (publicKey.length - 1) / 2;
  const [x, y] = [publicKey.slice(1, 1 + size), publicKey.slice(1 + size)];
  const parity = (y[size - 1] ?? 0) & 1;
  const zero = new Uint8Array(size);
  const all = new Uint8Array(size).fill(0xff);
  return [
    ["a point off the curve", flipBit(publicKey, publicKey.length - 1)],
    ["a compressed point", concatBytes(Uint8Array.of(2 + parity), x)],
    ["a compressed point with padding", concatBytes(Uint8Array.of(2 + parity), x, zero)],
    ["a hybrid point", concatBytes(Uint8Array.of(6 + parity), x, y)],
    ["the point at infinity", Uint8Array.of(0)],
    ["the point at infinity with padding", new Uint8Array(publicKey.length)],
    ["(0, 0)", concatBytes(Uint8Array.of(4), zero, zero)],
    ["coordinates above the prime", concatBytes(Uint8Array.of(4), all, all)],
    ["a raw point without its first octet", concatBytes(x, y)],
  ];
}

/** Keys of wrong length or form (RFC 9420 §5.1.1, RFC 9180 §7.1.4). */
export const keyCases: readonly CryptoConformanceCase[] = [
  ...suiteCases("public and encapsulated keys of a wrong length are refused", async (suite) => {
    const { publicKey } = await suite.deriveKeyPair(utf8("alice"));
    const keys = [
      new Uint8Array(0),
      publicKey.subarray(0, -1),
      publicKey.subarray(1),
      concatBytes(publicKey, Uint8Array.of(0)),
      concatBytes(Uint8Array.of(0), publicKey),
    ];
    for (const key of keys) {
      await checkRefused(suite, "ERR_MLS_INVALID_KEY", key, `a key of ${key.length} bytes`);
    }
  }),
  ...suiteCases("HPKE private keys of a wrong length are refused", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(utf8("alice"));
    const sealed = await suite.hpkeSealContext(INFO).seal(publicKey, INFO, INFO);
    for (const key of [
      new Uint8Array(0),
      privateKey.subarray(1),
      concatBytes(Uint8Array.of(0), privateKey),
      concatBytes(privateKey, Uint8Array.of(0)),
    ]) {
      const what = `a private key of ${key.length} bytes`;
      const open = async (): Promise<unknown> =>
        suite.hpkeOpen(key, sealed.kemOutput, INFO, INFO, sealed.ciphertext);
      const receive = async (): Promise<unknown> =>
        suite.hpkeExportReceiver(key, sealed.kemOutput, INFO, INFO, 32);
      await checkRejects("ERR_MLS_INVALID_KEY", open, `hpkeOpen with ${what}`);
      await checkRejects("ERR_MLS_INVALID_KEY", receive, `hpkeExportReceiver with ${what}`);
    }
  }),
  ...suiteCases(
    "points of low order give an all-zero secret and are refused",
    async (suite) => {
      for (const [what, hex] of LOW_ORDER_POINTS[suite.params.kem.curve ?? "P-256"] ?? []) {
        await checkRefused(suite, "ERR_MLS_CRYPTO", hexToBytes(hex), `u = ${what}`);
      }
    },
    isMontgomery,
  ),
  ...suiteCases(
    "points off the curve or in another form are refused",
    async (suite) => {
      const { publicKey } = await suite.deriveKeyPair(utf8("alice"));
      for (const [what, point] of malformedPoints(publicKey)) {
        await checkRefused(suite, "ERR_MLS_INVALID_KEY", point, what);
      }
    },
    isNist,
  ),
  ...suiteCases(
    "signature public keys off the curve or in another form are refused",
    async (suite, answers) => {
      const publicKey = hexToBytes(answers.signaturePublicKey);
      check(await suite.isValidSignaturePublicKey(publicKey), "the right form is valid");
      for (const [what, point] of malformedPoints(publicKey)) {
        check(
          !(await suite.isValidSignaturePublicKey(point)),
          `isValidSignaturePublicKey is false for ${what}`,
        );
        const good = await suite.verify(point, INFO, hexToBytes(answers.signature));
        check(!good, `verify is false under ${what}`);
      }
    },
    isNist,
  ),
  ...suiteCases(
    "private scalars outside the range of the curve are refused",
    async (suite) => {
      const { publicKey } = await suite.deriveKeyPair(utf8("alice"));
      const order = hexToBytes(GROUP_ORDERS[suite.params.kem.curve ?? "X25519"] ?? "");
      const scalars = [new Uint8Array(order.length), order, new Uint8Array(order.length).fill(0xff)];
      for (const scalar of scalars) {
        const open = async (): Promise<unknown> =>
          suite.hpkeOpen(scalar, publicKey, INFO, INFO, new Uint8Array(32));
        await checkRejects("ERR_MLS_INVALID_KEY", open, "hpkeOpen");
        await checkRejects("ERR_MLS_INVALID_KEY", async () => suite.sign(scalar, INFO), "sign");
        const derive = async (): Promise<unknown> => suite.signaturePublicKey(scalar);
        await checkRejects("ERR_MLS_INVALID_KEY", derive, "signaturePublicKey");
      }
      const largest = order.slice();
      largest[largest.length - 1] = (largest.at(-1) ?? 0) - 1;
      check((await suite.sign(largest, INFO)).length > 0, "order - 1 is a private key");
    },
    isNist,
  ),
];
