import { nobleEngine } from "@openmls-ts/crypto-pq";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { recognise } from "../format.ts";
import { providerNamed } from "../providers.ts";
import { formats } from "./index.ts";
import { wycheproofMlDsa, wycheproofMlKem } from "./wycheproof-pq.ts";

const crypto = providerNamed("crypto-noble");
const context = {
  crypto,
  get suite(): never {
    throw new RangeError("no suite");
  },
};
const flipped = (hex: string): string => `${hex.startsWith("0") ? "1" : "0"}${hex.slice(1)}`;

async function kemFile(change: (test: Record<string, string>) => Record<string, string> = (test) => test) {
  const kem = await nobleEngine.mlKem(768);
  const seed = new Uint8Array(64).fill(3);
  const publicKey = await kem.publicKey(seed);
  const { sharedSecret, ciphertext } = await kem.encapsulate(publicKey);
  const [ek, c, K] = [publicKey, ciphertext, sharedSecret].map(bytesToHex);
  const test = change({ seed: bytesToHex(seed), ek: ek!, c: c!, K: K! });
  const tests = [{ tcId: 1, result: "valid", ...test }];
  return { testGroups: [{ type: "MLKEMTest", parameterSet: "ML-KEM-768", tests }] };
}

async function dsaFile(change: (test: Record<string, string>) => Record<string, string> = (test) => test) {
  const dsa = await nobleEngine.mlDsa(44);
  const seed = new Uint8Array(32).fill(3);
  const publicKey = bytesToHex(await dsa.publicKey(seed));
  const sig = bytesToHex(await dsa.sign(seed, utf8("x")));
  const tests = [{ tcId: 1, result: "valid", ...change({ msg: bytesToHex(utf8("x")), sig }) }];
  const testGroups = [{ type: "MlDsaVerify", publicKey, tests }];
  return { algorithm: "ML-DSA-44", testGroups };
}

describe("Wycheproof's files of ML-KEM and ML-DSA", () => {
  it("hold as they are, and not with a value changed", async () => {
    await wycheproofMlKem.run((await kemFile()) as never, context);
    await wycheproofMlDsa.run((await dsaFile()) as never, context);
    for (const field of ["seed", "ek", "c", "K"]) {
      const file = await kemFile((test) => ({ ...test, [field]: flipped(test[field]!) }));
      await expect(wycheproofMlKem.run(file as never, context)).rejects.toThrow("tcId 1");
    }
    for (const change of ["msg", "sig"]) {
      const file = await dsaFile((test) => ({ ...test, [change]: flipped(test[change]!) }));
      await expect(wycheproofMlDsa.run(file as never, context)).rejects.toThrow("tcId 1");
    }
    const wrong = await dsaFile((test) => ({ ...test, result: "invalid" }));
    await expect(wycheproofMlDsa.run(wrong as never, context)).rejects.toThrow("the signature is invalid");
  });

  it("are told from Wycheproof's other files by their names", async () => {
    const file = await kemFile();
    expect(recognise(formats, "wycheproof/mlkem_768_test.json", file)?.name).toBe("wycheproof-ml-kem");
    expect(recognise(formats, "wycheproof/mldsa_44_verify_test.json", file)?.name).toBe("wycheproof-ml-dsa");
    expect(recognise(formats, "wycheproof/x25519_test.json", file)).toBeUndefined();
  });
});
