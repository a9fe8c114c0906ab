import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { bytesToHex, type CryptoProvider, isMlsError } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import {
  nobleEngine,
  PQ_DERIVATIONS,
  PQ_SUITE_IDS,
  PQ_SUITE_NAMES,
  type PostQuantumOptions,
  postQuantumSuites,
  subtleEngine,
} from "./index.ts";
import { nodeEngine } from "./node.ts";

const ids = Object.fromEntries(PQ_SUITE_NAMES.map((name, index) => [name, 0xf001 + index]));
const providers: Readonly<Record<string, CryptoProvider>> = {
  noble: nobleCrypto({ suites: postQuantumSuites({ ids, engine: nobleEngine }) }),
  node: nodeCrypto({ suites: postQuantumSuites({ ids, engine: nodeEngine }) }),
  webcrypto: webCrypto({ suites: postQuantumSuites({ ids, engine: subtleEngine() }) }),
};
const none = new Uint8Array(0);

describe.each(Object.entries(providers))("over crypto-%s", (_, provider) => {
  it("all twelve suites are there, beside those of RFC 9420", async () => {
    const suites = await provider.supportedCipherSuites();
    expect(suites).toEqual(expect.arrayContaining([1, 2, 3, ...Object.values(ids)]));
  });

  it.each(PQ_SUITE_NAMES)("%s agrees with the other providers on random inputs", async (name) => {
    const id = ids[name]!;
    const suite = await provider.cipherSuite(id);
    const seed = suite.randomBytes(48);
    const keys = await suite.deriveKeyPair(seed);
    const message = suite.randomBytes(100);
    const signer = await suite.generateSignatureKeys();
    const signature = await suite.sign(signer.privateKey, message);
    for (const other of Object.values(providers)) {
      const theirs = await other.cipherSuite(id);
      expect(await theirs.deriveKeyPair(seed)).toEqual(keys);
      const { kemOutput, ciphertext } = await theirs
        .hpkeSealContext(none)
        .seal(keys.publicKey, none, message);
      expect(kemOutput).toHaveLength(suite.params.kem.encapsulatedLength);
      expect(await suite.hpkeOpen(keys.privateKey, kemOutput, none, none, ciphertext)).toEqual(message);
      expect(await theirs.signaturePublicKey(signer.privateKey)).toEqual(signer.publicKey);
      expect(await theirs.verify(signer.publicKey, message, signature)).toBe(true);
      expect(await theirs.verify(signer.publicKey, message.slice(1), signature)).toBe(false);
    }
  });

  it.each(PQ_SUITE_NAMES)("%s: HPKE's PSK mode and export agree with the other providers", async (name) => {
    const suite = await provider.cipherSuite(ids[name]!);
    const { privateKey, publicKey } = await suite.deriveKeyPair(none);
    const psk = { psk: new Uint8Array(48).fill(1), pskId: Uint8Array.of(1) };
    const other = { ...psk, psk: new Uint8Array(48).fill(2) };
    for (const theirs of Object.values(providers)) {
      const peer = await theirs.cipherSuite(ids[name]!);
      const sender = await peer.hpkeSetupSender(publicKey, none, psk);
      const sealed = await sender.seal(none, Uint8Array.of(7));
      const open = async (with_: typeof psk): Promise<Uint8Array> =>
        suite.hpkeOpen(privateKey, sender.kemOutput, none, none, sealed, with_);
      expect(await open(psk)).toEqual(Uint8Array.of(7));
      await expect(open(other)).rejects.toMatchObject({ code: "ERR_MLS_DECRYPTION" });
      const { kemOutput, secret } = await peer.hpkeExportSender(publicKey, none, none, 32);
      expect(await suite.hpkeExportReceiver(privateKey, kemOutput, none, none, 32)).toEqual(secret);
    }
  });

  it("PQ-01: takes no public key of another length or with a coefficient of q and more", async () => {
    for (const id of Object.values(ids)) {
      const suite = await provider.cipherSuite(id);
      const { publicKey } = await suite.deriveKeyPair(none);
      expect(await suite.isValidHpkePublicKey(publicKey)).toBe(true);
      const large = publicKey.slice();
      large.set([0xff, 0xff, 0xff], 0); // 4095 twice
      for (const wrong of [large, publicKey.slice(1), new Uint8Array(publicKey.length + 1)]) {
        expect(await suite.isValidHpkePublicKey(wrong)).toBe(false);
        const sealing = suite.hpkeSealContext(none).seal(wrong, none, none);
        await expect(sealing).rejects.toMatchObject({ code: "ERR_MLS_INVALID_KEY" });
      }
    }
  });

  it("PQ-01: takes no hybrid key whose other half is no point, or of low order", async () => {
    for (const [name, half] of [
      ["MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519", new Uint8Array(32)],
      ["MLS_128_MLKEM768P256_AES128GCM_SHA256_P256", Uint8Array.of(4, ...new Uint8Array(64).fill(1))],
      ["MLS_192_MLKEM1024P384_AES256GCM_SHA384_P384", Uint8Array.of(4, ...new Uint8Array(96).fill(1))],
    ] as const) {
      const suite = await provider.cipherSuite(ids[name]!);
      const { publicKey } = await suite.deriveKeyPair(none);
      publicKey.set(half, publicKey.length - half.length);
      expect(await suite.isValidHpkePublicKey(publicKey)).toBe(false);
      const sealing = suite.hpkeSealContext(none).seal(publicKey, none, none);
      await expect(sealing).rejects.toMatchObject({ code: "ERR_MLS_INVALID_KEY" });
    }
  });

  it("PQ-02: a foreign encapsulated key gives a decryption error, one of another length an invalid key", async () => {
    for (const id of Object.values(ids)) {
      const suite = await provider.cipherSuite(id);
      const [mine, other] = [await suite.deriveKeyPair(none), await suite.deriveKeyPair(Uint8Array.of(1))];
      const { kemOutput, ciphertext } = await suite.hpkeSealContext(none).seal(other.publicKey, none, none);
      const opening = suite.hpkeOpen(mine.privateKey, kemOutput, none, none, ciphertext);
      await expect(opening).rejects.toMatchObject({ code: "ERR_MLS_DECRYPTION" });
      const short = suite.hpkeOpen(mine.privateKey, kemOutput.slice(1), none, none, ciphertext);
      await expect(short).rejects.toMatchObject({ code: "ERR_MLS_INVALID_KEY" });
    }
  });

  it("PQ-03: stores seeds", async () => {
    for (const id of Object.values(ids)) {
      const suite = await provider.cipherSuite(id);
      const { privateKey } = await suite.deriveKeyPair(none);
      expect(privateKey).toHaveLength(suite.params.kem.name.startsWith("ML-KEM") ? 64 : 32);
    }
  });

  it("PQ-04: hashes with the suite's hash, whatever the signature hashes with", async () => {
    const suite = await provider.cipherSuite(ids["MLS_128_MLKEM768P256_AES256GCM_SHA384_P256"]!);
    expect(suite.hash(none)).toHaveLength(48);
    expect(suite.params.signature.name).toBe("ECDSA-P256");
  });

  it("leaves the arrays of its caller alone and keeps none of them", async () => {
    for (const id of Object.values(ids)) {
      const suite = await provider.cipherSuite(id);
      const signer = await suite.generateSignatureKeys();
      const key = signer.privateKey.slice();
      const signing = suite.sign(key, none);
      key.fill(0);
      expect(await suite.verify(signer.publicKey, none, await signing)).toBe(true);
      const { privateKey, publicKey } = await suite.deriveKeyPair(none);
      const { kemOutput, ciphertext } = await suite.hpkeSealContext(none).seal(publicKey, none, none);
      const before = bytesToHex(privateKey);
      await suite.hpkeOpen(privateKey, kemOutput, none, none, ciphertext);
      expect(bytesToHex(privateKey)).toBe(before);
    }
  });
});

describe("postQuantumSuites", () => {
  it("has the numbers of each ecosystem, and no two alike", () => {
    for (const ecosystem of ["draft", "openmls", "mls-rs", "mlspp", "wire"] as const) {
      const numbers = postQuantumSuites({ ids: ecosystem }).map(({ id }) => id);
      expect(numbers).toEqual(Object.values(PQ_SUITE_IDS[ecosystem]));
      expect(new Set(numbers).size).toBe(numbers.length);
    }
    expect(PQ_SUITE_IDS.openmls.MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519).toBe(0x004d);
    expect(postQuantumSuites()).toHaveLength(11);
  });

  it("has the four ecosystems of the other tables of code points, and mlspp", () => {
    expect(Object.keys(PQ_SUITE_IDS).sort()).toEqual(["draft", "mls-rs", "mlspp", "openmls", "wire"]);
    expect(Object.keys(PQ_DERIVATIONS).sort()).toEqual(Object.keys(PQ_SUITE_IDS).sort());
    expect(postQuantumSuites({ ids: "mls-rs" })).toEqual([]);
  });

  it.each([
    [{ ids: "iana" }],
    [{ derivation: "verbatim" }],
    [{ ids: { MLS_256_UNHEARD_OF: 1 } }],
    [{ ids: { MLS_128_MLKEM768_AES256GCM_SHA384_P256: 0 } }],
    [{ ids: { MLS_128_MLKEM768_AES256GCM_SHA384_P256: "0xf001" } }],
    [
      {
        ids: {
          MLS_128_MLKEM768_AES256GCM_SHA384_P256: 0xf001,
          MLS_128_MLKEM768_AES256GCM_SHA384_Ed25519: 0xf001,
        },
      },
    ],
    ["draft"],
  ])("refuses %j", (options) => {
    let error: unknown;
    try {
      postQuantumSuites(options as PostQuantumOptions);
    } catch (thrown) {
      error = thrown;
    }
    expect(isMlsError(error, "ERR_MLS_USAGE")).toBe(true);
  });
});
