import type { HpkePsk } from "@openmls-ts/traits";
import { concatBytes, isBytes, MlsError, utf8, wipe } from "@openmls-ts/traits";
import { LabeledKdf, uint16 } from "./labeled.ts";
import type { SuitePrimitives } from "./primitives.ts";

// RFC 9180 §5
const MODE_BASE = 0x00;
const MODE_PSK = 0x01;
/** Bytes of a pre-shared key with the entropy that RFC 9180 §9.5 asks for. */
const MIN_PSK_LENGTH = 32;
const EMPTY = new Uint8Array(0);

/** The key and first nonce of an encryption context (RFC 9180 §5.1). The caller wipes them. */
export interface EncryptionKeys {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
}

/**
 * The key schedule in base and PSK mode (RFC 9180 §5.1), split where the recipient comes in: `psk_id_hash` is computed once
 * per suite, `info_hash` once per {@link context}, and only the rest per recipient.
 */
export class HpkeKeySchedule {
  readonly #kdf: LabeledKdf;
  readonly #keyLength: number;
  readonly #nonceLength: number;
  #pskIdHash: Uint8Array | undefined;

  constructor(primitives: SuitePrimitives) {
    const { kem, kdf, aead } = primitives.params;
    // RFC 9180 §5.1: suite_id = concat("HPKE", I2OSP(kem_id, 2), I2OSP(kdf_id, 2), I2OSP(aead_id, 2))
    const suiteId = concatBytes(utf8("HPKE"), uint16(kem.id), uint16(kdf.id), uint16(aead.id));
    this.#kdf = new LabeledKdf(primitives.kdf, suiteId);
    this.#keyLength = aead.keyLength;
    this.#nonceLength = aead.nonceLength;
  }

  /**
   * `key_schedule_context`: mode || psk_id_hash || info_hash. Public.
   * @throws MlsError `ERR_MLS_USAGE` for a pre-shared key that does not fit its mode
   */
  context(info: Uint8Array, psk?: HpkePsk): Uint8Array {
    verifyPskInputs(psk);
    const infoHash = this.#kdf.extractUnsalted("info_hash", info);
    return psk === undefined
      ? concatBytes(Uint8Array.of(MODE_BASE), this.#emptyPskIdHash(), infoHash)
      : concatBytes(Uint8Array.of(MODE_PSK), this.#kdf.extractUnsalted("psk_id_hash", psk.pskId), infoHash);
  }

  /** What sealing and opening need. Consumes (wipes) the shared secret; the pre-shared key stays the caller's. */
  encryptionKeys(sharedSecret: Uint8Array, context: Uint8Array, psk?: HpkePsk): EncryptionKeys {
    const secret = this.#secret(sharedSecret, psk);
    const key = this.#kdf.expand(secret, "key", context, this.#keyLength);
    const baseNonce = this.#kdf.expand(secret, "base_nonce", context, this.#nonceLength);
    wipe(secret);
    return { key, baseNonce };
  }

  /** Context.Export (RFC 9180 §5.3). Consumes (wipes) the shared secret. */
  export(
    sharedSecret: Uint8Array,
    context: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): Uint8Array {
    const secret = this.#secret(sharedSecret);
    const exporterSecret = this.#kdf.expand(secret, "exp", context, this.#kdf.hashLength);
    const exported = this.#kdf.expand(exporterSecret, "sec", exporterContext, length);
    wipe(secret, exporterSecret);
    return exported;
  }

  #emptyPskIdHash(): Uint8Array {
    return (this.#pskIdHash ??= this.#kdf.extractUnsalted("psk_id_hash", EMPTY));
  }

  #secret(sharedSecret: Uint8Array, psk?: HpkePsk): Uint8Array {
    // Base mode: the pre-shared key is empty.
    const secret = this.#kdf.extract(sharedSecret, "secret", psk?.psk ?? EMPTY);
    wipe(sharedSecret);
    return secret;
  }
}

// RFC 9180 §5.1, VerifyPSKInputs: there are both or neither, and §9.5: the key is long enough to have its entropy.
function verifyPskInputs(psk: HpkePsk | undefined): void {
  if (psk === undefined) {
    return;
  }
  if (!isBytes(psk.psk) || psk.psk.length < MIN_PSK_LENGTH) {
    throw new MlsError("ERR_MLS_USAGE", `a pre-shared key of HPKE has at least ${MIN_PSK_LENGTH} bytes`);
  }
  if (!isBytes(psk.pskId) || psk.pskId.length === 0) {
    throw new MlsError("ERR_MLS_USAGE", "a pre-shared key of HPKE has an identifier");
  }
}
