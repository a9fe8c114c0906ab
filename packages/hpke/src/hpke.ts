import type { HpkeExported, HpkeKeyPair, HpkeSealContext, HpkeSealed } from "@openmls-ts/traits";
import { decryptionFailed, wipe } from "@openmls-ts/traits";
import type { Encapsulated } from "./dhkem.ts";
import { DhKem } from "./dhkem.ts";
import { HpkeKeySchedule } from "./key-schedule.ts";
import type { Aead, SuitePrimitives } from "./primitives.ts";

/**
 * The single-shot calls of RFC 9180 §6 in base mode. A context seals one message only, so the sequence number is
 * always zero and the nonce is `base_nonce` (§5.2).
 */
export class Hpke {
  readonly kem: DhKem;
  readonly #schedule: HpkeKeySchedule;
  readonly #aead: Aead;

  constructor(primitives: SuitePrimitives) {
    this.kem = new DhKem(primitives);
    this.#schedule = new HpkeKeySchedule(primitives);
    this.#aead = primitives.aead;
  }

  /** Everything about `info` that all recipients share. */
  sealContext(info: Uint8Array): HpkeSealContext {
    const context = this.#schedule.context(info);
    return {
      seal: async (publicKey, aad, plaintext) =>
        this.#seal(await this.kem.encap(publicKey), context, aad, plaintext),
    };
  }

  /** SealBase with a given ephemeral key, for known-answer tests. */
  async sealWith(
    ephemeral: HpkeKeyPair,
    publicKey: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<HpkeSealed> {
    const encapsulated = await this.kem.encapWith(ephemeral, publicKey);
    return this.#seal(encapsulated, this.#schedule.context(info), aad, plaintext);
  }

  /** OpenBase (RFC 9180 §6.1). */
  async open(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Promise<Uint8Array> {
    const context = this.#schedule.context(info);
    const sharedSecret = await this.kem.decap(kemOutput, privateKey);
    const { key, baseNonce } = this.#schedule.encryptionKeys(sharedSecret, context);
    try {
      if (ciphertext.length < this.#aead.params.tagLength) {
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
    const { sharedSecret, kemOutput } = await this.kem.encap(publicKey);
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
    const sharedSecret = await this.kem.decap(kemOutput, privateKey);
    return this.#schedule.export(sharedSecret, context, exporterContext, length);
  }

  async #seal(
    encapsulated: Encapsulated,
    context: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<HpkeSealed> {
    const { key, baseNonce } = this.#schedule.encryptionKeys(encapsulated.sharedSecret, context);
    try {
      const ciphertext = await this.#aead.seal(key, baseNonce, aad, plaintext);
      return { kemOutput: encapsulated.kemOutput, ciphertext };
    } finally {
      wipe(key, baseNonce);
    }
  }
}
