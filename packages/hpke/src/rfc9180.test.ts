import { readVectors } from "@openmls-ts/conformance/testing";
import { hexToBytes, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { Hpke } from "./hpke.ts";
import { nodePrimitives } from "./testing/node-primitives.ts";

interface Vector {
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly ikmR: string;
  readonly ikmE: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly encryptions: readonly { readonly aad: string; readonly ct: string; readonly pt: string }[];
  readonly exports: readonly {
    readonly exporter_context: string;
    readonly L: number;
    readonly exported_value: string;
  }[];
}

const EXPORT_ONLY = 0xffff;

function vectors(file: string): readonly Vector[] {
  return (readVectors(`hpke/${file}`) ?? []) as readonly Vector[];
}

function primitivesOf(
  vector: Vector,
  aeadId: number = vector.aead_id,
): NonNullable<ReturnType<typeof nodePrimitives>> {
  const primitives = nodePrimitives(vector.kem_id, vector.kdf_id, aeadId);
  if (primitives === undefined) {
    throw new Error("the vector uses an algorithm outside the registry");
  }
  return primitives;
}

const base = vectors("rfc9180-base.json");

describe("the known answers of RFC 9180", () => {
  it("are all there, or the warning above says that they are not", () => {
    expect([0, 32]).toContain(base.length);
  });

  for (const vector of base) {
    const name = `KEM ${vector.kem_id}, KDF ${vector.kdf_id}, AEAD ${vector.aead_id}`;
    const ciphersuite = vector.aead_id === EXPORT_ONLY ? 1 : vector.aead_id;

    it(`${name}: DeriveKeyPair, Encap and Decap`, async () => {
      const { kem } = primitivesOf(vector, ciphersuite);
      const recipient = await kem.deriveKeyPair(hexToBytes(vector.ikmR));
      expect(recipient.privateKey).toEqual(hexToBytes(vector.skRm));
      expect(recipient.publicKey).toEqual(hexToBytes(vector.pkRm));
      const ephemeral = await kem.deriveKeyPair(hexToBytes(vector.ikmE));
      const encapsulated = await kem.encapWith(ephemeral.privateKey, recipient.publicKey);
      expect(encapsulated.kemOutput).toEqual(hexToBytes(vector.enc));
      expect(encapsulated.sharedSecret).toEqual(hexToBytes(vector.shared_secret));
      const sharedSecret = await kem.decap(hexToBytes(vector.enc), recipient.privateKey);
      expect(sharedSecret).toEqual(hexToBytes(vector.shared_secret));
    });

    // The first message of a context; the single-shot calls have no second. The export-only AEAD is not in MLS.
    const first = vector.encryptions[0];
    if (vector.aead_id === EXPORT_ONLY || first === undefined) {
      continue;
    }

    it(`${name}: seal, open and export`, async () => {
      const primitives = primitivesOf(vector);
      const hpke = new Hpke(primitives);
      const ephemeral = await hpke.deriveKeyPair(hexToBytes(vector.ikmE));
      const [info, aad, plaintext] = [vector.info, first.aad, first.pt].map((hex) => hexToBytes(hex)) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const encapsulated = await primitives.kem.encapWith(ephemeral.privateKey, hexToBytes(vector.pkRm));
      const sealed = await hpke.sealWith(encapsulated, info, aad, plaintext);
      expect(sealed.kemOutput).toEqual(hexToBytes(vector.enc));
      expect(sealed.ciphertext).toEqual(hexToBytes(first.ct));

      const privateKey = hexToBytes(vector.skRm);
      expect(await hpke.open(privateKey, sealed.kemOutput, info, aad, sealed.ciphertext)).toEqual(plaintext);
      for (const { exporter_context, L, exported_value } of vector.exports) {
        const context = hexToBytes(exporter_context);
        const exported = await hpke.exportReceiver(privateKey, sealed.kemOutput, info, context, L);
        expect(exported).toEqual(hexToBytes(exported_value));
      }
    });
  }
});

// RFC 9180 has no answers for DHKEM(P-384, HKDF-SHA384); the post-quantum draft's file has them, with another KDF
// around the KEM.
describe("the known answers for the P-384 KEM", () => {
  const p384 = vectors("hpke-pq.json").filter((vector) => vector.kem_id === 0x0011);

  it("are there, or the warning above says that they are not", () => {
    expect([0, 1]).toContain(p384.length);
  });

  for (const vector of p384) {
    it("DeriveKeyPair, Encap and Decap", async () => {
      const { kem } = nodePrimitives(vector.kem_id, 2, 2) ?? expect.fail("no P-384");
      const recipient = await kem.deriveKeyPair(hexToBytes(vector.ikmR));
      expect(recipient.privateKey).toEqual(hexToBytes(vector.skRm));
      expect(recipient.publicKey).toEqual(hexToBytes(vector.pkRm));
      const ephemeral = await kem.deriveKeyPair(hexToBytes(vector.ikmE));
      const encapsulated = await kem.encapWith(ephemeral.privateKey, recipient.publicKey);
      expect(encapsulated.kemOutput).toEqual(hexToBytes(vector.enc));
      expect(encapsulated.sharedSecret).toEqual(hexToBytes(vector.shared_secret));
      const sharedSecret = await kem.decap(hexToBytes(vector.enc), recipient.privateKey);
      expect(sharedSecret).toEqual(hexToBytes(vector.shared_secret));
    });
  }
});

// In suite order; each pairing is one that MLS uses.
describe.each([
  [0x0020, 1, 1],
  [0x0010, 1, 1],
  [0x0020, 1, 3],
  [0x0021, 3, 2],
  [0x0012, 3, 2],
  [0x0021, 3, 3],
  [0x0011, 2, 2],
])("KEM %i with KDF %i and AEAD %i", (kemId, kdfId, aeadId) => {
  const primitives = nodePrimitives(kemId, kdfId, aeadId) ?? expect.fail("unknown algorithm");
  const hpke = new Hpke(primitives);
  const info = utf8("info");
  const aad = utf8("aad");

  it("one context seals to many recipients, each opens its own", async () => {
    const context = hpke.sealContext(info);
    for (const name of ["alice", "bob"]) {
      const keys = await hpke.deriveKeyPair(utf8(name));
      const sealed = await context.seal(keys.publicKey, aad, utf8(`for ${name}`));
      expect(await hpke.open(keys.privateKey, sealed.kemOutput, info, aad, sealed.ciphertext)).toEqual(
        utf8(`for ${name}`),
      );
    }
  });

  it("both sides export the same secret", async () => {
    const keys = await hpke.deriveKeyPair(utf8("carol"));
    const sent = await hpke.exportSender(keys.publicKey, info, utf8("context"), 77);
    const received = await hpke.exportReceiver(keys.privateKey, sent.kemOutput, info, utf8("context"), 77);
    expect(sent.secret).toHaveLength(77);
    expect(received).toEqual(sent.secret);
  });

  it("refuses keys of a wrong length and short or changed ciphertexts", async () => {
    const keys = await hpke.deriveKeyPair(utf8("dave"));
    const sealed = await hpke.sealContext(info).seal(keys.publicKey, aad, utf8("hello"));
    const open = async (kemOutput: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> =>
      hpke.open(keys.privateKey, kemOutput, info, aad, ciphertext);
    await expect(hpke.sealContext(info).seal(keys.publicKey.subarray(1), aad, info)).rejects.toMatchObject({
      code: "ERR_MLS_INVALID_KEY",
    });
    await expect(open(sealed.kemOutput.subarray(1), sealed.ciphertext)).rejects.toMatchObject({
      code: "ERR_MLS_INVALID_KEY",
    });
    await expect(open(sealed.kemOutput, sealed.ciphertext.subarray(0, 15))).rejects.toMatchObject({
      code: "ERR_MLS_DECRYPTION",
    });
    const changed = sealed.ciphertext.slice();
    changed[0] = (changed[0] ?? 0) ^ 1;
    await expect(open(sealed.kemOutput, changed)).rejects.toMatchObject({ code: "ERR_MLS_DECRYPTION" });
  });
});
