import { type CipherSuite, Secret, wipe } from "@openmls-ts/traits";
import { deriveSecret, expandWithLabel } from "../labels/index.ts";
import { EpochSecrets, type FurtherSecret } from "./epoch-secrets.ts";
import { exposed, type SecretBytes } from "./secret-bytes.ts";

const NOTHING = new Uint8Array();

/**
 * The joiner_secret, which a Welcome carries (RFC 9420 §8).
 * @param initSecret of the epoch before, Nh bytes, or the outcome of an external init
 * @param commitSecret Nh bytes; all zero for a commit without a path
 * @param groupContextBytes the encoded GroupContext of the new epoch
 */
export function joinerSecret(
  suite: CipherSuite,
  initSecret: SecretBytes,
  commitSecret: SecretBytes,
  groupContextBytes: Uint8Array,
): Secret {
  const extracted = suite.hkdfExtract(exposed(initSecret), exposed(commitSecret));
  try {
    const length = suite.params.kdf.hashLength;
    return new Secret(expandWithLabel(suite, extracted, "joiner", groupContextBytes, length));
  } finally {
    wipe(extracted);
  }
}

/** The welcome_secret alone, before a joiner knows the GroupContext (RFC 9420 §12.4.3.1). */
export function welcomeSecretFromJoiner(
  suite: CipherSuite,
  joiner: SecretBytes,
  pskSecret: SecretBytes,
): Secret {
  const extracted = suite.hkdfExtract(exposed(joiner), exposed(pskSecret));
  try {
    return new Secret(deriveSecret(suite, extracted, "welcome"));
  } finally {
    wipe(extracted);
  }
}

/** What a joiner_secret opens. */
export interface EpochStart {
  /** Encrypts the GroupInfo of a Welcome; wipe it after use. */
  readonly welcomeSecret: Secret;
  readonly epochSecrets: EpochSecrets;
}

/**
 * The lower half of the key schedule (RFC 9420 §8). Neither the joiner nor the PSK secret is wiped: a committer uses
 * the joiner once more, in the Welcome.
 * @param pskSecret Nh bytes, see `pskSecret()`
 * @param groupContextBytes the encoded GroupContext of the new epoch
 * @param further what features derive from the epoch_secret beside the RFC's own secrets
 */
export function epochFromJoiner(
  suite: CipherSuite,
  joiner: SecretBytes,
  pskSecret: SecretBytes,
  groupContextBytes: Uint8Array,
  further?: readonly FurtherSecret[],
): EpochStart {
  const extracted = suite.hkdfExtract(exposed(joiner), exposed(pskSecret));
  let epochSecret: Uint8Array | undefined;
  try {
    const length = suite.params.kdf.hashLength;
    epochSecret = expandWithLabel(suite, extracted, "epoch", groupContextBytes, length);
    const epochSecrets = EpochSecrets.derive(suite, epochSecret, further);
    return { welcomeSecret: new Secret(deriveSecret(suite, extracted, "welcome")), epochSecrets };
  } finally {
    wipe(extracted, epochSecret); // RFC 9420 §9.2
  }
}

/** The secrets of an epoch whose epoch_secret was drawn at random, as at group creation (RFC 9420 §11). */
export function epochFromSecret(
  suite: CipherSuite,
  epochSecret: SecretBytes,
  further?: readonly FurtherSecret[],
): EpochSecrets {
  return EpochSecrets.derive(suite, exposed(epochSecret), further);
}

/** Key (Nk bytes) and nonce (Nn bytes) of the encrypted GroupInfo in a Welcome (RFC 9420 §12.4.3.1). */
export function welcomeKeyAndNonce(
  suite: CipherSuite,
  welcomeSecret: SecretBytes,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const secret = exposed(welcomeSecret);
  const { keyLength, nonceLength } = suite.params.aead;
  return {
    key: expandWithLabel(suite, secret, "key", NOTHING, keyLength),
    nonce: expandWithLabel(suite, secret, "nonce", NOTHING, nonceLength),
  };
}
