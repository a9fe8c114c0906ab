import { checkListed } from "../tree/supported.ts";
import {
  choiceArgument,
  type MlsProvider,
  numberArgument,
  type Signer,
  signerArgument,
  wipe,
} from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import {
  capabilitiesArgument,
  credentialWithKeyArgument,
  type Environment,
  environmentFor,
  extensionsArgument,
  structArgument,
} from "../feature/index.ts";
import { makeKeyPackageRef, signChecked } from "../labels/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../registry.ts";
import { type AlsoWrite, alsoWriteArgument, writeAlso } from "../also-write.ts";
import { storageOf } from "../typed-storage.ts";
import { Batch } from "../write-batch.ts";
import {
  type Capabilities,
  type CredentialWithKey,
  defaultLifetime,
  type Extension,
  type KeyPackageStruct,
  keyPackageStruct,
  type KeyPackageTbs,
  keyPackageTbs,
  type Lifetime,
  lifetimeCodec,
} from "../wire/index.ts";
import { isReusable, keyPackageRecord } from "./key-package-store.ts";
import { greaseFact } from "../tree/grease.ts";
import { type Grease, makeOwnLeaf, newLeaf, withGrease } from "./own-leaf.ts";
import { validateKeyPackage } from "./validate-key-package.ts";

/** What a KeyPackage may have of its own; everything has a default. */
export interface KeyPackageChoices {
  /** Added to what follows from crypto provider and features. */
  readonly capabilities?: Partial<Capabilities>;
  /** Default: from an hour ago for twelve weeks, or for as long as the limits allow. */
  readonly lifetime?: Lifetime;
  readonly leafNodeExtensions?: readonly Extension[];
  readonly extensions?: readonly Extension[];
  readonly lastResort?: boolean;
  readonly grease?: Grease;
}

/** KeyPackages of one call. */
const MOST = 1000;

/** Collects the choices for a KeyPackage of this client (RFC 9420 §10). */
export class KeyPackageBuilder<K> {
  #choices: KeyPackageChoices = {};
  #alsoWrite: AlsoWrite<K> | undefined;
  readonly #wrap: (fields: KeyPackageStruct, ref: Uint8Array) => K;

  /** For this library; `KeyPackage.builder` makes one. */
  constructor(wrap: (fields: KeyPackageStruct, ref: Uint8Array) => K) {
    this.#wrap = wrap;
  }

  /** What the leaf lists beside what crypto provider and features can do. */
  capabilities(more: Partial<Capabilities>): this {
    return this.#with({ capabilities: capabilitiesArgument(more) });
  }

  /** Validity; see `lifetime()`. Default: from an hour ago for twelve weeks, or for as long as the limits allow. */
  lifetime(lifetime: Lifetime): this {
    return this.#with({ lifetime: structArgument("lifetime", lifetimeCodec, lifetime) });
  }

  /** Extensions of the leaf, for example an application_id (RFC 9420 §5.3.3). */
  leafNodeExtensions(extensions: readonly Extension[]): this {
    return this.#with({ leafNodeExtensions: extensionsArgument("leafNodeExtensions", extensions) });
  }

  /** Extensions of the KeyPackage itself; their types are to be listed in the capabilities (RFC 9420 §10). */
  extensions(extensions: readonly Extension[]): this {
    return this.#with({ extensions: extensionsArgument("extensions", extensions) });
  }

  /** Keeps the private keys after a join, for when all others are used up (RFC 9420 §16.8). */
  markAsLastResort(): this {
    return this.#with({ lastResort: true });
  }

  /** Whether to carry random reserved values. Default: yes; see {@link Grease}. */
  grease(choice: Grease): this {
    if (typeof choice !== "boolean") choiceArgument("grease", choice, ["capabilities"]);
    return this.#with({ grease: choice });
  }

  /** Records of the application for the same batch, asked for each KeyPackage. */
  alsoWrite(alsoWrite: AlsoWrite<K>): this {
    this.#alsoWrite = alsoWriteArgument(alsoWrite);
    return this;
  }

  /**
   * Makes fresh keys, signs, verifies it as everybody else will, and stores the private keys before the KeyPackage is
   * returned.
   * @param cipherSuite code point (RFC 9420 §17.1)
   * @throws MlsError `ERR_MLS_USAGE` for a signer whose key is not the credential's or whose signatures do not verify,
   *   `ERR_MLS_VALIDATION` for choices that contradict one another, `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`, `ERR_MLS_STORAGE`
   */
  async build(
    cipherSuite: number,
    provider: MlsProvider,
    signer: Signer,
    credentialWithKey: CredentialWithKey,
  ): Promise<K> {
    return (await this.buildMany(1, cipherSuite, provider, signer, credentialWithKey))[0]!;
  }

  /**
   * Makes so many KeyPackages of these choices and stores their private keys in one write.
   * @param count 1 to 1000 @throws MlsError as {@link build}; nothing is stored then
   */
  async buildMany(
    count: number,
    cipherSuite: number,
    provider: MlsProvider,
    signer: Signer,
    credentialWithKey: CredentialWithKey,
  ): Promise<K[]> {
    numberArgument("count", count, 1, MOST);
    const [signs, owner, choices, alsoWrite, wrap] = [
      signerArgument(signer),
      credentialWithKeyArgument("credentialWithKey", credentialWithKey),
      this.#choices,
      this.#alsoWrite,
      this.#wrap,
    ];
    const env = await environmentFor(provider, numberArgument("cipherSuite", cipherSuite, 0, 0xffff));
    const batch = new Batch();
    try {
      const all: K[] = [];
      for (let made = 0; made < count; made++) {
        const { fields, ref } = await makeKeyPackage(env, signs, owner, choices, batch);
        all.push(wrap(fields, ref));
      }
      all.forEach((keyPackage) => writeAlso(batch, alsoWrite, keyPackage));
      await storageOf(env.provider).write(batch.toStorageBatch());
      return all;
    } finally {
      batch.wipe();
    }
  }

  #with(choices: KeyPackageChoices): this {
    this.#choices = { ...this.#choices, ...choices };
    return this;
  }
}

async function makeKeyPackage(
  env: Environment,
  signer: Signer,
  credentialWithKey: CredentialWithKey,
  choices: KeyPackageChoices,
  batch: Batch,
): Promise<{ readonly fields: KeyPackageStruct; readonly ref: Uint8Array }> {
  const { suite, limits, features, clock } = env;
  const { grease = true, lastResort = false } = choices;
  const now = clock.now();
  const lifetime = choices.lifetime ?? defaultLifetime(now, limits.maxLifetime);
  const content = await newLeaf(env, {
    credentialWithKey,
    capabilities: choices.capabilities,
    extensions: choices.leafNodeExtensions,
    grease,
  });
  const facts = { cipherSuite: suite.id, lastResort, ...greaseFact(suite, grease) };
  const own = features.extensionsFor("keyPackage", facts, choices.extensions);
  checkListed(content.capabilities, own, "rfc72"); // RFC 9420 §10
  const [initKeys, leafKeys] = [await freshKeys(env), await freshKeys(env)];
  try {
    const origin = { leafNodeSource: LeafNodeSource.keyPackage, lifetime };
    const leafNode = await makeOwnLeaf(env, signer, content, {
      encryptionKey: leafKeys.publicKey,
      ...origin,
    });
    const unsigned: KeyPackageTbs = {
      version: ProtocolVersion.mls10,
      cipherSuite: suite.id,
      initKey: initKeys.publicKey,
      leafNode,
      extensions: grease === true ? withGrease(suite, content.capabilities, own) : own,
    };
    const signature = await signChecked(suite, signer, "KeyPackageTBS", encode(keyPackageTbs, unsigned));
    const fields = { ...unsigned, signature };
    await validateKeyPackage(env, fields, { now, lifetimePolicy: "require" }); // what is made is taken
    const ref = makeKeyPackageRef(suite, encode(keyPackageStruct, fields));
    batch.put(
      keyPackageRecord(ref, {
        keyPackage: fields,
        initPrivateKey: initKeys.privateKey,
        encryptionPrivateKey: leafKeys.privateKey,
        reusable: isReusable(features, fields, lastResort),
      }),
    );
    return { fields, ref };
  } finally {
    wipe(initKeys.privateKey, leafKeys.privateKey);
  }
}

/** A fresh HPKE key pair whose seed is gone (RFC 9420 §9.2). */
export async function freshKeys({
  suite,
}: Pick<Environment, "suite">): ReturnType<Environment["suite"]["deriveKeyPair"]> {
  const seed = suite.randomBytes(suite.params.kem.privateKeyLength);
  try {
    return await suite.deriveKeyPair(seed);
  } finally {
    wipe(seed);
  }
}
