import { type CipherSuite, MlsError, wipe } from "@openmls-ts/traits";
import { type Codec, encode, struct, uint16 } from "../codec/index.ts";
import { expandWithLabel } from "../labels/index.ts";
import { type PreSharedKeyId, preSharedKeyId } from "../wire/index.ts";
import { exposed, type SecretBytes } from "./secret-bytes.ts";

/** A PSK with its name. */
export interface Psk {
  readonly id: PreSharedKeyId;
  readonly psk: SecretBytes;
}

interface PskLabel {
  readonly id: PreSharedKeyId;
  readonly index: number;
  readonly count: number;
}

//   struct {
//       PreSharedKeyID id;
//       uint16 index;
//       uint16 count;
//   } PSKLabel;
const pskLabel: Codec<PskLabel> = struct<PskLabel>({ id: preSharedKeyId, index: uint16, count: uint16 });

const MAX_PSKS = 0xffff;

/**
 * The psk_secret of a commit: all its PSKs in the commit's order, chained (RFC 9420 §8.4).
 * @returns Nh bytes, all zero where there is no PSK
 * @throws MlsError `ERR_MLS_LIMIT` rule rfc60 for more than 65535 PSKs
 */
export function pskSecret(suite: CipherSuite, psks: readonly Psk[]): Uint8Array {
  const length = suite.params.kdf.hashLength;
  const count = psks.length;
  if (count > MAX_PSKS) {
    throw new MlsError("ERR_MLS_LIMIT", `${count} PSKs are more than ${MAX_PSKS}`, { rule: "rfc60" }); // RFC 9420 §8.4
  }
  const zero = new Uint8Array(length);
  let secret: Uint8Array = new Uint8Array(length);
  psks.forEach(({ id, psk }, index) => {
    const before = secret;
    let extracted: Uint8Array | undefined;
    let input: Uint8Array | undefined;
    try {
      const label = encode(pskLabel, { id, index, count });
      extracted = suite.hkdfExtract(zero, exposed(psk));
      input = expandWithLabel(suite, extracted, "derived psk", label, length);
      secret = suite.hkdfExtract(input, before);
    } finally {
      wipe(extracted, input, before);
    }
  });
  return secret;
}
