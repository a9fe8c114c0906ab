import type { CipherSuite } from "@openmls-ts/traits";
import { equalBytes, hexToBytes, utf8 } from "@openmls-ts/traits";
import { check, checkBytes, checkRejects, embedded, flipBit } from "../case.ts";
import type { CryptoConformanceCase } from "./context.ts";
import { suiteCases } from "./context.ts";
import { INPUTS } from "./known-inputs.ts";

const EMPTY = new Uint8Array(0);
const INFO = utf8("info");
const AAD = utf8("aad");

/** HPKE: key derivation, sealing, opening, exporting. */
export const hpkeCases: readonly CryptoConformanceCase[] = [
  ...suiteCases("deriveKeyPair gives the known key pair", async (suite, answers) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(INPUTS.message);
    checkBytes(privateKey, hexToBytes(answers.hpkePrivateKey), "private key");
    checkBytes(publicKey, hexToBytes(answers.hpkePublicKey), "public key");
  }),
  ...suiteCases("deriveKeyPair takes input of any length", async (suite) => {
    const { publicKeyLength, privateKeyLength } = suite.params.kem;
    for (const length of [0, 1, privateKeyLength, 1000]) {
      const { privateKey, publicKey } = await suite.deriveKeyPair(new Uint8Array(length));
      check(privateKey.length === privateKeyLength, `private key from ${length} bytes`);
      check(publicKey.length === publicKeyLength, `public key from ${length} bytes`);
      check(await suite.isValidHpkePublicKey(publicKey), "a derived public key is valid");
    }
  }),
  ...suiteCases("hpkeOpen and hpkeExportReceiver give the known answers", async (suite, answers) => {
    const privateKey = hexToBytes(answers.hpkePrivateKey);
    const kemOutput = hexToBytes(answers.hpkeKemOutput);
    const ciphertext = hexToBytes(answers.hpkeCiphertext);
    const { info, salt, message } = INPUTS;
    const opened = await suite.hpkeOpen(privateKey, kemOutput, info, salt, ciphertext);
    checkBytes(opened, message, "hpkeOpen");
    const exported = await suite.hpkeExportReceiver(privateKey, kemOutput, info, salt, 48);
    checkBytes(exported, hexToBytes(answers.hpkeExport), "hpkeExportReceiver");
  }),
  ...suiteCases("one HPKE context seals to many recipients", async (suite) => {
    const context = suite.hpkeSealContext(INFO);
    const outputs = new Set<string>();
    for (const name of ["alice", "bob", "alice"]) {
      const { privateKey, publicKey } = await suite.deriveKeyPair(utf8(name));
      const { kemOutput, ciphertext } = await context.seal(publicKey, AAD, utf8(name));
      check(kemOutput.length === suite.params.kem.encapsulatedLength, "length of the encapsulated key");
      const opened = await suite.hpkeOpen(privateKey, kemOutput, INFO, AAD, ciphertext);
      checkBytes(opened, utf8(name), `what ${name} opens`);
      outputs.add(kemOutput.join());
    }
    check(outputs.size === 3, "every sealing has an ephemeral key of its own");
  }),
  ...suiteCases("HPKE round trips with everything empty", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(EMPTY);
    const { kemOutput, ciphertext } = await suite.hpkeSealContext(EMPTY).seal(publicKey, EMPTY, EMPTY);
    checkBytes(await suite.hpkeOpen(privateKey, kemOutput, EMPTY, EMPTY, ciphertext), EMPTY, "nothing");
  }),
  ...suiteCases("hpkeSealContext keeps no reference to the info", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(AAD);
    const info = INFO.slice();
    const context = suite.hpkeSealContext(info);
    info.fill(0);
    const { kemOutput, ciphertext } = await context.seal(publicKey, AAD, AAD);
    checkBytes(await suite.hpkeOpen(privateKey, kemOutput, INFO, AAD, ciphertext), AAD, "plaintext");
  }),
  ...suiteCases("HPKE opens for nobody else and under nothing else", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(utf8("alice"));
    const other = await suite.deriveKeyPair(utf8("bob"));
    const { kemOutput, ciphertext } = await suite.hpkeSealContext(INFO).seal(publicKey, AAD, utf8("hello"));
    const another = await suite.hpkeSealContext(INFO).seal(publicKey, AAD, utf8("hello"));
    const attempts: [string, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array][] = [
      ["another private key", other.privateKey, kemOutput, INFO, AAD, ciphertext],
      ["another encapsulated key", privateKey, another.kemOutput, INFO, AAD, ciphertext],
      ["another info", privateKey, kemOutput, AAD, AAD, ciphertext],
      ["another aad", privateKey, kemOutput, INFO, INFO, ciphertext],
      ["a changed ciphertext", privateKey, kemOutput, INFO, AAD, flipBit(ciphertext, 0)],
      ["a short ciphertext", privateKey, kemOutput, INFO, AAD, ciphertext.subarray(0, 15)],
      ["an empty ciphertext", privateKey, kemOutput, INFO, AAD, EMPTY],
    ];
    const messages = new Set<string>();
    for (const [what, ...args] of attempts) {
      const open = async (): Promise<unknown> => suite.hpkeOpen(...args);
      messages.add(await checkRejects("ERR_MLS_DECRYPTION", open, what));
    }
    check(messages.size === 1, "one message for all failures");
  }),
  ...suiteCases("both sides export the same secret, bound to info, context and length", async (suite) => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(utf8("carol"));
    const { kemOutput, secret } = await suite.hpkeExportSender(publicKey, INFO, AAD, 40);
    const receive = async (info: Uint8Array, context: Uint8Array, length: number): Promise<Uint8Array> =>
      suite.hpkeExportReceiver(privateKey, kemOutput, info, context, length);
    check(secret.length === 40, "the length asked for");
    checkBytes(await receive(INFO, AAD, 40), secret, "the receiver's secret");
    check(!equalBytes(await receive(AAD, AAD, 40), secret), "another info gives another secret");
    check(!equalBytes(await receive(INFO, INFO, 40), secret), "another context gives another secret");
    check(!equalBytes((await receive(INFO, AAD, 41)).subarray(0, 40), secret), "the length counts");
    await checkExportLengths(suite, privateKey, publicKey, kemOutput);
  }),
  ...suiteCases("HPKE takes views and leaves them unchanged", async (suite) => {
    const pair = await suite.deriveKeyPair(embedded(utf8("dave")));
    const [privateKey, publicKey, info, aad] = [pair.privateKey, pair.publicKey, INFO, AAD].map((bytes) =>
      embedded(bytes),
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const buffers = [privateKey, publicKey, info, aad].map((view) => new Uint8Array(view.buffer));
    const before = buffers.map((bytes) => bytes.slice());
    const sealed = await suite.hpkeSealContext(info).seal(publicKey, aad, aad);
    const opened = await suite.hpkeOpen(privateKey, embedded(sealed.kemOutput), info, aad, sealed.ciphertext);
    checkBytes(opened, AAD, "what was sealed from a view");
    for (const [index, bytes] of buffers.entries()) {
      check(equalBytes(bytes, before[index] ?? EMPTY), "the inputs are unchanged");
    }
  }),
];

async function checkExportLengths(
  suite: CipherSuite,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
  kemOutput: Uint8Array,
): Promise<void> {
  const limit = 255 * suite.params.kdf.hashLength;
  for (const length of [0, limit]) {
    const secret = await suite.hpkeExportReceiver(privateKey, kemOutput, INFO, AAD, length);
    check(secret.length === length, `an export of ${length} bytes`);
  }
  for (const length of [limit + 1, -1, 0.5]) {
    const send = async (): Promise<unknown> => suite.hpkeExportSender(publicKey, INFO, AAD, length);
    const receive = async (): Promise<unknown> =>
      suite.hpkeExportReceiver(privateKey, kemOutput, INFO, AAD, length);
    await checkRejects("ERR_MLS_USAGE", send, `sending an export of ${length} bytes`);
    await checkRejects("ERR_MLS_USAGE", receive, `receiving an export of ${length} bytes`);
  }
}
