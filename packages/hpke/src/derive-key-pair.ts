import type { DhCurve, DhKemParams } from "@openmls-ts/traits";
import { MlsError, wipe } from "@openmls-ts/traits";
import type { LabeledKdf } from "./labeled.ts";
import type { NistCurve } from "./nist-curves.ts";
import { isNistScalar } from "./nist-curves.ts";

const EMPTY = new Uint8Array(0);

/** Turns the `dkp_prk` of RFC 9180 §7.1.3 into a private key of Nsk bytes. */
type PrivateKeyDerivation = (kdf: LabeledKdf, pseudoRandomKey: Uint8Array, length: number) => Uint8Array;

/** X25519 and X448: every string of Nsk bytes is a private key. */
function montgomery(kdf: LabeledKdf, pseudoRandomKey: Uint8Array, length: number): Uint8Array {
  return kdf.expand(pseudoRandomKey, "sk", EMPTY, length);
}

/** NIST curves: candidates until one lies in [1, order). `bitmask` keeps the excess bits of the first byte clear. */
function rejectionSampling(curve: NistCurve, bitmask: number): PrivateKeyDerivation {
  return (kdf, pseudoRandomKey, length) => {
    for (let counter = 0; counter <= 255; counter++) {
      const candidate = kdf.expand(pseudoRandomKey, "candidate", Uint8Array.of(counter), length);
      candidate[0] = (candidate[0] ?? 0) & bitmask;
      if (isNistScalar(curve, candidate)) {
        return candidate;
      }
      wipe(candidate);
    }
    // RFC 9180 §7.1.3: DeriveKeyPairError, with a probability far below 2^-128 for honest input
    throw new MlsError("ERR_MLS_CRYPTO", "no private key could be derived from the input");
  };
}

const DERIVATIONS: Readonly<Record<DhCurve, PrivateKeyDerivation>> = {
  X25519: montgomery,
  X448: montgomery,
  "P-256": rejectionSampling("P-256", 0xff),
  "P-384": rejectionSampling("P-384", 0xff),
  "P-521": rejectionSampling("P-521", 0x01),
};

/** The private half of DeriveKeyPair (RFC 9180 §7.1.3). @param kdf bound to the KEM's suite identifier */
export function derivePrivateKey(
  kdf: LabeledKdf,
  params: DhKemParams,
  inputKeyMaterial: Uint8Array,
): Uint8Array {
  const pseudoRandomKey = kdf.extractUnsalted("dkp_prk", inputKeyMaterial);
  try {
    return DERIVATIONS[params.curve](kdf, pseudoRandomKey, params.privateKeyLength);
  } finally {
    wipe(pseudoRandomKey);
  }
}
