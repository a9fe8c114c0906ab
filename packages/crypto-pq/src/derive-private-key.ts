import { shake256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8, wipe } from "@openmls-ts/traits";

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

/**
 * How KEMs derive key pairs, of which members of a group must agree: others compute other keys for the same path secrets
 * (RFC 9420 §7.4). `labeled`: draft-ietf-hpke-pq. `shake256`: the older form, a bare SHAKE256.
 */
export type PqDerivation = "labeled" | "shake256";

/**
 * The private key of a KEM from input of any length: SHAKE256.LabeledDerive of draft-ietf-hpke-hpke with the label
 * "DeriveKeyPair" and an empty context, or SHAKE256 of the input alone.
 * @param length Nsk in bytes
 */
export function derivePrivateKey(
  derivation: PqDerivation,
  kemId: number,
  inputKeyMaterial: Uint8Array,
  length: number,
): Uint8Array {
  return derivation === "labeled"
    ? labeledDerive(kemId, inputKeyMaterial, length)
    : shake256(inputKeyMaterial, { dkLen: length });
}

function labeledDerive(kemId: number, inputKeyMaterial: Uint8Array, length: number): Uint8Array {
  const label = utf8("DeriveKeyPair");
  const suiteId = concatBytes(utf8("KEM"), uint16(kemId));
  const input = concatBytes(
    inputKeyMaterial,
    utf8("HPKE-v1"),
    suiteId,
    uint16(label.length),
    label,
    uint16(length),
  );
  try {
    return shake256(input, { dkLen: length });
  } finally {
    wipe(input);
  }
}
