import type { NistCurve, SignatureScheme } from "@openmls-ts/hpke";
import { BoundedCache, decodeEcdsaSignature, encodeEcdsaSignature, randomNistScalar } from "@openmls-ts/hpke";
import type { SignatureKeys, SignatureParams, SigningKey } from "@openmls-ts/traits";
import { bytesToKey, MlsError } from "@openmls-ts/traits";
import type { KeyForm } from "./keys.ts";
import { importKeyPair, importPrivateKey, importPublicKey, nistKeys, octetKeys } from "./keys.ts";
import type { SubtleCryptoLike, WebCryptoAlgorithm } from "./subtle.ts";
import { own } from "./subtle.ts";

/** How many imported public keys a suite keeps: a group's senders repeat. Public keys alone. */
const CACHED_PUBLIC_KEYS = 1024;

type RandomBytes = (length: number) => Uint8Array;

/** What EdDSA and ECDSA do differently. */
interface SchemeOperations {
  readonly form: KeyForm;
  readonly algorithm: WebCryptoAlgorithm;
  /** The runtime's signature in the encoding of the suite. */
  readonly encode: (signature: Uint8Array) => Uint8Array;
  /** The suite's signature as the runtime takes it; `undefined` if it is malformed. */
  readonly decode: (signature: Uint8Array) => Uint8Array | undefined;
  readonly randomPrivateKey: () => Uint8Array;
}

class WebSignatureScheme implements SignatureScheme {
  readonly #subtle: SubtleCryptoLike;
  readonly #operations: SchemeOperations;
  readonly #publicKeys = new BoundedCache<object>(CACHED_PUBLIC_KEYS);

  constructor(subtle: SubtleCryptoLike, operations: SchemeOperations) {
    this.#subtle = subtle;
    this.#operations = operations;
  }

  async sign(privateKey: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
    return (await this.importSigningKey(privateKey)).sign(message);
  }

  async importSigningKey(privateKey: Uint8Array): Promise<SigningKey> {
    const { form, algorithm, encode } = this.#operations;
    const { key } = await importPrivateKey(this.#subtle, form, privateKey, "sign", false);
    return {
      sign: async (message) => {
        try {
          return encode(new Uint8Array(await this.#subtle.sign(algorithm, key, own(message))));
        } catch (cause) {
          throw new MlsError("ERR_MLS_CRYPTO", "the runtime refused to sign", { cause });
        }
      },
    };
  }

  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const { algorithm, decode } = this.#operations;
    const raw = decode(signature);
    if (raw === undefined) {
      return false;
    }
    try {
      const key = await this.#importPublicKey(publicKey);
      return await this.#subtle.verify(algorithm, key, own(raw), own(message));
    } catch {
      return false; // a malformed key
    }
  }

  async generateKeys(): Promise<SignatureKeys> {
    const privateKey = this.#operations.randomPrivateKey();
    return { privateKey, publicKey: await this.publicKey(privateKey) };
  }

  async publicKey(privateKey: Uint8Array): Promise<Uint8Array> {
    return (await importKeyPair(this.#subtle, this.#operations.form, privateKey, "sign")).publicKey;
  }

  async isValidPublicKey(publicKey: Uint8Array): Promise<boolean> {
    try {
      await this.#importPublicKey(publicKey);
      return true;
    } catch {
      return false;
    }
  }

  async #importPublicKey(publicKey: Uint8Array): Promise<object> {
    const id = bytesToKey(publicKey);
    let key = this.#publicKeys.get(id);
    if (key === undefined) {
      key = await importPublicKey(this.#subtle, this.#operations.form, publicKey, ["verify"]);
      this.#publicKeys.set(id, key);
    }
    return key;
  }
}

/** EdDSA of the runtime. */
export function eddsaScheme(
  subtle: SubtleCryptoLike,
  randomBytes: RandomBytes,
  params: SignatureParams,
  curve: "Ed25519" | "Ed448",
): SignatureScheme {
  const { privateKeyLength, publicKeyLength, maxSignatureLength } = params;
  const form = octetKeys(curve, publicKeyLength, privateKeyLength);
  return new WebSignatureScheme(subtle, {
    form,
    algorithm: form.algorithm,
    encode: (signature) => signature,
    // What else RFC 8032 asks of the encoding is judged above the backends, alike for all of them.
    decode: (signature) => (signature.length === maxSignatureLength ? signature : undefined),
    randomPrivateKey: () => randomBytes(privateKeyLength),
  });
}

/** ECDSA of the runtime. */
export function ecdsaScheme(
  subtle: SubtleCryptoLike,
  randomBytes: RandomBytes,
  curve: NistCurve,
  hash: string,
): SignatureScheme {
  return new WebSignatureScheme(subtle, {
    form: nistKeys(curve, "ECDSA"),
    algorithm: { name: "ECDSA", hash },
    // The runtime knows r || s, MLS has DER (RFC 8446 §4.2.3).
    encode: encodeEcdsaSignature,
    decode: (signature) => decodeEcdsaSignature(curve, signature),
    randomPrivateKey: () => randomNistScalar(curve, randomBytes),
  });
}
