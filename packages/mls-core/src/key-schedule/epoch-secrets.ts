import { type CipherSuite, MlsError, Secret } from "@openmls-ts/traits";
import { deriveSecret, type Label } from "../labels/index.ts";

// RFC 9420 §8, table 4, and init_secret below it. encryption_secret is not here: it is used up at once.
const LABELS = {
  senderDataSecret: "sender data",
  exporterSecret: "exporter",
  externalSecret: "external",
  confirmationKey: "confirm",
  membershipKey: "membership",
  resumptionPsk: "resumption",
  epochAuthenticator: "authentication",
  initSecret: "init",
} as const;

/** The secrets that outlive the start of an epoch. */
export type EpochSecretName = keyof typeof LABELS;

/** Their names in the order of the storage format. */
export const EPOCH_SECRET_NAMES: readonly EpochSecretName[] = Object.keys(LABELS) as EpochSecretName[];

/** A secret that a feature derives from each epoch_secret: `DeriveSecret(epoch_secret, label)`. */
export interface FurtherSecret {
  /** Under which it is found. */
  readonly name: string;
  readonly label: Label;
}

/** Everything derived from one epoch's epoch_secret (RFC 9420 §8). Each secret has Nh bytes. */
export class EpochSecrets {
  readonly #secrets: Readonly<Record<EpochSecretName, Secret>>;
  #encryptionSecret: Secret | undefined;
  #further: Map<string, Secret> | undefined;

  private constructor(secrets: Readonly<Record<EpochSecretName, Secret>>) {
    this.#secrets = secrets;
  }

  /** Derives all of them. The epoch_secret stays the caller's, to be wiped. */
  static derive(
    suite: CipherSuite,
    epochSecret: Uint8Array,
    further: readonly FurtherSecret[] = [],
  ): EpochSecrets {
    const derive = (label: Label): Uint8Array => deriveSecret(suite, epochSecret, label);
    const secrets = new EpochSecrets(fill((name) => derive(LABELS[name])));
    secrets.#encryptionSecret = new Secret(derive("encryption"));
    secrets.#further = new Map(further.map(({ name, label }) => [name, new Secret(derive(label))]));
    return secrets;
  }

  /** Puts stored secrets back together; their encryption_secret is gone. Takes the bytes over. */
  static restore(bytesOf: (name: EpochSecretName) => Uint8Array): EpochSecrets {
    return new EpochSecrets(fill(bytesOf));
  }

  /** Source of the keys that encrypt sender data (RFC 9420 §6.3.2). */
  get senderDataSecret(): Secret {
    return this.#secrets.senderDataSecret;
  }

  /** Source of exported secrets (RFC 9420 §8.5). */
  get exporterSecret(): Secret {
    return this.#secrets.exporterSecret;
  }

  /** Source of the external key pair (RFC 9420 §8). */
  get externalSecret(): Secret {
    return this.#secrets.externalSecret;
  }

  /** Key of the confirmation tag (RFC 9420 §6.1). */
  get confirmationKey(): Secret {
    return this.#secrets.confirmationKey;
  }

  /** Key of the membership tag (RFC 9420 §6.2). */
  get membershipKey(): Secret {
    return this.#secrets.membershipKey;
  }

  /** The PSK that proves membership in this epoch later (RFC 9420 §8.6). */
  get resumptionPsk(): Secret {
    return this.#secrets.resumptionPsk;
  }

  /** Equal among all members of the epoch; not secret towards them (RFC 9420 §8.7). */
  get epochAuthenticator(): Secret {
    return this.#secrets.epochAuthenticator;
  }

  /** What the next epoch starts from (RFC 9420 §8). */
  get initSecret(): Secret {
    return this.#secrets.initSecret;
  }

  /**
   * Hands over the encryption_secret, the root of the secret tree, once.
   * @throws MlsError `ERR_MLS_INTERNAL` the second time, and for restored secrets
   */
  takeEncryptionSecret(): Secret {
    const secret = once(this.#encryptionSecret);
    this.#encryptionSecret = undefined; // RFC 9420 §9.2
    return secret;
  }

  /**
   * Hands over the secrets of features, by name, once: they are not stored with the others.
   * @throws MlsError `ERR_MLS_INTERNAL` the second time, and for restored secrets
   */
  takeFurther(): Map<string, Secret> {
    const further = once(this.#further);
    this.#further = undefined;
    return further;
  }

  /** Erases all of them. */
  wipe(): void {
    const gone = [
      this.#encryptionSecret,
      ...(this.#further?.values() ?? []),
      ...Object.values(this.#secrets),
    ];
    gone.forEach((secret) => secret?.wipe());
    this.#encryptionSecret = this.#further = undefined;
  }
}

function once<T>(secret: T | undefined): T {
  if (secret === undefined) {
    throw new MlsError("ERR_MLS_INTERNAL", "the secret was taken before", { rule: "rfc66" });
  }
  return secret;
}

function fill(bytesOf: (name: EpochSecretName) => Uint8Array): Record<EpochSecretName, Secret> {
  const secrets: Partial<Record<EpochSecretName, Secret>> = {};
  for (const name of EPOCH_SECRET_NAMES) {
    secrets[name] = new Secret(bytesOf(name));
  }
  return secrets as Record<EpochSecretName, Secret>;
}
