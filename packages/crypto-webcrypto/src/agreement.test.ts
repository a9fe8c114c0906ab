import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import type { CipherSuite } from "@openmls-ts/traits";
import { CIPHER_SUITES, concatBytes, hexToBytes } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { webCrypto } from "./web-crypto.ts";

const providers = [nobleCrypto(), nodeCrypto(), webCrypto()];
const bytes = fc.uint8Array({ maxLength: 200 });
const runs = { numRuns: 4 };

async function suites(id: number): Promise<CipherSuite[]> {
  const found: CipherSuite[] = [];
  for (const provider of providers) {
    if ((await provider.supportedCipherSuites()).includes(id)) {
      found.push(await provider.cipherSuite(id));
    }
  }
  return found;
}

/** Every provider's answer is the first one's. */
function agree(answers: readonly unknown[]): void {
  for (const answer of answers) {
    expect(answer).toEqual(answers[0]);
  }
}

async function each<T>(all: readonly CipherSuite[], ask: (suite: CipherSuite) => Promise<T>): Promise<T[]> {
  return Promise.all(all.map(ask));
}

describe.each(CIPHER_SUITES)("providers on suite $id", ({ id, aead }) => {
  it("agree on hashes, HMAC and HKDF", async () => {
    const all = await suites(id);
    fc.assert(
      fc.property(bytes, bytes, fc.nat(300), (a, b, length) => {
        agree(all.map((suite) => suite.hash(a)));
        agree(all.map((suite) => suite.hmac(a, b)));
        agree(all.map((suite) => suite.hkdfExtract(a, b)));
        agree(all.map((suite) => suite.hkdfExpand(a, b, length)));
      }),
    );
  });

  it("seal alike and open one another's ciphertexts", async () => {
    const all = await suites(id);
    const key = fc.uint8Array({ minLength: aead.keyLength, maxLength: aead.keyLength });
    const nonce = fc.uint8Array({ minLength: aead.nonceLength, maxLength: aead.nonceLength });
    await fc.assert(
      fc.asyncProperty(key, nonce, bytes, bytes, async (k, n, aad, plaintext) => {
        const sealed = await each(all, async (suite) => suite.aeadSeal(k, n, aad, plaintext));
        agree(sealed);
        agree([plaintext, ...(await each(all, async (suite) => suite.aeadOpen(k, n, aad, sealed[0]!)))]);
      }),
      { numRuns: 20 },
    );
  });

  it("derive the same keys and open what the others seal or export", async () => {
    const all = await suites(id);
    await fc.assert(
      fc.asyncProperty(bytes, bytes, bytes, async (ikm, info, text) => {
        const keys = await each(all, async (suite) => suite.deriveKeyPair(ikm));
        agree(keys);
        const { privateKey, publicKey } = keys[0]!;
        agree([true, ...(await each(all, async (suite) => suite.isValidHpkePublicKey(publicKey)))]);
        for (const sender of all) {
          const { kemOutput, ciphertext } = await sender.hpkeSealContext(info).seal(publicKey, ikm, text);
          const open = async (suite: CipherSuite): Promise<Uint8Array> =>
            suite.hpkeOpen(privateKey, kemOutput, info, ikm, ciphertext);
          agree([text, ...(await each(all, open))]);
          const exported = await sender.hpkeExportSender(publicKey, info, text, 40);
          const receive = async (suite: CipherSuite): Promise<Uint8Array> =>
            suite.hpkeExportReceiver(privateKey, exported.kemOutput, info, text, 40);
          agree([exported.secret, ...(await each(all, receive))]);
        }
      }),
      runs,
    );
  });

  it("verify one another's signatures, and no changed ones", async () => {
    const all = await suites(id);
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), async (message, at, change) => {
        for (const signer of all) {
          const { privateKey, publicKey } = await signer.generateSignatureKeys();
          agree([publicKey, ...(await each(all, async (suite) => suite.signaturePublicKey(privateKey)))]);
          const signature = await signer.sign(privateKey, message);
          agree([true, ...(await each(all, async (suite) => suite.verify(publicKey, message, signature)))]);
          const changed = signature.slice();
          changed[at % changed.length]! ^= change;
          agree([false, ...(await each(all, async (suite) => suite.verify(publicKey, message, changed)))]);
          const otherKey = publicKey.slice();
          otherKey[at % otherKey.length]! ^= change;
          agree([false, ...(await each(all, async (suite) => suite.verify(otherKey, message, signature)))]);
          agree(await each(all, async (suite) => suite.isValidSignaturePublicKey(otherKey)));
        }
      }),
      runs,
    );
  });

  it("judge changed KEM keys alike", async () => {
    const all = await suites(id);
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), fc.integer({ min: 0, max: 255 }), async (ikm, at, change) => {
        const { publicKey } = await all[0]!.deriveKeyPair(ikm);
        publicKey[at % publicKey.length]! ^= change;
        agree(await each(all, async (suite) => suite.isValidHpkePublicKey(publicKey)));
        const longer = concatBytes(publicKey, Uint8Array.of(change));
        agree([false, ...(await each(all, async (suite) => suite.isValidHpkePublicKey(longer)))]);
      }),
      { numRuns: 20 },
    );
  });
});

/*
 * Public keys with a part of small order. Under them, the verification equation may hold with the cofactor and fail
 * without; RFC 8032 §5.1.7 and §5.2.7 allow both. A signer who could make members disagree could split a group.
 */
const TORSION = [
  {
    scheme: "Ed25519",
    id: 1,
    publicKey: "6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719",
    message: 0,
    signature:
      "6b12d4d055bd943206034b402ebe601bf715a3bbe772cdac6ab65b94d9a07bf6" +
      "4a90b0821cd0e4b65ba3fc4b4b290121ba8480023b621d22c94a91c3534c470a",
    holds: "with the cofactor only",
    verdict: false,
  },
  {
    scheme: "Ed25519",
    id: 1,
    publicKey: "6a84d583f06569edb3f5ed77df65544b27d6948b4f0b2cb76f33dd8413b20719",
    message: 10,
    signature:
      "6b12d4d055bd943206034b402ebe601bf715a3bbe772cdac6ab65b94d9a07bf6" +
      "9910fe87a973688b5b2a9b8e528d2e730efbf2f1c1377d2ffa996174a9ba0901",
    holds: "both ways",
    verdict: true,
  },
  {
    scheme: "Ed448",
    id: 4,
    publicKey:
      "c2c896f29b8208e1bdd86be49cb416e1fc0a7c09a1accbe03ede1dd8" +
      "8f058b905dbc8166d4914f396ae3e74c71a9b5f977bb64c8e36ab36080",
    message: 0,
    signature:
      "7ab3e901918446935e47718e50448c26b49f49c2d98bbb8145e6a5566e37773304f96846a3389da139" +
      "4fb688e4a4a0e8535703997653f894007046936f7c5a8ea2fe9d22a4f0f4d706cd94a83bc52fc506c5" +
      "38d1f493efddbc71cad72f1875feb7050259771696e7e91fd84d38962b2b1000",
    holds: "with the cofactor only",
    verdict: true,
  },
  {
    scheme: "Ed448",
    id: 4,
    publicKey:
      "c2c896f29b8208e1bdd86be49cb416e1fc0a7c09a1accbe03ede1dd8" +
      "8f058b905dbc8166d4914f396ae3e74c71a9b5f977bb64c8e36ab36080",
    message: 1,
    signature:
      "7ab3e901918446935e47718e50448c26b49f49c2d98bbb8145e6a5566e37773304f96846a3389da139" +
      "4fb688e4a4a0e8535703997653f8940052ef5e782c2e5ed719225a10fb93352ffb677cdcbdc5ba712d" +
      "fe48ed953a30e7ddab794981d8810480360fb019d407ebcd22d074023abe2f00",
    holds: "both ways",
    verdict: true,
  },
];

describe("providers on keys of mixed order", () => {
  it.each(TORSION)("agree on a signature of $scheme that holds $holds", async (row) => {
    const all = await suites(row.id);
    const [publicKey, signature] = [hexToBytes(row.publicKey), hexToBytes(row.signature)];
    const verdicts = await each(all, async (suite) =>
      suite.verify(publicKey, Uint8Array.of(row.message), signature),
    );
    expect(verdicts).toEqual(all.map(() => row.verdict));
  });
});
