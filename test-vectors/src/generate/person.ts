import {
  basicCredential,
  type Capabilities,
  type CredentialWithKey,
  defaultCapabilities,
  KeyPackage,
  type LeafNodeParameters,
  type Lifetime,
} from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, type CryptoProvider, type MlsProvider, type Signer, utf8 } from "@openmls-ts/traits";
import {
  type KeyPackageSecrets,
  loadKeyPackage,
} from "../../../packages/mls-core/src/key-package/key-package-store.ts";

/** Vectors have no date: what is checked in once shall be valid for ever. */
export const FOREVER: Lifetime = { notBefore: 0n, notAfter: 0xffff_ffff_ffff_ffffn };

/** Of the private use range (RFC 9420 §17.3), for extensions of a group's own; in everybody's capabilities. */
export const PRIVATE_EXTENSION = 0xf0a1;

/** A new signature key, with what a commit or an update needs to use it. */
interface Rotation {
  readonly parameters: LeafNodeParameters;
  readonly signer: Signer;
  /** Makes it the person's own. */
  readonly adopt: () => void;
}

/** A client whose secrets end up in the vectors. */
export class Person {
  readonly name: string;
  readonly suite: number;
  readonly provider: MlsProvider;
  readonly capabilities: Capabilities;
  #keys: { readonly signer: Signer; readonly privateKey: Uint8Array };

  constructor(
    name: string,
    suite: number,
    provider: MlsProvider,
    capabilities: Capabilities,
    keys: { readonly signer: Signer; readonly privateKey: Uint8Array },
  ) {
    this.name = name;
    this.suite = suite;
    this.provider = provider;
    this.capabilities = capabilities;
    this.#keys = keys;
  }

  get signer(): Signer {
    return this.#keys.signer;
  }

  get credentialWithKey(): CredentialWithKey {
    return { credential: basicCredential(utf8(this.name)), signatureKey: this.signer.publicKey };
  }

  /** A published KeyPackage, with GREASE in it (RFC 9420 §13.5). */
  async keyPackage(): Promise<KeyPackage> {
    return KeyPackage.builder()
      .capabilities(this.capabilities)
      .lifetime(FOREVER)
      .build(this.suite, this.provider, this.signer, this.credentialWithKey);
  }

  /** The fields of a passive client that belong to a KeyPackage. */
  async keyPackageFields(keyPackage: KeyPackage): Promise<Record<string, string>> {
    const secrets = await this.secretsOf(keyPackage);
    return {
      key_package: bytesToHex(keyPackage.toMessage()),
      signature_priv: bytesToHex(this.#keys.privateKey),
      encryption_priv: bytesToHex(secrets.encryptionPrivateKey),
      init_priv: bytesToHex(secrets.initPrivateKey),
    };
  }

  async secretsOf({ ref }: KeyPackage): Promise<KeyPackageSecrets> {
    const secrets = await loadKeyPackage(this.provider.storage, ref);
    if (secrets === undefined) {
      throw new Error("no such KeyPackage");
    }
    return secrets;
  }

  /** Another signature key. */
  async rotation(): Promise<Rotation> {
    const keys = await newKeys(this.provider.crypto, this.suite);
    const { credential } = this.credentialWithKey;
    const parameters = { credentialWithKey: { credential, signatureKey: keys.signer.publicKey } };
    const adopt = (): void => {
      this.#keys = keys;
    };
    return { parameters, signer: keys.signer, adopt };
  }
}

async function newKeys(
  crypto: CryptoProvider,
  id: number,
): Promise<{ readonly signer: Signer; readonly privateKey: Uint8Array }> {
  const suite = await crypto.cipherSuite(id);
  const { privateKey, publicKey } = await suite.generateSignatureKeys();
  return { privateKey, signer: { publicKey, sign: async (message) => suite.sign(privateKey, message) } };
}

/** @param store what the same person has of other groups */
export async function newPerson(
  name: string,
  crypto: CryptoProvider,
  suite: number,
  store: MlsProvider["storage"] = memoryStorage(),
): Promise<Person> {
  const provider: MlsProvider = {
    crypto,
    storage: store,
    credentialValidator: { validate: async () => true },
    limits: { maxLifetime: FOREVER.notAfter },
  };
  // The own suite alone: this keeps the files small.
  const capabilities = { ...defaultCapabilities([suite]), extensions: [PRIVATE_EXTENSION] };
  return new Person(name, suite, provider, capabilities, await newKeys(crypto, suite));
}
