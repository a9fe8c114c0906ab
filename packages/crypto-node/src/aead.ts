import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import type { CipherGCMTypes } from "node:crypto";
import type { Aead } from "@openmls-ts/hpke";
import type { AeadParams } from "@openmls-ts/traits";
import { decryptionFailed, MlsError, wipe } from "@openmls-ts/traits";

type Cipher = CipherGCMTypes | "chacha20-poly1305";

/*
 * Keys are handed over as key objects: given bytes, Node.js 24 finds out what they are by throwing and catching, which takes
 * longer than encrypting a message. A key object holds a copy of the key in OpenSSL's memory, as a cipher does; both are
 * overwritten when they are freed.
 */
class NodeAead implements Aead {
  readonly #params: AeadParams;
  readonly #cipher: CipherGCMTypes;
  readonly #options: { readonly authTagLength: number };

  constructor(params: AeadParams, cipher: Cipher) {
    this.#params = params;
    // The types know the option authTagLength and the method setAAD of each AEAD under overloads of their own; the
    // calls are the same for all three.
    this.#cipher = cipher as CipherGCMTypes;
    this.#options = { authTagLength: params.tagLength };
  }

  async seal(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<Uint8Array> {
    try {
      const cipher = createCipheriv(this.#cipher, createSecretKey(key), nonce, this.#options);
      cipher.setAAD(aad);
      const output = new Uint8Array(plaintext.length + this.#params.tagLength);
      output.set(cipher.update(plaintext));
      cipher.final();
      output.set(cipher.getAuthTag(), plaintext.length);
      return output;
    } catch (cause) {
      throw new MlsError("ERR_MLS_CRYPTO", `${this.#params.name} refused to encrypt`, { cause });
    }
  }

  async open(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Promise<Uint8Array> {
    const length = ciphertext.length - this.#params.tagLength;
    if (length < 0) {
      throw decryptionFailed();
    }
    let unverified: Uint8Array | undefined;
    try {
      const decipher = createDecipheriv(this.#cipher, createSecretKey(key), nonce, this.#options);
      decipher.setAAD(aad);
      decipher.setAuthTag(ciphertext.subarray(length));
      unverified = decipher.update(ciphertext.subarray(0, length));
      decipher.final();
      return Uint8Array.from(unverified);
    } catch {
      throw decryptionFailed();
    } finally {
      wipe(unverified);
    }
  }
}

/** An AEAD of OpenSSL. */
export function nodeAead(params: AeadParams, cipher: Cipher): Aead {
  return new NodeAead(params, cipher);
}
