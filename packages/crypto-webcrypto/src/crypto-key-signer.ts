import { encodeEcdsaSignature } from "@openmls-ts/hpke";
import type { NistCurve } from "@openmls-ts/hpke";
import type { Signer } from "@openmls-ts/traits";
import {
  badArgument,
  bytesArgument,
  isBytes,
  MlsError,
  optionsArgument,
  SIGNATURES,
  utf8,
} from "@openmls-ts/traits";
import type { KeyForm } from "./keys.ts";
import { importPublicKey, nistKeys, octetKeys } from "./keys.ts";
import type { SubtleCryptoLike, WebCryptoAlgorithm, WebCryptoLike } from "./subtle.ts";
import { invalidKey, own, webCryptoOf } from "./subtle.ts";

/** The part of a `CryptoKey` that is looked at; the runtime's own fits. */
export interface CryptoKeyLike {
  readonly type: string;
  readonly algorithm: { readonly name: string; readonly namedCurve?: string };
  readonly usages: readonly string[];
}

/** Options of {@link cryptoKeySigner}. */
export interface CryptoKeySignerOptions {
  /** The Web Crypto that the keys belong to. Default: `globalThis.crypto`. */
  readonly crypto?: WebCryptoLike;
}

/** How a key signs in MLS. */
interface SigningForm {
  readonly form: KeyForm;
  readonly algorithm: WebCryptoAlgorithm;
  /** From the encoding of Web Crypto to that of RFC 9420 §5.1.2. */
  readonly encode: (signature: Uint8Array) => Uint8Array;
}

function edwards(curve: "Ed25519" | "Ed448"): SigningForm {
  const { publicKeyLength, privateKeyLength } = SIGNATURES[curve];
  const form = octetKeys(curve, publicKeyLength, privateKeyLength);
  return { form, algorithm: form.algorithm, encode: (signature) => signature };
}

function nist(curve: NistCurve, hash: string): SigningForm {
  const algorithm = { name: "ECDSA", hash };
  return { form: nistKeys(curve, "ECDSA"), algorithm, encode: encodeEcdsaSignature };
}

/** The signature schemes of RFC 9420 §17.1. A CryptoKey of ECDSA knows its curve and not its hash. */
const FORMS: Readonly<Record<string, () => SigningForm>> = {
  Ed25519: () => edwards("Ed25519"),
  Ed448: () => edwards("Ed448"),
  "ECDSA P-256": () => nist("P-256", "SHA-256"),
  "ECDSA P-384": () => nist("P-384", "SHA-384"),
  "ECDSA P-521": () => nist("P-521", "SHA-512"),
};

/** What is signed to see that the keys are a pair; no structure of MLS begins like this. */
const TRIAL = "openmls-ts: are these keys a pair?";

/**
 * A `Signer` on a private `CryptoKey`, which may be non-extractable: then nobody, this library included, can read it. Browsers
 * store such keys in IndexedDB.
 * @param privateKey of Ed25519, Ed448, or ECDSA on P-256, P-384 or P-521, with the usage `sign`
 * @param publicKey its public half: raw (EdDSA) or an uncompressed point (ECDSA), or the public `CryptoKey`
 * @throws MlsError `ERR_MLS_USAGE` for arguments of another kind, `ERR_MLS_INVALID_KEY` for keys that are no pair,
 *   `ERR_MLS_UNSUPPORTED_RUNTIME` without SubtleCrypto
 */
export async function cryptoKeySigner(
  privateKey: CryptoKeyLike,
  publicKey: Uint8Array | CryptoKeyLike,
  options?: CryptoKeySignerOptions,
): Promise<Signer> {
  const { crypto } = optionsArgument("options", options, ["crypto"]);
  const { subtle } = webCryptoOf(crypto);
  const signing = signingForm(privateKey);
  const raw = isBytes(publicKey)
    ? bytesArgument("publicKey", publicKey)
    : await exportPublicKey(subtle, signing.form, publicKey);
  const signer = new CryptoKeySigner(subtle, signing, privateKey, raw);
  await signer.try();
  return signer;
}

class CryptoKeySigner implements Signer {
  readonly #subtle: SubtleCryptoLike;
  readonly #signing: SigningForm;
  readonly #privateKey: object;
  readonly #publicKey: Uint8Array;

  constructor(subtle: SubtleCryptoLike, signing: SigningForm, privateKey: object, publicKey: Uint8Array) {
    this.#subtle = subtle;
    this.#signing = signing;
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  /** A copy. */
  get publicKey(): Uint8Array {
    return this.#publicKey.slice();
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    return this.#signing.encode(await this.#sign(bytesArgument("message", message)));
  }

  /** Signs something and verifies it with the public key. */
  async try(): Promise<void> {
    const { algorithm, form } = this.#signing;
    const key = await importPublicKey(this.#subtle, form, this.#publicKey, ["verify"]);
    const message = utf8(TRIAL);
    const signature = await this.#sign(message);
    if (!(await this.#subtle.verify(algorithm, key, own(signature), own(message)))) {
      throw new MlsError("ERR_MLS_INVALID_KEY", "the signature keys are not a pair");
    }
  }

  async #sign(message: Uint8Array): Promise<Uint8Array> {
    try {
      const { algorithm } = this.#signing;
      return new Uint8Array(await this.#subtle.sign(algorithm, this.#privateKey, own(message)));
    } catch (cause) {
      throw new MlsError("ERR_MLS_CRYPTO", "the runtime refused to sign", { cause });
    }
  }
}

function signingForm(key: unknown): SigningForm {
  const { type, algorithm, usages } = Object(key) as Partial<CryptoKeyLike>;
  const curve = algorithm?.namedCurve;
  const name = `${algorithm?.name ?? ""}${curve === undefined ? "" : ` ${curve}`}`;
  if (
    type !== "private" ||
    !Array.isArray(usages) ||
    !usages.includes("sign") ||
    !Object.hasOwn(FORMS, name)
  ) {
    throw badArgument("privateKey", key, "private CryptoKey of Ed25519, Ed448 or ECDSA with the usage sign");
  }
  return FORMS[name]!();
}

async function exportPublicKey(
  subtle: SubtleCryptoLike,
  { curve }: KeyForm,
  key: CryptoKeyLike,
): Promise<Uint8Array> {
  if ((key as Partial<CryptoKeyLike> | null | undefined)?.type !== "public") {
    throw badArgument("publicKey", key, "Uint8Array or public CryptoKey");
  }
  try {
    return new Uint8Array(await subtle.exportKey("raw", key));
  } catch (cause) {
    throw invalidKey(`public key of ${curve} that can be exported`, cause);
  }
}
