import { concatBytes, utf8, wipe } from "@openmls-ts/traits";
import type { Kdf } from "./primitives.ts";

const VERSION_LABEL = utf8("HPKE-v1");
const EMPTY = new Uint8Array(0);

/** I2OSP of RFC 9180 §3 for the two lengths that HPKE uses. */
export function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
}

/**
 * LabeledExtract and LabeledExpand of RFC 9180 §4, bound to one `suite_id`. The KEM and the encryption context use
 * different suite identifiers and may use different hashes.
 */
export class LabeledKdf {
  readonly #kdf: Kdf;
  /** "HPKE-v1" || suite_id */
  readonly #prefix: Uint8Array;

  constructor(kdf: Kdf, suiteId: Uint8Array) {
    this.#kdf = kdf;
    this.#prefix = concatBytes(VERSION_LABEL, suiteId);
  }

  /** Nh of the hash underneath. */
  get hashLength(): number {
    return this.#kdf.params.hashLength;
  }

  /** LabeledExtract(salt, label, ikm). The input may be secret; the copy made of it is wiped. */
  extract(salt: Uint8Array, label: string, inputKeyMaterial: Uint8Array): Uint8Array {
    const labeled = concatBytes(this.#prefix, utf8(label), inputKeyMaterial);
    const pseudoRandomKey = this.#kdf.extract(salt, labeled);
    wipe(labeled);
    return pseudoRandomKey;
  }

  /** LabeledExpand(prk, label, info, L). */
  expand(pseudoRandomKey: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
    const labeled = concatBytes(uint16(length), this.#prefix, utf8(label), info);
    return this.#kdf.expand(pseudoRandomKey, labeled, length);
  }

  /** LabeledExtract with an empty salt. */
  extractUnsalted(label: string, inputKeyMaterial: Uint8Array): Uint8Array {
    return this.extract(EMPTY, label, inputKeyMaterial);
  }
}
