import { type CipherSuite, type HpkeKeyPair, Secret, utf8, wipe } from "@openmls-ts/traits";
import { exposed, type SecretBytes } from "./secret-bytes.ts";

const NOTHING = new Uint8Array();
const EXPORT_LABEL = "MLS 1.0 external init secret";

/** The key pair that external commits of an epoch are addressed to (RFC 9420 §8); wipe its private key. */
export async function externalKeyPair(suite: CipherSuite, externalSecret: SecretBytes): Promise<HpkeKeyPair> {
  return suite.deriveKeyPair(exposed(externalSecret));
}

/** Its public half, as the external_pub of a GroupInfo; Npk bytes. */
export async function externalPublicKey(
  suite: CipherSuite,
  externalSecret: SecretBytes,
): Promise<Uint8Array> {
  const { publicKey, privateKey } = await externalKeyPair(suite, externalSecret);
  wipe(privateKey);
  return publicKey;
}

/** What a joiner sends, and the init_secret it stands for. */
export interface ExternalInitSecret {
  /** Goes into the ExternalInit proposal, Nenc bytes. */
  readonly kemOutput: Uint8Array;
  readonly initSecret: Secret;
}

/**
 * The joiner's side of external initialization (RFC 9420 §8.3).
 * @param externalPub the external_pub of the GroupInfo, Npk bytes
 * @throws MlsError `ERR_MLS_INVALID_KEY`, `ERR_MLS_CRYPTO` for a hostile key
 */
export async function externalInitSender(
  suite: CipherSuite,
  externalPub: Uint8Array,
): Promise<ExternalInitSecret> {
  const length = suite.params.kdf.hashLength;
  const { kemOutput, secret } = await suite.hpkeExportSender(
    externalPub,
    NOTHING,
    utf8(EXPORT_LABEL),
    length,
  );
  return { kemOutput, initSecret: new Secret(secret) };
}

/**
 * The group's side of external initialization (RFC 9420 §8.3).
 * @param externalSecret of the epoch that the joiner leaves behind, Nh bytes
 * @param kemOutput of the ExternalInit proposal, Nenc bytes
 * @throws MlsError `ERR_MLS_INVALID_KEY`, `ERR_MLS_CRYPTO` for a hostile kemOutput
 */
export async function receiveExternalInit(
  suite: CipherSuite,
  externalSecret: SecretBytes,
  kemOutput: Uint8Array,
): Promise<Secret> {
  const { privateKey } = await externalKeyPair(suite, externalSecret);
  try {
    const { hashLength } = suite.params.kdf;
    const exported = suite.hpkeExportReceiver(privateKey, kemOutput, NOTHING, utf8(EXPORT_LABEL), hashLength);
    return new Secret(await exported);
  } finally {
    wipe(privateKey);
  }
}
