import type { DhKemParams, HpkeKeyPair } from "@openmls-ts/traits";
import { concatBytes, MlsError, utf8, wipe } from "@openmls-ts/traits";
import { derivePrivateKey } from "./derive-key-pair.ts";
import { LabeledKdf, uint16 } from "./labeled.ts";
import { isAllZero, isLowOrderPoint } from "./montgomery.ts";
import type { DhAgreement, DhGroup, Encapsulated, Kdf, Kem } from "./primitives.ts";

/** DHKEM (RFC 9180 §4.1) over a Diffie-Hellman group, without the authenticated modes. */
export class DhKem implements Kem {
  readonly #params: DhKemParams;
  readonly #group: DhGroup;
  readonly #kdf: LabeledKdf;
  readonly #randomBytes: (length: number) => Uint8Array;

  /** @param kdf that of the KEM's own hash, which may differ from the suite's */
  constructor(params: DhKemParams, group: DhGroup, kdf: Kdf, randomBytes: (length: number) => Uint8Array) {
    this.#params = params;
    this.#group = group;
    this.#randomBytes = randomBytes;
    // RFC 9180 §4.1: suite_id = concat("KEM", I2OSP(kem_id, 2))
    this.#kdf = new LabeledKdf(kdf, concatBytes(utf8("KEM"), uint16(params.id)));
  }

  /** DeriveKeyPair (RFC 9180 §7.1.3). */
  async deriveKeyPair(inputKeyMaterial: Uint8Array): Promise<HpkeKeyPair> {
    const privateKey = derivePrivateKey(this.#kdf, this.#params, inputKeyMaterial);
    return { privateKey, publicKey: await this.#group.publicKey(privateKey) };
  }

  /** Encap (RFC 9180 §4.1) with a fresh ephemeral key. */
  async encap(publicKey: Uint8Array): Promise<Encapsulated> {
    const group = this.#group;
    if (group.agreeFresh !== undefined) {
      this.#refuseLowOrder(publicKey);
      return this.#encapsulated(requireNonZero(await group.agreeFresh(publicKey)), publicKey);
    }
    // RFC 9180 §4: GenerateKeyPair may be DeriveKeyPair(random(Nsk))
    const seed = this.#randomBytes(this.#params.privateKeyLength);
    let ephemeral: Uint8Array | undefined;
    try {
      ephemeral = derivePrivateKey(this.#kdf, this.#params, seed);
      return await this.encapWith(ephemeral, publicKey);
    } finally {
      wipe(seed, ephemeral);
    }
  }

  /** Encap with a given ephemeral private key. For known-answer tests: an ephemeral key is never used twice. */
  async encapWith(ephemeral: Uint8Array, publicKey: Uint8Array): Promise<Encapsulated> {
    return this.#encapsulated(await this.#agree(ephemeral, publicKey), publicKey);
  }

  /** Decap (RFC 9180 §4.1). */
  async decap(kemOutput: Uint8Array, privateKey: Uint8Array): Promise<Uint8Array> {
    const { secret, publicKey } = await this.#agree(privateKey, kemOutput);
    return this.#extractAndExpand(secret, concatBytes(kemOutput, publicKey));
  }

  async isValidPublicKey(publicKey: Uint8Array): Promise<boolean> {
    return !isLowOrderPoint(this.#params.curve, publicKey) && this.#group.isValidPublicKey(publicKey);
  }

  async #agree(privateKey: Uint8Array, publicKey: Uint8Array): Promise<DhAgreement> {
    this.#refuseLowOrder(publicKey);
    return requireNonZero(await this.#group.agree(privateKey, publicKey));
  }

  /** Spares the private key a degenerate computation, which backends refuse with errors of their own. */
  #refuseLowOrder(publicKey: Uint8Array): void {
    if (isLowOrderPoint(this.#params.curve, publicKey)) {
      throw allZero();
    }
  }

  #encapsulated({ secret, publicKey: kemOutput }: DhAgreement, publicKey: Uint8Array): Encapsulated {
    return { sharedSecret: this.#extractAndExpand(secret, concatBytes(kemOutput, publicKey)), kemOutput };
  }

  #extractAndExpand(dh: Uint8Array, kemContext: Uint8Array): Uint8Array {
    const pseudoRandomKey = this.#kdf.extractUnsalted("eae_prk", dh);
    const length = this.#params.sharedSecretLength;
    const sharedSecret = this.#kdf.expand(pseudoRandomKey, "shared_secret", kemContext, length);
    wipe(dh, pseudoRandomKey);
    return sharedSecret;
  }
}

function allZero(): MlsError {
  return new MlsError("ERR_MLS_CRYPTO", "the Diffie-Hellman result is all zero");
}

// RFC 9180 §7.1.4
function requireNonZero(agreed: DhAgreement): DhAgreement {
  if (isAllZero(agreed.secret)) {
    throw allZero();
  }
  return agreed;
}
