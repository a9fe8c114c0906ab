import { concatBytes, utf8, wipe } from "@openmls-ts/traits";
import { LabeledKdf, uint16 } from "./labeled.ts";
import type { SuitePrimitives } from "./primitives.ts";

const MODE_BASE = 0x00;
const EMPTY = new Uint8Array(0);

/** The key and first nonce of an encryption context (RFC 9180 §5.1). The caller wipes them. */
export interface EncryptionKeys {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
}

/**
 * The key schedule in base mode (RFC 9180 §5.1), split where the recipient comes in: `psk_id_hash` is computed once
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

  /** `key_schedule_context`: mode || psk_id_hash || info_hash. Public. */
  context(info: Uint8Array): Uint8Array {
    this.#pskIdHash ??= this.#kdf.extractUnsalted("psk_id_hash", EMPTY);
    const infoHash = this.#kdf.extractUnsalted("info_hash", info);
    return concatBytes(Uint8Array.of(MODE_BASE), this.#pskIdHash, infoHash);
  }

  /** What sealing and opening need. Consumes (wipes) the shared secret. */
  encryptionKeys(sharedSecret: Uint8Array, context: Uint8Array): EncryptionKeys {
    const secret = this.#secret(sharedSecret);
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

  #secret(sharedSecret: Uint8Array): Uint8Array {
    // Base mode: the pre-shared key is empty.
    const secret = this.#kdf.extract(sharedSecret, "secret", EMPTY);
    wipe(sharedSecret);
    return secret;
  }
}
