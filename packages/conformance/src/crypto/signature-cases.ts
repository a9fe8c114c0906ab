import type { CipherSuite } from "@openmls-ts/traits";
import { concatBytes, equalBytes, hexToBytes, utf8 } from "@openmls-ts/traits";
import { check, checkBytes, checkRejects, embedded, flipBit } from "../case.ts";
import type { CryptoConformanceCase } from "./context.ts";
import { isMontgomery, isNist, suiteCases } from "./context.ts";
import type { EdwardsAnswers } from "./edwards-answers.ts";
import { EDWARDS_ANSWERS } from "./edwards-answers.ts";
import { INPUTS } from "./known-inputs.ts";

const EMPTY = new Uint8Array(0);

async function checkVerifies(
  suite: CipherSuite,
  expected: boolean,
  what: string,
  [publicKey, message, signature]: readonly [Uint8Array, Uint8Array, Uint8Array],
): Promise<void> {
  const answer: unknown = await suite.verify(publicKey, message, signature);
  check(answer === expected, `verify of ${what}: expected ${expected}, found ${String(answer)}`);
}

function edwardsAnswers(suite: CipherSuite): EdwardsAnswers {
  const { name } = suite.params.signature;
  const answers = EDWARDS_ANSWERS[name];
  if (answers === undefined) {
    throw new Error(`no answers for ${name}`);
  }
  return answers;
}

/** Changes to a DER signature that a lenient parser forgives (RFC 8446 §4.2.3 says DER). */
function misencoded(signature: Uint8Array): [string, Uint8Array][] {
  const length = signature[1] === 0x81 ? 3 : 2; // bytes before the first INTEGER
  const body = signature.subarray(length);
  const sequence = (content: Uint8Array): Uint8Array =>
    concatBytes(
      content.length < 128 ? Uint8Array.of(0x30, content.length) : Uint8Array.of(0x30, 0x81, content.length),
      content,
    );
  const rLength = body[1] ?? 0;
  const r = body.subarray(2, 2 + rLength);
  const s = body.subarray(2 + rLength + 2);
  const integer = (value: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(2, value.length), value);
  const zero = Uint8Array.of(0);
  const longForm =
    length === 2 ? Uint8Array.of(0x30, 0x81, body.length) : Uint8Array.of(0x30, 0x82, 0, body.length);
  return [
    ["a trailing byte", concatBytes(signature, zero)],
    ["a trailing byte inside", sequence(concatBytes(body, zero))],
    ["a length in a longer form", concatBytes(longForm, body)],
    ["an indefinite length", concatBytes(Uint8Array.of(0x30, 0x80), body, zero, zero)],
    ["r with a leading zero", sequence(concatBytes(integer(concatBytes(zero, r)), integer(s)))],
    ["s with a leading zero", sequence(concatBytes(integer(r), integer(concatBytes(zero, s))))],
    ["r missing", sequence(integer(s))],
    ["r = 0", sequence(concatBytes(integer(zero), integer(s)))],
    ["s = 0", sequence(concatBytes(integer(r), integer(zero)))],
    ["another tag", concatBytes(Uint8Array.of(0x31), signature.subarray(1))],
    ["an empty sequence", Uint8Array.of(0x30, 0)],
  ];
}

/** Signatures. */
export const signatureCases: readonly CryptoConformanceCase[] = [
  ...suiteCases("the known signature verifies under the known key", async (suite, answers) => {
    const privateKey = hexToBytes(answers.signaturePrivateKey);
    const publicKey = hexToBytes(answers.signaturePublicKey);
    checkBytes(await suite.signaturePublicKey(privateKey), publicKey, "signaturePublicKey");
    await checkVerifies(suite, true, "the known signature", [
      publicKey,
      INPUTS.message,
      hexToBytes(answers.signature),
    ]);
  }),
  ...suiteCases("what is signed verifies, with a given and with a generated key", async (suite, answers) => {
    const { publicKeyLength, privateKeyLength, maxSignatureLength } = suite.params.signature;
    const known = {
      privateKey: hexToBytes(answers.signaturePrivateKey),
      publicKey: hexToBytes(answers.signaturePublicKey),
    };
    const fresh = await suite.generateSignatureKeys();
    check(fresh.privateKey.length === privateKeyLength, "length of a private key");
    check(fresh.publicKey.length === publicKeyLength, "length of a public key");
    checkBytes(await suite.signaturePublicKey(fresh.privateKey), fresh.publicKey, "the public key");
    check(await suite.isValidSignaturePublicKey(fresh.publicKey), "a generated key is valid");
    const again = await suite.generateSignatureKeys();
    check(!equalBytes(fresh.privateKey, again.privateKey), "two generated keys differ");
    for (const { privateKey, publicKey } of [known, fresh]) {
      for (const message of [EMPTY, utf8("message"), new Uint8Array(100_000).fill(7)]) {
        const signature = await suite.sign(privateKey, message);
        check(signature.length <= maxSignatureLength, "a signature is no longer than the registry says");
        await checkVerifies(suite, true, `${message.length} bytes`, [publicKey, message, signature]);
      }
    }
  }),
  ...suiteCases("any change makes verify false", async (suite, answers) => {
    const publicKey = hexToBytes(answers.signaturePublicKey);
    const signature = hexToBytes(answers.signature);
    const { message } = INPUTS;
    const stranger = await suite.generateSignatureKeys();
    const attempts: [string, Uint8Array, Uint8Array, Uint8Array][] = [
      ["another message", publicKey, flipBit(message, 0), signature],
      ["no message", publicKey, EMPTY, signature],
      ["another key", stranger.publicKey, message, signature],
      ["a changed end", publicKey, message, flipBit(signature, signature.length - 1)],
      ["a changed middle", publicKey, message, flipBit(signature, signature.length >> 1)],
      ["a changed start", publicKey, message, flipBit(signature, 0)],
    ];
    for (const [what, ...args] of attempts) {
      await checkVerifies(suite, false, what, args);
    }
  }),
  ...suiteCases("verify is false, and never throws, for malformed input", async (suite, answers) => {
    const publicKey = hexToBytes(answers.signaturePublicKey);
    const signature = hexToBytes(answers.signature);
    const { message } = INPUTS;
    for (const length of [0, 1, 31, 32, 33, 57, 64, 65, 114, 133, 1000]) {
      for (const fill of [0x00, 0x04, 0x30, 0xff]) {
        const junk = new Uint8Array(length).fill(fill);
        await checkVerifies(suite, false, `a key of ${length} × ${fill}`, [junk, message, signature]);
        await checkVerifies(suite, false, `a signature of ${length} × ${fill}`, [publicKey, message, junk]);
        if (length !== publicKey.length) {
          check(!(await suite.isValidSignaturePublicKey(junk)), `${length} bytes are not a public key`);
        }
      }
    }
    for (const shorter of [signature.subarray(1), signature.subarray(0, -1)]) {
      await checkVerifies(suite, false, "a shortened signature", [publicKey, message, shorter]);
    }
    const longer = concatBytes(signature, Uint8Array.of(0));
    await checkVerifies(suite, false, "a lengthened signature", [publicKey, message, longer]);
  }),
  ...suiteCases("signature private keys of a wrong length are refused", async (suite) => {
    const { privateKeyLength } = suite.params.signature;
    for (const length of [0, privateKeyLength - 1, privateKeyLength + 1, 2 * privateKeyLength]) {
      const key = new Uint8Array(length).fill(1);
      const what = `a private key of ${length} bytes`;
      await checkRejects("ERR_MLS_INVALID_KEY", async () => suite.sign(key, EMPTY), `sign with ${what}`);
      const derive = async (): Promise<unknown> => suite.signaturePublicKey(key);
      await checkRejects("ERR_MLS_INVALID_KEY", derive, `signaturePublicKey of ${what}`);
    }
  }),
  ...suiteCases(
    "an imported signing key signs like its bytes, and keeps none of them",
    async (suite, answers) => {
      if (suite.importSigningKey === undefined) {
        return; // signing with bytes is as fast there
      }
      const { privateKeyLength } = suite.params.signature;
      const publicKey = hexToBytes(answers.signaturePublicKey);
      const privateKey = embedded(hexToBytes(answers.signaturePrivateKey));
      const importing = suite.importSigningKey(privateKey);
      privateKey.fill(0);
      const key = await importing;
      for (const message of [EMPTY, utf8("message"), utf8("message")]) {
        const signature = await key.sign(message);
        await checkVerifies(suite, true, `${message.length} bytes`, [publicKey, message, signature]);
      }
      for (const length of [0, privateKeyLength - 1, privateKeyLength + 1]) {
        const wrong = async (): Promise<unknown> => suite.importSigningKey!(new Uint8Array(length).fill(1));
        await checkRejects("ERR_MLS_INVALID_KEY", wrong, `importSigningKey with ${length} bytes`);
      }
    },
  ),
  ...suiteCases("signing and verifying take views and leave them unchanged", async (suite, answers) => {
    const views = [answers.signaturePrivateKey, answers.signaturePublicKey].map((hex) =>
      embedded(hexToBytes(hex)),
    ) as [Uint8Array, Uint8Array];
    const message = embedded(INPUTS.message);
    const buffers = [...views, message].map((view) => new Uint8Array(view.buffer));
    const before = buffers.map((bytes) => bytes.slice());
    const signature = embedded(await suite.sign(views[0], message));
    await checkVerifies(suite, true, "views", [views[1], message, signature]);
    for (const [index, bytes] of buffers.entries()) {
      check(equalBytes(bytes, before[index] ?? EMPTY), "the inputs are unchanged");
    }
  }),
  ...suiteCases(
    "ECDSA takes a high s like a low one",
    async (suite, answers) => {
      const publicKey = hexToBytes(answers.signaturePublicKey);
      const twin = hexToBytes(answers.signatureTwin);
      await checkVerifies(suite, true, "(r, n - s)", [publicKey, INPUTS.message, twin]);
    },
    isNist,
  ),
  ...suiteCases(
    "ECDSA signatures are strict DER (rfc11)",
    async (suite, answers) => {
      const publicKey = hexToBytes(answers.signaturePublicKey);
      const signature = hexToBytes(answers.signature);
      for (const [what, changed] of misencoded(signature)) {
        await checkVerifies(suite, false, what, [publicKey, INPUTS.message, changed]);
      }
      const raw = hexToBytes(answers.signatureRaw);
      await checkVerifies(suite, false, "r and s without DER", [publicKey, INPUTS.message, raw]);
    },
    isNist,
  ),
  ...suiteCases(
    "EdDSA signatures are deterministic",
    async (suite, answers) => {
      const signature = await suite.sign(hexToBytes(answers.signaturePrivateKey), INPUTS.message);
      checkBytes(signature, hexToBytes(answers.signature), "signature");
    },
    isMontgomery,
  ),
  ...suiteCases(
    "EdDSA refuses s that is not reduced",
    async (suite, answers) => {
      const publicKey = hexToBytes(answers.signaturePublicKey);
      const twin = hexToBytes(answers.signatureTwin);
      await checkVerifies(suite, false, "s + order", [publicKey, INPUTS.message, twin]);
    },
    isMontgomery,
  ),
  ...suiteCases(
    "EdDSA refuses public keys of small order, unreduced ones and those off the curve",
    async (suite) => {
      for (const hex of edwardsAnswers(suite).weakPublicKeys) {
        const key = hexToBytes(hex);
        check(!(await suite.isValidSignaturePublicKey(key)), `${hex} is not a valid public key`);
        // With s = 0 and R the neutral element, every message "verifies" under a key of order 1.
        const forged = new Uint8Array(2 * key.length);
        forged[0] = 1;
        await checkVerifies(suite, false, `a forgery under ${hex}`, [key, INPUTS.message, forged]);
      }
    },
    isMontgomery,
  ),
  ...suiteCases(
    "EdDSA decides alike on signatures with a small-order component",
    async (suite) => {
      for (const { publicKey, signature, verifies } of edwardsAnswers(suite).torsion) {
        const args = [hexToBytes(publicKey), INPUTS.message, hexToBytes(signature)] as const;
        await checkVerifies(suite, verifies, `a crafted signature under ${publicKey}`, args);
      }
    },
    isMontgomery,
  ),
];
