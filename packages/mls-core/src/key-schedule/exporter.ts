import { type CipherSuite, MlsError, wipe } from "@openmls-ts/traits";
import { deriveSecret, expandWithLabel, type Label } from "../labels/index.ts";
import { exposed, type SecretBytes } from "./secret-bytes.ts";

/**
 * MLS-Exporter (RFC 9420 §8.5).
 * @param label names the purpose; text is taken as UTF-8
 * @param context any bytes
 * @param length 0 to 255·Nh bytes; 0 gives no bytes
 * @throws MlsError `ERR_MLS_USAGE` rule rfc61 for any other length
 */
export function exportSecret(
  suite: CipherSuite,
  exporterSecret: SecretBytes,
  label: Label,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const max = 255 * suite.params.kdf.hashLength; // RFC 5869 §2.3
  if (!Number.isInteger(length) || length < 0 || length > max) {
    throw new MlsError("ERR_MLS_USAGE", `an exported secret has 0 to ${max} bytes`, { rule: "rfc61" });
  }
  const derived = deriveSecret(suite, exposed(exporterSecret), label);
  try {
    return expandWithLabel(suite, derived, "exported", suite.hash(context), length);
  } finally {
    wipe(derived);
  }
}
