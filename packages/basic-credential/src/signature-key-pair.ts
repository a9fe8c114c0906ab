import { badArgument, bytesArgument, equalBytes, MlsError, Secret, wipe } from "@openmls-ts/traits";
import type { CipherSuite, SignatureKeys, Signer, SigningKey, StorageProvider } from "@openmls-ts/traits";
import { checkStorage, checkSuite } from "./checks.ts";
import { decodeKeyRecord, encodeKeyRecord, keyRecordName } from "./key-record.ts";

/**
 * A signature key pair in memory: the {@link Signer} for applications without an HSM or KMS. The private key leaves
 * it only into the storage it is told to use; printed, serialised or inspected it says `[Secret]`.
 */
export class SignatureKeyPair implements Signer {
  readonly #suite: CipherSuite;
  readonly #publicKey: Uint8Array;
  readonly #privateKey: Secret;
  /** The runtime's copy of the private key, from the first signature to {@link wipe}; not in every provider. */
  #imported: Promise<SigningKey> | undefined;

  /** Keeps the arrays. */
  private constructor(suite: CipherSuite, publicKey: Uint8Array, privateKey: Uint8Array) {
    this.#suite = suite;
    this.#publicKey = publicKey;
    this.#privateKey = new Secret(privateKey);
  }

  /** A fresh key pair for the signature scheme of the suite. @throws MlsError `ERR_MLS_USAGE` for what is no suite */
  static async generate(suite: CipherSuite): Promise<SignatureKeyPair> {
    checkSuite(suite);
    const { privateKey, publicKey } = await suite.generateSignatureKeys();
    return new SignatureKeyPair(suite, publicKey, privateKey);
  }

  /**
   * A key pair from bytes, which are copied.
   * @param keys private key: seed (EdDSA) or big-endian scalar (ECDSA); public key: raw (EdDSA) or uncompressed point
   *   (ECDSA), of the lengths in the suite's `params.signature`
   * @throws MlsError `ERR_MLS_INVALID_KEY` when a key is malformed or the two do not belong together, `ERR_MLS_USAGE` for
   *   arguments of another type
   */
  static async fromKeys(suite: CipherSuite, keys: SignatureKeys): Promise<SignatureKeyPair> {
    checkSuite(suite);
    if (typeof keys !== "object" || (keys as SignatureKeys | null) === null) {
      throw badArgument("keys", keys, "object with privateKey and publicKey");
    }
    const publicKey = bytesArgument("keys.publicKey", keys.publicKey);
    const privateKey = bytesArgument("keys.privateKey", keys.privateKey);
    try {
      if (!equalBytes(await suite.signaturePublicKey(privateKey), publicKey)) {
        throw new MlsError("ERR_MLS_INVALID_KEY", "the signature keys are not a pair");
      }
    } catch (error) {
      wipe(privateKey);
      throw error;
    }
    return new SignatureKeyPair(suite, publicKey, privateKey);
  }

  /**
   * Reads the key pair of a public key.
   * @returns `undefined` when the storage holds none
   * @throws MlsError `ERR_MLS_STORAGE_FORMAT` when the record is of another format or damaged, `ERR_MLS_STORAGE`
   *   when the storage fails, `ERR_MLS_USAGE` for arguments of another type
   */
  static async load(
    storage: StorageProvider,
    suite: CipherSuite,
    publicKey: Uint8Array,
  ): Promise<SignatureKeyPair | undefined> {
    checkStorage(storage);
    checkSuite(suite);
    const wanted = bytesArgument("publicKey", publicKey);
    const record = await storage.get(keyRecordName(suite, wanted));
    if (record === undefined) {
      return undefined;
    }
    const privateKey = decodeKeyRecord(suite, record);
    try {
      return await SignatureKeyPair.fromKeys(suite, { privateKey, publicKey: wanted });
    } catch (cause) {
      throw new MlsError("ERR_MLS_STORAGE_FORMAT", "the stored signature key does not fit its public key", {
        cause,
      });
    } finally {
      wipe(record, privateKey);
    }
  }

  /** The public keys of the stored pairs that the suite can use. @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_USAGE` */
  static async list(storage: StorageProvider, suite: CipherSuite): Promise<Uint8Array[]> {
    checkStorage(storage);
    checkSuite(suite);
    const records = await storage.list(keyRecordName(suite, new Uint8Array()));
    records.forEach(({ value }) => wipe(value));
    return records.map(({ key }) => key.id);
  }

  /**
   * The stored key pair that the suite can use; where there is none, a fresh one, which is stored. For a client with one
   * identity: not to be called by two processes at the same time.
   * @throws MlsError `ERR_MLS_USAGE` when several are stored: {@link load} one by its public key; and as {@link load}
   */
  static async loadOrGenerate(storage: StorageProvider, suite: CipherSuite): Promise<SignatureKeyPair> {
    const [one, another] = await SignatureKeyPair.list(storage, suite);
    if (another !== undefined) {
      throw new MlsError("ERR_MLS_USAGE", "several signature keys are stored: load one by its public key");
    }
    const stored = one === undefined ? undefined : await SignatureKeyPair.load(storage, suite, one);
    if (stored !== undefined) {
      return stored;
    }
    const fresh = await SignatureKeyPair.generate(suite);
    await fresh.store(storage);
    return fresh;
  }

  /**
   * Removes the key pair of a public key; without effect when there is none.
   * @throws MlsError `ERR_MLS_STORAGE`
   */
  static async delete(storage: StorageProvider, suite: CipherSuite, publicKey: Uint8Array): Promise<void> {
    checkStorage(storage);
    checkSuite(suite);
    await storage.write({ deletes: [keyRecordName(suite, bytesArgument("publicKey", publicKey))] });
  }

  /** A copy of the public key. */
  get publicKey(): Uint8Array {
    return this.#publicKey.slice();
  }

  /**
   * Writes the key pair, to be found by its public key.
   * @throws MlsError `ERR_MLS_STORAGE`; `ERR_MLS_USAGE` after {@link wipe}
   */
  async store(storage: StorageProvider): Promise<void> {
    checkStorage(storage);
    const value = encodeKeyRecord(this.#livePrivateKey());
    try {
      await storage.write({ puts: [{ key: keyRecordName(this.#suite, this.#publicKey), value }] });
    } finally {
      wipe(value);
    }
  }

  /**
   * Signs the bytes as they are (RFC 9420 §5.1.2).
   * @throws MlsError `ERR_MLS_USAGE` after {@link wipe}
   */
  async sign(message: Uint8Array): Promise<Uint8Array> {
    const bytes = bytesArgument("message", message);
    const privateKey = this.#livePrivateKey();
    if (this.#suite.importSigningKey === undefined) {
      return this.#suite.sign(privateKey, bytes);
    }
    this.#imported ??= this.#suite.importSigningKey(privateKey).catch((error: unknown) => {
      this.#imported = undefined; // the next signature tries again
      throw error;
    });
    return (await this.#imported).sign(bytes);
  }

  /**
   * Overwrites the private key with zeros and drops what the runtime imported of it, which the runtime frees when it collects
   * garbage; the stored copy stays. Harmless when repeated.
   */
  wipe(): void {
    this.#privateKey.wipe();
    this.#imported = undefined;
  }

  toJSON(): string {
    return "[Secret]";
  }

  toString(): string {
    return "[Secret]";
  }

  static {
    // What Node.js and its relatives call to print a value; isolatedDeclarations refuses a method of a computed name.
    Object.defineProperty(SignatureKeyPair.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value: (): string => "[Secret]",
    });
  }

  #livePrivateKey(): Uint8Array {
    if (this.#privateKey.length === 0) {
      throw new MlsError("ERR_MLS_USAGE", "the key pair was wiped");
    }
    return this.#privateKey.expose();
  }
}
