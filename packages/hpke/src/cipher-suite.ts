import type {
  CipherSuite,
  CipherSuiteParams,
  HpkeExported,
  HpkeKeyPair,
  HpkePsk,
  HpkeSealContext,
  HpkeSender,
  SignatureKeys,
  SigningKey,
} from "@openmls-ts/traits";
import { decryptionFailed, MlsError } from "@openmls-ts/traits";
import { isEdwardsPublicKey, isStrictEdwardsPoint, isStrictEdwardsSignature } from "./edwards.ts";
import { Hpke } from "./hpke.ts";
import type { SuitePrimitives } from "./primitives.ts";

/**
 * A whole `CipherSuite` from the primitives of a backend. Lengths are checked here, once for every backend; what
 * depends on the curve (form of a point, range of a scalar) the primitives check.
 */
export function buildCipherSuite(primitives: SuitePrimitives): CipherSuite {
  return new PrimitiveCipherSuite(primitives);
}

class PrimitiveCipherSuite implements CipherSuite {
  readonly id: number;
  readonly params: CipherSuiteParams;
  readonly importSigningKey?: (privateKey: Uint8Array) => Promise<SigningKey>;
  readonly #primitives: SuitePrimitives;
  readonly #hpke: Hpke;

  constructor(primitives: SuitePrimitives) {
    this.id = primitives.params.id;
    this.params = primitives.params;
    this.#primitives = primitives;
    this.#hpke = new Hpke(primitives);
    const importing = primitives.signature.importSigningKey?.bind(primitives.signature);
    if (importing !== undefined) {
      this.importSigningKey = async (privateKey) => {
        this.#requireSignaturePrivateKey(privateKey);
        return importing(privateKey);
      };
    }
  }

  hash(data: Uint8Array): Uint8Array {
    return this.#primitives.hash.hash(data);
  }

  hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
    return this.#primitives.hash.hmac(key, data);
  }

  hkdfExtract(salt: Uint8Array, inputKeyMaterial: Uint8Array): Uint8Array {
    return this.#primitives.kdf.extract(salt, inputKeyMaterial);
  }

  hkdfExpand(pseudoRandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array {
    this.#requireExpandLength(length);
    return this.#primitives.kdf.expand(pseudoRandomKey, info, length);
  }

  randomBytes(length: number): Uint8Array {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new MlsError("ERR_MLS_USAGE", "the number of random bytes must be a non-negative integer");
    }
    return this.#primitives.randomBytes(length);
  }

  async aeadSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<Uint8Array> {
    this.#requireAeadInput(key, nonce);
    return this.#primitives.aead.seal(key, nonce, aad, plaintext);
  }

  async aeadOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Promise<Uint8Array> {
    this.#requireAeadInput(key, nonce);
    if (ciphertext.length < this.params.aead.tagLength) {
      throw decryptionFailed();
    }
    return this.#primitives.aead.open(key, nonce, aad, ciphertext);
  }

  hpkeSealContext(info: Uint8Array): HpkeSealContext {
    return this.#hpke.sealContext(info);
  }

  async hpkeSetupSender(publicKey: Uint8Array, info: Uint8Array, psk?: HpkePsk): Promise<HpkeSender> {
    return this.#hpke.setupSender(publicKey, info, psk);
  }

  async hpkeOpen(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    info: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
    psk?: HpkePsk,
  ): Promise<Uint8Array> {
    return this.#hpke.open(privateKey, kemOutput, info, aad, ciphertext, psk);
  }

  async hpkeExportSender(
    publicKey: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Promise<HpkeExported> {
    this.#requireExpandLength(length);
    return this.#hpke.exportSender(publicKey, info, exporterContext, length);
  }

  async hpkeExportReceiver(
    privateKey: Uint8Array,
    kemOutput: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Promise<Uint8Array> {
    this.#requireExpandLength(length);
    return this.#hpke.exportReceiver(privateKey, kemOutput, info, exporterContext, length);
  }

  async deriveKeyPair(inputKeyMaterial: Uint8Array): Promise<HpkeKeyPair> {
    return this.#hpke.deriveKeyPair(inputKeyMaterial);
  }

  async isValidHpkePublicKey(publicKey: Uint8Array): Promise<boolean> {
    return (
      publicKey.length === this.params.kem.publicKeyLength && this.#primitives.kem.isValidPublicKey(publicKey)
    );
  }

  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const { name, publicKeyLength, maxSignatureLength } = this.params.signature;
    if (publicKey.length !== publicKeyLength || signature.length > maxSignatureLength) {
      return false;
    }
    if (!isStrictEdwardsPoint(name, publicKey) || !isStrictEdwardsSignature(name, signature)) {
      return false;
    }
    return this.#primitives.signature.verify(publicKey, message, signature);
  }

  async sign(privateKey: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
    this.#requireSignaturePrivateKey(privateKey);
    return this.#primitives.signature.sign(privateKey, message);
  }

  async generateSignatureKeys(): Promise<SignatureKeys> {
    return this.#primitives.signature.generateKeys();
  }

  async signaturePublicKey(privateKey: Uint8Array): Promise<Uint8Array> {
    this.#requireSignaturePrivateKey(privateKey);
    return this.#primitives.signature.publicKey(privateKey);
  }

  async isValidSignaturePublicKey(publicKey: Uint8Array): Promise<boolean> {
    const { name, publicKeyLength } = this.params.signature;
    if (publicKey.length !== publicKeyLength || !isEdwardsPublicKey(name, publicKey)) {
      return false;
    }
    return this.#primitives.signature.isValidPublicKey(publicKey);
  }

  // RFC 5869 §2.3: L <= 255*HashLen
  #requireExpandLength(length: number): void {
    const limit = 255 * this.params.kdf.hashLength;
    if (!Number.isInteger(length) || length < 0 || length > limit) {
      throw new MlsError("ERR_MLS_USAGE", `an expanded secret has 0 to ${limit} bytes`);
    }
  }

  #requireAeadInput(key: Uint8Array, nonce: Uint8Array): void {
    const { keyLength, nonceLength } = this.params.aead;
    if (key.length !== keyLength) {
      throw new MlsError("ERR_MLS_INVALID_KEY", `AEAD key has ${key.length} bytes instead of ${keyLength}`);
    }
    if (nonce.length !== nonceLength) {
      throw new MlsError("ERR_MLS_USAGE", `AEAD nonce has ${nonce.length} bytes instead of ${nonceLength}`);
    }
  }

  #requireSignaturePrivateKey(privateKey: Uint8Array): void {
    const length = this.params.signature.privateKeyLength;
    if (privateKey.length !== length) {
      throw new MlsError(
        "ERR_MLS_INVALID_KEY",
        `signature private key has ${privateKey.length} bytes instead of ${length}`,
      );
    }
  }
}
