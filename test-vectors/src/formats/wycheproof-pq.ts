import {
  type MlDsaLevel,
  type MlKemLevel,
  nobleEngine,
  type PostQuantumEngine,
  subtleEngine,
} from "@openmls-ts/crypto-pq";
import { nodeEngine } from "@openmls-ts/crypto-pq/node";
import { isEncapsulationKey } from "../../../packages/crypto-pq/src/encapsulation-key.ts";
import { hex, holds, Mismatch, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

/** A file of Project Wycheproof: one case, because its tests share what stands in their groups. */
interface File<Group, Test> {
  readonly testGroups: readonly (Group & { readonly tests: readonly (Test & Verdict)[] })[];
}

interface Verdict {
  readonly tcId: number;
  readonly result: "valid" | "invalid";
}

interface KemGroup {
  readonly type: "MLKEMTest" | "MLKEMEncapsTest";
  readonly parameterSet: string;
}

interface KemTest {
  readonly seed: string;
  readonly ek: string;
  readonly c: string;
  readonly K: string;
}

interface DsaGroup {
  readonly type: "MlDsaSign" | "MlDsaVerify";
  readonly privateSeed: string;
  readonly publicKey: string;
}

interface DsaTest {
  readonly msg?: string;
  readonly sig: string;
  readonly ctx?: string;
}

function engineOf(provider: string): PostQuantumEngine {
  return { node: nodeEngine, webcrypto: subtleEngine() }[provider] ?? nobleEngine;
}

/** Each test in turn; says which one does not hold. */
async function all<Group, Test>(
  { testGroups }: File<Group, Test>,
  run: (test: Test & Verdict, group: Group) => Promise<void>,
): Promise<void> {
  for (const group of testGroups) {
    for (const test of group.tests) {
      try {
        await run(test, group);
      } catch (cause) {
        throw new Mismatch(`tcId ${test.tcId}: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
  }
}

/** ML-KEM (FIPS 203): keys from seeds, decapsulation, and which encapsulation keys there are. */
export const wycheproofMlKem: VectorFormat<File<KemGroup, KemTest>> = {
  name: "wycheproof-ml-kem",
  fileName: /^mlkem-/,
  byName: true,
  keys: ["testGroups"],
  run: async (file, { crypto }) => {
    await all(file, async ({ seed, ek, c, K, result }, { type, parameterSet }) => {
      const level = Number(parameterSet.slice("ML-KEM-".length)) as MlKemLevel;
      const kem = await engineOf(crypto.name).mlKem(level);
      const sizes = { seed: 64, c: level === 768 ? 1088 : 1568 };
      if (type === "MLKEMEncapsTest") {
        holds(`ek is ${result}`, isEncapsulationKey(level, hex(ek)) === (result === "valid"));
        if (result === "valid")
          holds("encapsulates", (await kem.encapsulate(hex(ek))).sharedSecret.length === 32);
      } else if (result === "valid") {
        sameBytes("ek", await kem.publicKey(hex(seed)), ek);
        sameBytes("K", await kem.decapsulate(hex(c), hex(seed)), K);
      } else {
        // Lengths are judged above the engines: there is nothing else that can be wrong with these.
        holds("a wrong length", hex(seed).length !== sizes.seed || hex(c).length !== sizes.c);
      }
    });
  },
};

/** ML-DSA (FIPS 204), pure, with an empty context: all that MLS knows. */
export const wycheproofMlDsa: VectorFormat<File<DsaGroup, DsaTest>> = {
  name: "wycheproof-ml-dsa",
  fileName: /^mldsa-/,
  byName: true,
  keys: ["testGroups"],
  run: async (file, { crypto }) => {
    const { algorithm } = file as unknown as { readonly algorithm: string };
    const level = Number(algorithm.slice("ML-DSA-".length)) as MlDsaLevel;
    const dsa = await engineOf(crypto.name).mlDsa(level);
    const publicKeyLength = { 44: 1312, 65: 1952, 87: 2592 }[level];
    await all(file, async ({ msg, sig, ctx = "", result }, { type, privateSeed, publicKey }) => {
      if (msg === undefined || ctx !== "") return;
      const message = hex(msg);
      if (type === "MlDsaVerify") {
        const known = hex(publicKey).length === publicKeyLength;
        const verified = known && (await dsa.verify(hex(publicKey), message, hex(sig)).catch(() => false));
        holds(`the signature is ${result}`, verified === (result === "valid"));
      } else if (result === "valid") {
        sameBytes("public key", await dsa.publicKey(hex(privateSeed)), publicKey);
        holds("the signature verifies", await dsa.verify(hex(publicKey), message, hex(sig)));
        holds(
          "ours, too",
          await dsa.verify(hex(publicKey), message, await dsa.sign(hex(privateSeed), message)),
        );
      } else {
        holds("a wrong length", hex(privateSeed).length !== 32);
      }
    });
  },
};
