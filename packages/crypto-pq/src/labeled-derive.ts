import { shake256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8, wipe } from "@openmls-ts/traits";

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

/**
 * SHAKE256.LabeledDerive of draft-ietf-hpke-hpke with the label "DeriveKeyPair" and an empty context: the private key of a KEM from
 * input of any length. Not the input itself, nor a bare SHAKE256 of it, as earlier drafts had it.
 * @param length Nsk in bytes
 */
export function derivePrivateKey(kemId: number, inputKeyMaterial: Uint8Array, length: number): Uint8Array {
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
