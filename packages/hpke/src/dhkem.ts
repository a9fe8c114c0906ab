import type { HpkeKeyPair, KemParams } from "@openmls-ts/traits";
import { concatBytes, MlsError, utf8, wipe } from "@openmls-ts/traits";
import { derivePrivateKey } from "./derive-key-pair.ts";
import { LabeledKdf, uint16 } from "./labeled.ts";
import { isAllZero, isLowOrderPoint } from "./montgomery.ts";
import type { DhGroup, SuitePrimitives } from "./primitives.ts";

/** What Encap returns; the shared secret belongs to the caller, who wipes it. */
export interface Encapsulated {
  readonly sharedSecret: Uint8Array;
  readonly kemOutput: Uint8Array;
}

/** DHKEM (RFC 9180 §4.1) over a Diffie-Hellman group, without the authenticated modes. */
export class DhKem {
  readonly params: KemParams;
  readonly #group: DhGroup;
  readonly #kdf: LabeledKdf;
  readonly #randomBytes: (length: number) => Uint8Array;

  constructor(primitives: SuitePrimitives) {
    this.params = primitives.params.kem;
    this.#group = primitives.group;
    this.#randomBytes = (length) => primitives.randomBytes(length);
    // RFC 9180 §4.1: suite_id = concat("KEM", I2OSP(kem_id, 2))
    const suiteId = concatBytes(utf8("KEM"), uint16(this.params.id));
    this.#kdf = new LabeledKdf(primitives.kdfOf(this.params.hash), suiteId);
  }

  /** DeriveKeyPair (RFC 9180 §7.1.3). */
  async deriveKeyPair(inputKeyMaterial: Uint8Array): Promise<HpkeKeyPair> {
    const privateKey = derivePrivateKey(this.#kdf, this.params, inputKeyMaterial);
    return { privateKey, publicKey: await this.#group.publicKey(privateKey) };
  }

  /** Encap (RFC 9180 §4.1) with a fresh ephemeral key. */
  async encap(publicKey: Uint8Array): Promise<Encapsulated> {
    this.#requireLength(publicKey, this.params.publicKeyLength, "KEM public key");
    // RFC 9180 §4: GenerateKeyPair may be DeriveKeyPair(random(Nsk))
    const seed = this.#randomBytes(this.params.privateKeyLength);
    const ephemeral = await this.deriveKeyPair(seed);
    wipe(seed);
    try {
      return await this.encapWith(ephemeral, publicKey);
    } finally {
      wipe(ephemeral.privateKey);
    }
  }

  /** Encap with a given ephemeral key. For known-answer tests: an ephemeral key is never used twice. */
  async encapWith(ephemeral: HpkeKeyPair, publicKey: Uint8Array): Promise<Encapsulated> {
    const dh = await this.#diffieHellman(ephemeral.privateKey, publicKey);
    const kemContext = concatBytes(ephemeral.publicKey, publicKey);
    return { sharedSecret: this.#extractAndExpand(dh, kemContext), kemOutput: ephemeral.publicKey };
  }

  /** Decap (RFC 9180 §4.1). */
  async decap(kemOutput: Uint8Array, privateKey: Uint8Array): Promise<Uint8Array> {
    this.#requireLength(kemOutput, this.params.encapsulatedLength, "encapsulated key");
    this.#requireLength(privateKey, this.params.privateKeyLength, "KEM private key");
    const dh = await this.#diffieHellman(privateKey, kemOutput);
    const publicKey = await this.#group.publicKey(privateKey);
    return this.#extractAndExpand(dh, concatBytes(kemOutput, publicKey));
  }

  async #diffieHellman(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> {
    // RFC 9180 §7.1.4 asks for the second check. The first spares the private key the degenerate computation, and
    // backends that would refuse it with an error of their own.
    const dh = isLowOrderPoint(this.params.curve, publicKey)
      ? undefined
      : await this.#group.diffieHellman(privateKey, publicKey);
    if (dh === undefined || isAllZero(dh)) {
      throw new MlsError("ERR_MLS_CRYPTO", "the Diffie-Hellman result is all zero");
    }
    return dh;
  }

  #extractAndExpand(dh: Uint8Array, kemContext: Uint8Array): Uint8Array {
    const pseudoRandomKey = this.#kdf.extractUnsalted("eae_prk", dh);
    const length = this.params.sharedSecretLength;
    const sharedSecret = this.#kdf.expand(pseudoRandomKey, "shared_secret", kemContext, length);
    wipe(dh, pseudoRandomKey);
    return sharedSecret;
  }

  // RFC 9180 §7.1.1: deserialisation fails on any other length
  #requireLength(key: Uint8Array, length: number, what: string): void {
    if (key.length !== length) {
      throw new MlsError("ERR_MLS_INVALID_KEY", `${what} has ${key.length} bytes instead of ${length}`);
    }
  }
}
