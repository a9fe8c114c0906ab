import { Buffer } from "node:buffer";
import { sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { NistCurve, SignatureScheme } from "@openmls-ts/hpke";
import { BoundedCache, decodeEcdsaSignature, NIST_CURVES, randomNistScalar } from "@openmls-ts/hpke";
import type { SignatureKeys, SignatureParams, SigningKey } from "@openmls-ts/traits";
import { MlsError } from "@openmls-ts/traits";
import { plainBytes } from "./bytes.ts";
import { isNistPublicKey, nistPublicKeyOf } from "./dh-group.ts";
import { randomBytes } from "./random.ts";
import {
  nistPrivateKey,
  nistPublicKey,
  octetPrivateKey,
  octetPublicKey,
  rawPublicKeyOf,
} from "./key-objects.ts";
import { Threads } from "./threads.ts";

/**
 * How many imported public keys a suite keeps. An import costs a tenth of an Ed25519 verification, and a group's senders
 * repeat. Public keys alone: a private key outlives the call that uses it only for who asked for a SigningKey.
 */
const CACHED_PUBLIC_KEYS = 1024;

/** What EdDSA and ECDSA do differently. */
interface SchemeOperations {
  /** OpenSSL's digest, or `null` where the scheme hashes by itself. */
  readonly digest: string | null;
  readonly importPrivateKey: (privateKey: Uint8Array) => KeyObject;
  readonly importPublicKey: (publicKey: Uint8Array) => KeyObject;
  readonly publicKeyOf: (privateKey: Uint8Array) => Uint8Array;
  readonly isPublicKey: (publicKey: Uint8Array) => boolean;
  /** Whether a signature's encoding is acceptable, before OpenSSL sees it. */
  readonly isWellFormed: (signature: Uint8Array) => boolean;
  readonly randomPrivateKey: () => Uint8Array;
}

class NodeSignatureScheme implements SignatureScheme {
  readonly #operations: SchemeOperations;
  readonly #threads: Threads;
  readonly #publicKeys = new BoundedCache<KeyObject>(CACHED_PUBLIC_KEYS);

  constructor(operations: SchemeOperations, threads: boolean) {
    this.#operations = operations;
    this.#threads = new Threads(threads);
  }

  async sign(privateKey: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
    return this.#sign(this.#operations.importPrivateKey(privateKey), message);
  }

  async importSigningKey(privateKey: Uint8Array): Promise<SigningKey> {
    const key = this.#operations.importPrivateKey(privateKey);
    return { sign: async (message) => this.#sign(key, message) };
  }

  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    if (!this.#operations.isWellFormed(signature)) {
      return false;
    }
    try {
      const key = this.#importPublicKey(publicKey);
      return this.#threads.take()
        ? await this.#verifyOnThread(key, message, signature)
        : verify(this.#operations.digest, message, key, signature);
    } catch {
      return false; // a malformed key
    }
  }

  async generateKeys(): Promise<SignatureKeys> {
    const privateKey = this.#operations.randomPrivateKey();
    return { privateKey, publicKey: this.#operations.publicKeyOf(privateKey) };
  }

  async publicKey(privateKey: Uint8Array): Promise<Uint8Array> {
    return this.#operations.publicKeyOf(privateKey);
  }

  async isValidPublicKey(publicKey: Uint8Array): Promise<boolean> {
    return this.#operations.isPublicKey(publicKey);
  }

  /** Node.js copies what it is given before it returns. */
  async #verifyOnThread(key: KeyObject, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      verify(this.#operations.digest, message, key, signature, (error, verified) => {
        resolve(error === null && verified);
      });
    });
  }

  #sign(key: KeyObject, message: Uint8Array): Uint8Array {
    try {
      return plainBytes(sign(this.#operations.digest, message, key));
    } catch (cause) {
      throw new MlsError("ERR_MLS_CRYPTO", "the runtime refused to sign", { cause });
    }
  }

  #importPublicKey(publicKey: Uint8Array): KeyObject {
    const id = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString("latin1");
    let key = this.#publicKeys.get(id);
    if (key === undefined) {
      key = this.#operations.importPublicKey(publicKey);
      this.#publicKeys.set(id, key);
    }
    return key;
  }
}

/** EdDSA in OpenSSL. */
export function eddsaScheme(
  params: SignatureParams,
  curve: "Ed25519" | "Ed448",
  threads: boolean,
): SignatureScheme {
  const { privateKeyLength, publicKeyLength, maxSignatureLength } = params;
  const operations: SchemeOperations = {
    digest: null,
    importPrivateKey: (privateKey) => octetPrivateKey(curve, privateKeyLength, privateKey),
    importPublicKey: (publicKey) => octetPublicKey(curve, publicKeyLength, publicKey),
    publicKeyOf: (privateKey) => rawPublicKeyOf(octetPrivateKey(curve, privateKeyLength, privateKey)),
    // Form and curve membership are judged above the backends, alike for all of them.
    isPublicKey: (publicKey) => publicKey.length === publicKeyLength,
    isWellFormed: (signature) => signature.length === maxSignatureLength,
    randomPrivateKey: () => randomBytes(privateKeyLength),
  };
  return new NodeSignatureScheme(operations, threads);
}

/** ECDSA in OpenSSL. */
export function ecdsaScheme(curve: NistCurve, digest: string, threads: boolean): SignatureScheme {
  const operations: SchemeOperations = {
    digest,
    importPrivateKey: signingKeys(curve, digest),
    importPublicKey: (publicKey) => nistPublicKey(curve, publicKey),
    publicKeyOf: (privateKey) => nistPublicKeyOf(curve, privateKey),
    isPublicKey: (publicKey) => isNistPublicKey(curve, publicKey),
    // OpenSSL's own parser takes some encodings that are not DER.
    isWellFormed: (signature) => decodeEcdsaSignature(curve, signature) !== undefined,
    randomPrivateKey: () => randomNistScalar(curve, randomBytes),
  };
  return new NodeSignatureScheme(operations, threads);
}

/**
 * Imports scalars for signing. OpenSSL reads no public key for it: the base point stands in, and spares computing the
 * right one (1 ms on P-384). Runtimes that mind get the right one.
 */
function signingKeys(curve: NistCurve, digest: string): (privateKey: Uint8Array) => KeyObject {
  const { generator, length } = NIST_CURVES[curve];
  const standIn = (privateKey: Uint8Array): KeyObject => nistPrivateKey(curve, privateKey, generator);
  const works = (): boolean => {
    const two = new Uint8Array(length); // the generator is the public key of one
    two[length - 1] = 2;
    try {
      const signature = sign(digest, two, standIn(two));
      return verify(digest, two, nistPublicKey(curve, nistPublicKeyOf(curve, two)), signature);
    } catch {
      return false;
    }
  };
  let stands: boolean | undefined;
  return (privateKey) =>
    (stands ??= works())
      ? standIn(privateKey)
      : nistPrivateKey(curve, privateKey, nistPublicKeyOf(curve, privateKey));
}
