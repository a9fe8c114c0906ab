import { equalBytes, hexToBytes, utf8 } from "@openmls-ts/traits";
import { check, checkBytes, checkRejects, embedded, flipBit } from "../case.ts";
import type { CryptoConformanceCase } from "./context.ts";
import { suiteCases } from "./context.ts";
import { INPUTS } from "./known-inputs.ts";

const EMPTY = new Uint8Array(0);

function keyAndNonce(params: { aead: { keyLength: number; nonceLength: number } }): [Uint8Array, Uint8Array] {
  return [new Uint8Array(params.aead.keyLength).fill(1), new Uint8Array(params.aead.nonceLength).fill(2)];
}

/** Authenticated encryption. */
export const aeadCases: readonly CryptoConformanceCase[] = [
  ...suiteCases("AEAD gives the known answer both ways", async (suite, answers) => {
    const [key, nonce] = keyAndNonce(suite.params);
    const ciphertext = hexToBytes(answers.aead);
    const { message, info } = INPUTS;
    checkBytes(await suite.aeadSeal(key, nonce, info, message), ciphertext, "aeadSeal");
    checkBytes(await suite.aeadOpen(key, nonce, info, ciphertext), message, "aeadOpen");
  }),
  ...suiteCases("AEAD round trips for empty, odd and large inputs", async (suite) => {
    const [key, nonce] = keyAndNonce(suite.params);
    for (const length of [0, 1, 15, 16, 17, 1000, 100_003]) {
      const plaintext = new Uint8Array(length).map((_, i) => i & 0xff);
      for (const aad of [EMPTY, utf8("aad"), new Uint8Array(5000)]) {
        const ciphertext = await suite.aeadSeal(key, nonce, aad, plaintext);
        check(ciphertext.length === length + suite.params.aead.tagLength, "ciphertext = plaintext + tag");
        checkBytes(await suite.aeadOpen(key, nonce, aad, ciphertext), plaintext, `${length} bytes`);
      }
    }
  }),
  ...suiteCases("AEAD failures all look alike", async (suite) => {
    const [key, nonce] = keyAndNonce(suite.params);
    const aad = utf8("aad");
    const sealed = await suite.aeadSeal(key, nonce, aad, utf8("attack at dawn"));
    const attempts: [string, Uint8Array, Uint8Array, Uint8Array, Uint8Array][] = [
      ["another key", flipBit(key, 0), nonce, aad, sealed],
      ["another nonce", key, flipBit(nonce, 11), aad, sealed],
      ["another aad", key, nonce, flipBit(aad, 2), sealed],
      ["no aad", key, nonce, EMPTY, sealed],
      ["a changed ciphertext", key, nonce, aad, flipBit(sealed, 0)],
      ["a changed tag", key, nonce, aad, flipBit(sealed, sealed.length - 1)],
      ["a byte too few", key, nonce, aad, sealed.subarray(0, -1)],
      ["a byte too many", key, nonce, aad, new Uint8Array([...sealed, 0])],
      ["a tag alone", key, nonce, aad, sealed.subarray(-16)],
      ["a short tag", key, nonce, aad, sealed.subarray(0, 15)],
      ["nothing", key, nonce, aad, EMPTY],
    ];
    const messages = new Set<string>();
    for (const [what, ...args] of attempts) {
      const open = async (): Promise<unknown> => suite.aeadOpen(...args);
      messages.add(await checkRejects("ERR_MLS_DECRYPTION", open, what));
    }
    check(messages.size === 1, `one message for all failures, found ${[...messages].join(" | ")}`);
  }),
  ...suiteCases("AEAD refuses keys and nonces of a wrong length", async (suite) => {
    const [key, nonce] = keyAndNonce(suite.params);
    const sealed = await suite.aeadSeal(key, nonce, EMPTY, EMPTY);
    for (const length of [0, key.length - 1, key.length + 1, 48 - key.length, 64]) {
      const wrong = new Uint8Array(length);
      const seal = async (): Promise<unknown> => suite.aeadSeal(wrong, nonce, EMPTY, EMPTY);
      const open = async (): Promise<unknown> => suite.aeadOpen(wrong, nonce, EMPTY, sealed);
      await checkRejects("ERR_MLS_INVALID_KEY", seal, `seal with a key of ${length} bytes`);
      await checkRejects("ERR_MLS_INVALID_KEY", open, `open with a key of ${length} bytes`);
    }
    for (const length of [0, 8, 11, 13, 16]) {
      const wrong = new Uint8Array(length);
      const seal = async (): Promise<unknown> => suite.aeadSeal(key, wrong, EMPTY, EMPTY);
      const open = async (): Promise<unknown> => suite.aeadOpen(key, wrong, EMPTY, sealed);
      await checkRejects("ERR_MLS_USAGE", seal, `seal with a nonce of ${length} bytes`);
      await checkRejects("ERR_MLS_USAGE", open, `open with a nonce of ${length} bytes`);
    }
  }),
  ...suiteCases("AEAD takes views, leaves them unchanged and returns none", async (suite) => {
    const [key, nonce] = keyAndNonce(suite.params).map((bytes) => embedded(bytes)) as [
      Uint8Array,
      Uint8Array,
    ];
    const aad = embedded(utf8("aad"));
    const plaintext = embedded(utf8("plaintext"));
    const inputs = [key, nonce, aad, plaintext].map((view) => new Uint8Array(view.buffer));
    const before = inputs.map((bytes) => bytes.slice());
    const ciphertext = embedded(await suite.aeadSeal(key, nonce, aad, plaintext));
    const stored = ciphertext.slice();
    const opened = await suite.aeadOpen(key, nonce, aad, ciphertext);
    checkBytes(opened, utf8("plaintext"), "aeadOpen of views");
    check(opened.buffer !== ciphertext.buffer, "the plaintext is not a view of the ciphertext");
    checkBytes(ciphertext, stored, "the ciphertext after opening");
    for (const [index, bytes] of inputs.entries()) {
      check(equalBytes(bytes, before[index] ?? EMPTY), "the inputs are unchanged");
    }
  }),
];
