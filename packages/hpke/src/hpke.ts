import type {
  CipherSuiteParams,
  HpkeExported,
  HpkeKeyPair,
  HpkePsk,
  HpkeSealContext,
  HpkeSealed,
  HpkeSender,
} from "@openmls-ts/traits";
import { decryptionFailed, MlsError, wipe } from "@openmls-ts/traits";
import type { EncryptionKeys } from "./key-schedule.ts";
import { HpkeKeySchedule } from "./key-schedule.ts";
import type { Aead, Encapsulated, Kem, SuitePrimitives } from "./primitives.ts";

/**
 * The single-shot calls of RFC 9180 §6 in base mode, sealing and opening in PSK mode too. A context seals one message only, so the sequence number is
 * always zero and the nonce is `base_nonce` (§5.2).
 */
export class Hpke {
  readonly #params: CipherSuiteParams;
  readonly #kem: Kem;
  readonly #schedule: HpkeKeySchedule;
  readonly #aead: Aead;

  constructor(primitives: SuitePrimitives) {
    this.#params = primitives.params;
    this.#kem = primitives.kem;
    this.#schedule = new HpkeKeySchedule(primitives);
    this.#aead = primitives.aead;
  }

  /** Everything about `info` that all recipients share. */
  sealContext(info: Uint8Array): HpkeSealContext {
    const context = this.#schedule.context(info);
    return {
      seal: async (publicKey, aad, plaintext) =>
        this.#seal(await this.#encap(publicKey), context, aad, plaintext),
    };
  }

  /** SealBase with what an encapsulation gave, for known-answer tests. */
  async sealWith(
    encapsulated: Encapsulated,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<HpkeSealed> {
    return this.#seal(encapsulated, this.#schedule.context(info), aad, plaintext);
  }

  /** SetupBaseS or SetupPSKS (RFC 9180 §5.1.1 and §5.1.2), for one message. */
  async setupSender(publicKey: Uint8Array, info: Uint8Array, psk?: HpkePsk): Promise<HpkeSender> {
    const context = this.#schedule.context(info, psk);
    return this.#sender(await this.#encap(publicKey), context, psk);
  }

  /** OpenBase or OpenPSK (RFC 9180 §6.1). */
  async open(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
    psk?: HpkePsk,
  ): Promise<Uint8Array> {
    const context = this.#schedule.context(info, psk);
    const sharedSecret = await this.#decap(kemOutput, privateKey);
    const { key, baseNonce } = this.#schedule.encryptionKeys(sharedSecret, context, psk);
    try {
      if (ciphertext.length < this.#params.aead.tagLength) {
        throw decryptionFailed();
      }
      return await this.#aead.open(key, baseNonce, aad, ciphertext);
    } finally {
      wipe(key, baseNonce);
    }
  }

  /** SendExportBase (RFC 9180 §6.2). */
  async exportSender(
    publicKey: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Promise<HpkeExported> {
    const context = this.#schedule.context(info);
    const { sharedSecret, kemOutput } = await this.#encap(publicKey);
    return { kemOutput, secret: this.#schedule.export(sharedSecret, context, exporterContext, length) };
  }

  /** ReceiveExportBase (RFC 9180 §6.2). */
  async exportReceiver(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Promise<Uint8Array> {
    const context = this.#schedule.context(info);
    const sharedSecret = await this.#decap(kemOutput, privateKey);
    return this.#schedule.export(sharedSecret, context, exporterContext, length);
  }

  /** DeriveKeyPair (RFC 9180 §7.1.3); the input stays the caller's. */
  async deriveKeyPair(inputKeyMaterial: Uint8Array): Promise<HpkeKeyPair> {
    return this.#kem.deriveKeyPair(inputKeyMaterial);
  }

  async #encap(publicKey: Uint8Array): Promise<Encapsulated> {
    requireLength(publicKey, this.#params.kem.publicKeyLength, "KEM public key");
    return this.#kem.encap(publicKey);
  }

  async #decap(kemOutput: Uint8Array, privateKey: Uint8Array): Promise<Uint8Array> {
    requireLength(kemOutput, this.#params.kem.encapsulatedLength, "encapsulated key");
    requireLength(privateKey, this.#params.kem.privateKeyLength, "KEM private key");
    return this.#kem.decap(kemOutput, privateKey);
  }

  #sender({ sharedSecret, kemOutput }: Encapsulated, context: Uint8Array, psk?: HpkePsk): HpkeSender {
    let keys: EncryptionKeys | undefined = this.#schedule.encryptionKeys(sharedSecret, context, psk);
    return {
      kemOutput,
      seal: async (aad, plaintext) => {
        if (keys === undefined) {
          // A second message would need the next nonce (RFC 9180 §5.2).
          throw new MlsError("ERR_MLS_USAGE", "an HPKE context seals one message");
        }
        const { key, baseNonce } = keys;
        keys = undefined;
        try {
          return await this.#aead.seal(key, baseNonce, aad, plaintext);
        } finally {
          wipe(key, baseNonce);
        }
      },
    };
  }

  async #seal(
    encapsulated: Encapsulated,
    context: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<HpkeSealed> {
    const sender = this.#sender(encapsulated, context);
    return { kemOutput: sender.kemOutput, ciphertext: await sender.seal(aad, plaintext) };
  }
}

// RFC 9180 §7.1.1: deserialisation fails on any other length
function requireLength(key: Uint8Array, length: number, what: string): void {
  if (key.length !== length) {
    throw new MlsError("ERR_MLS_INVALID_KEY", `${what} has ${key.length} bytes instead of ${length}`);
  }
}
