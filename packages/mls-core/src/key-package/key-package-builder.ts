import { deepCopy, type MlsProvider, type Signer, wipe } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import { checkSigner } from "../credential/index.ts";
import {
  type Capabilities,
  type CredentialWithKey,
  type Extension,
  type KeyPackageTbs,
  keyPackageTbs,
  type Lifetime,
  lifetimeFrom,
} from "../wire/index.ts";
import { environmentFor } from "../environment.ts";
import { checkPlacement } from "../extension/index.ts";
import { signWithLabel } from "../labels/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../registry.ts";
import { greaseCapabilities, greaseExtension } from "../tree/grease.ts";
import { signLeaf, validateLeaf } from "../tree/leaf-validation.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { type KeyPackage, verifiedKeyPackage } from "./key-package.ts";
import { keyPackageRecord } from "./key-package-store.ts";
import { storageOf } from "../typed-storage.ts";

/** Twelve weeks and an hour for clocks that disagree, in seconds. */
const DEFAULT_VALIDITY = (84n * 24n + 1n) * 3600n;

/** Collects the choices for a KeyPackage of this client (RFC 9420 §10). */
export class KeyPackageBuilder {
  #capabilities: Capabilities | undefined;
  #lifetime: Lifetime | undefined;
  #leafNodeExtensions: readonly Extension[] = [];
  #extensions: readonly Extension[] = [];
  #lastResort = false;
  #grease: boolean | "capabilities" = true;

  /** What the leaf says this client supports. Default: what this library and the crypto provider can do. */
  capabilities(capabilities: Capabilities): this {
    this.#capabilities = capabilities;
    return this;
  }

  /** Validity in seconds since 1970. Default: from an hour ago for twelve weeks, or for as long as the limits allow. */
  lifetime(lifetime: Lifetime): this {
    this.#lifetime = lifetime;
    return this;
  }

  /** Extensions of the leaf, for example an application_id (RFC 9420 §5.3.3). */
  leafNodeExtensions(extensions: readonly Extension[]): this {
    this.#leafNodeExtensions = extensions;
    return this;
  }

  /** Extensions of the KeyPackage itself. */
  extensions(extensions: readonly Extension[]): this {
    this.#extensions = extensions;
    return this;
  }

  /** Keeps the private keys after a join, for when all others are used up (RFC 9420 §16.8). */
  markAsLastResort(): this {
    this.#lastResort = true;
    return this;
  }

  /**
   * Whether to carry random reserved values that receivers must ignore (RFC 9420 §13.5). Default: yes. Some receivers
   * ignore them among the capabilities and yet refuse an extension of such a type: for them choose `"capabilities"`.
   */
  grease(choice: boolean | "capabilities"): this {
    this.#grease = choice;
    return this;
  }

  /**
   * Makes fresh keys, signs, and stores the private keys before the KeyPackage is returned.
   * @param cipherSuite code point (RFC 9420 §17.1)
   * @throws MlsError `ERR_MLS_USAGE` for a signer whose key is not the credential's, `ERR_MLS_VALIDATION` for choices
   *   that contradict one another, `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`, `ERR_MLS_STORAGE`
   */
  async build(
    cipherSuite: number,
    provider: MlsProvider,
    signer: Signer,
    credentialWithKey: CredentialWithKey,
  ): Promise<KeyPackage> {
    const env = await environmentFor(provider, cipherSuite);
    const { suite } = env;
    checkSigner(signer, credentialWithKey.signatureKey);
    const { maxLifetime } = env.limits;
    const capabilities =
      this.#capabilities ?? defaultCapabilities(await provider.crypto.supportedCipherSuites());
    const initKeys = await suite.deriveKeyPair(suite.randomBytes(suite.params.kem.privateKeyLength));
    const leafKeys = await suite.deriveKeyPair(suite.randomBytes(suite.params.kem.privateKeyLength));
    const leafNode = await signLeaf(suite, signer, {
      encryptionKey: leafKeys.publicKey,
      signatureKey: credentialWithKey.signatureKey,
      credential: credentialWithKey.credential,
      capabilities: this.#grease === false ? capabilities : greaseCapabilities(suite, capabilities),
      leafNodeSource: LeafNodeSource.keyPackage,
      lifetime:
        this.#lifetime ??
        lifetimeFrom(env.clock.now(), maxLifetime < DEFAULT_VALIDITY ? maxLifetime : DEFAULT_VALIDITY),
      extensions: this.#leafNodeExtensions,
    });
    validateLeaf(leafNode, {
      suite,
      expectedSource: LeafNodeSource.keyPackage,
      groupContextExtensions: [],
      limits: env.limits,
    });
    checkPlacement("keyPackage", this.#extensions);
    const unsigned: KeyPackageTbs = deepCopy({
      version: ProtocolVersion.mls10,
      cipherSuite: suite.id,
      initKey: initKeys.publicKey,
      leafNode,
      extensions: this.#grease === true ? this.#withGrease(suite, leafNode.capabilities) : this.#extensions,
    });
    const signature = await signWithLabel(signer, "KeyPackageTBS", encode(keyPackageTbs, unsigned));
    const keyPackage = verifiedKeyPackage(suite, { ...unsigned, signature });
    const secrets = {
      keyPackage: keyPackage.fields,
      initPrivateKey: initKeys.privateKey,
      encryptionPrivateKey: leafKeys.privateKey,
      lastResort: this.#lastResort,
    };
    await storageOf(provider).write({ puts: [keyPackageRecord(keyPackage.ref, secrets)] });
    wipe(initKeys.privateKey, leafKeys.privateKey);
    return keyPackage;
  }

  #withGrease(
    random: Parameters<typeof greaseExtension>[0],
    capabilities: Capabilities,
  ): readonly Extension[] {
    // RFC 9420 §10: the types of all extensions are listed in the leaf's capabilities
    const listed = capabilities.extensions.at(-1);
    const grease = greaseExtension(random);
    return listed === undefined || this.#extensions.some(({ extensionType }) => extensionType === listed)
      ? this.#extensions
      : [...this.#extensions, { ...grease, extensionType: listed }];
  }
}
