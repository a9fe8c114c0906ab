import { createHash } from "node:crypto";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem1024, ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { hexToBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { isEncapsulationKey } from "./encapsulation-key.ts";
import {
  type MlDsaLevel,
  type MlKemLevel,
  nobleEngine,
  type PostQuantumEngine,
  subtleEngine,
} from "./index.ts";
import { nodeEngine } from "./node.ts";

// Of Project Wycheproof (github.com/C2SP/wycheproof, dac1dd47): answers to the official seeds of FIPS 203, and of ML-DSA
// (FIPS 204). What is long stands as its SHA-256.

interface KemAnswer {
  readonly level: MlKemLevel;
  readonly seed: string;
  /** SHA-256 of the encapsulation key. */
  readonly ek: string;
  readonly m: string;
  /** SHA-256 of the ciphertext. */
  readonly c: string;
  readonly K: string;
}

interface DsaAnswer {
  readonly level: MlDsaLevel;
  readonly seed: string;
  /** SHA-256 of the public key. */
  readonly pk: string;
  readonly msg: string;
  /** SHA-256 of the deterministic signature. */
  readonly sig: string;
}

const KEM: readonly KemAnswer[] = [
  {
    level: 768,
    seed: "7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f",
    ek: "86adbca81f4fee893e2fb58fb98aa2fe188f501fed268d7f4056f8c05c4e53c4",
    m: "147c03f7a5bebba406c8fae1874d7f13c80efe79a3a9a874cc09fe76f6997615",
    c: "36829a2f35cbf4deb62c0a12a15c22dae9f8d2c252566fc24f88abe805cb575e",
    K: "e7184a0975ee3470878d2d159ec83129c8aec253d4ee17b4810311d198cd0368",
  },
  {
    level: 768,
    seed: "d60b93492a1d8c1c7ba6fc0b733137f3406cee8110a93f170e7a78658af326d9003271531cf27285b8721ed5cb46853043b346a66cba6cf765f1b0eaa40bf672",
    ek: "858915faa304fb5beed7d653189707b34a27504dd254ffb12ad47392a0c1ad4a",
    m: "cde797df8ce67231f6c5d15811843e01eb2ab84c7490931240822adbddd72046",
    c: "22ddb185d097bbf15e84e745d02ec3cc2fe03e35cecca7066db063673c10a683",
    K: "5f0c5d9f39d3e724b5a2bd54e69e360f72ffab5d4d6cc5e572fecba80acd4796",
  },
  {
    level: 1024,
    seed: "7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f",
    ek: "61b95ec8c32ae85ad7a17ae5b9c2dfb083e05f767da3ba9a0a8092ea6b4cbf7a",
    m: "147c03f7a5bebba406c8fae1874d7f13c80efe79a3a9a874cc09fe76f6997615",
    c: "508136a13f8a7920e3434498c6975cbbab457d809309eb2f92453e7409738210",
    K: "489dd1e9c2be4af3482bdb35bb26ce760e6e414da6ecbe489985748a825f1cd6",
  },
  {
    level: 1024,
    seed: "d60b93492a1d8c1c7ba6fc0b733137f3406cee8110a93f170e7a78658af326d9003271531cf27285b8721ed5cb46853043b346a66cba6cf765f1b0eaa40bf672",
    ek: "c29400f965d2a6bd7985b1d758e11b7e428daa0db07c6551464c1249d9d52047",
    m: "cde797df8ce67231f6c5d15811843e01eb2ab84c7490931240822adbddd72046",
    c: "01771e8ed1c59952743d68b2987ac37c958a9f101597419e1aaa18315e5146c2",
    K: "425ada67204ff5b30a9d1cb545bcb4a6dbbd923cb3ca284911a1c5fe491ffb39",
  },
];

const DSA: readonly DsaAnswer[] = [
  {
    level: 44,
    seed: "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a",
    pk: "d87f8ca136ac1aa55e2d6c4521680efb3a378cbb9bc0bfb446e9c60893931ea3",
    msg: "48656c6c6f20776f726c64",
    sig: "8cd6fc03daa72e87210a4e721523e84c14f27733789075e65736744d4787fdd5",
  },
  {
    level: 65,
    seed: "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a",
    pk: "b7acce2ddb11f8cc1aa46e2bafac6eacfa2b732ef192bd636ad8d3a56d649c66",
    msg: "48656c6c6f20776f726c64",
    sig: "39fbbb0d97a52c79844213b325af823a7f16a174e00a5b3daeb3e6e6d1c89681",
  },
  {
    level: 87,
    seed: "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a",
    pk: "d43128fa8a8c785c1d44c9e7db538dbf9dd88fe6c8ad911a344bcec1017c6d54",
    msg: "48656c6c6f20776f726c64",
    sig: "1ad45bd0419e694375bd38ec11d8e0c228ab9ffac2fce4adbe6218d9c949e293",
  },
];

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const engines: readonly (readonly [string, PostQuantumEngine])[] = [
  ["noble", nobleEngine],
  ["node", nodeEngine],
  ["subtle", subtleEngine()],
];

describe.each(engines)("FIPS 203 and 204 with the %s engine", (_, engine) => {
  it.each(KEM)(
    "ML-KEM-$level: key, ciphertext and secret of seed $seed",
    async ({ level, seed, ek, m, c, K }) => {
      const kem = await engine.mlKem(level);
      const publicKey = await kem.publicKey(hexToBytes(seed));
      expect(sha256(publicKey)).toBe(ek);
      expect(isEncapsulationKey(level, publicKey)).toBe(true);
      // No runtime takes the randomness from outside, so the ciphertext is noble's.
      const { cipherText } = { 768: ml_kem768, 1024: ml_kem1024 }[level].encapsulate(
        publicKey,
        hexToBytes(m),
      );
      expect(sha256(cipherText)).toBe(c);
      expect(await kem.decapsulate(cipherText, hexToBytes(seed))).toEqual(hexToBytes(K));
    },
  );

  it.each([768, 1024] as const)(
    "ML-KEM-%i: a foreign ciphertext gives one secret on every engine",
    async (level) => {
      const seed = hexToBytes(KEM[0]!.seed);
      const kem = await engine.mlKem(level);
      const ciphertext = new Uint8Array(level === 768 ? 1088 : 1568).fill(7);
      const rejected = await kem.decapsulate(ciphertext, seed); // FIPS 203 §6.3: implicit rejection
      expect(rejected).toEqual(await (await nobleEngine.mlKem(level)).decapsulate(ciphertext, seed));
      ciphertext[0]! ^= 1;
      expect(await kem.decapsulate(ciphertext, seed)).not.toEqual(rejected);
    },
  );

  it.each(DSA)("ML-DSA-$level: key and signature", async ({ level, seed, pk, msg, sig }) => {
    const dsa = await engine.mlDsa(level);
    const message = hexToBytes(msg);
    const publicKey = await dsa.publicKey(hexToBytes(seed));
    expect(sha256(publicKey)).toBe(pk);
    const algorithm = { 44: ml_dsa44, 65: ml_dsa65, 87: ml_dsa87 }[level];
    const { secretKey } = algorithm.keygen(hexToBytes(seed));
    const signature = algorithm.sign(message, secretKey, { extraEntropy: false });
    expect(sha256(signature)).toBe(sig);
    expect(await dsa.verify(publicKey, message, signature)).toBe(true);
    // Hedged or not, what an engine signs verifies on the others (FIPS 204 §3.4).
    const own = await dsa.sign(hexToBytes(seed), message);
    for (const [, other] of engines) {
      expect(await (await other.mlDsa(level)).verify(publicKey, message, own)).toBe(true);
    }
    signature[signature.length - 1]! ^= 1;
    expect(await dsa.verify(publicKey, message, signature)).toBe(false);
  });
});
