import {
  bytesArgument,
  type CipherSuite,
  deepCopy,
  MlsError,
  type MlsProvider,
  numberArgument,
} from "@openmls-ts/traits";
import { decode, encode } from "../codec/index.ts";
import { validateCredentials } from "../credential/index.ts";
import { bundleOf, type Environment, environmentFor } from "../feature/index.ts";
import { makeKeyPackageRef } from "../labels/index.ts";
import { WireFormat } from "../registry.ts";
import {
  decodeMlsMessage,
  encodeMlsMessage,
  type KeyPackageStruct,
  keyPackageStruct,
  type LeafNode,
  lifetimeOf,
} from "../wire/index.ts";
import { KeyPackageBuilder } from "./key-package-builder.ts";
import { deleteKeyPackages, listKeyPackages, type StoredKeyPackage } from "./key-package-store.ts";
import { validateKeyPackage } from "./validate-key-package.ts";

let construct: (fields: KeyPackageStruct, ref: Uint8Array) => KeyPackage;

/** A KeyPackage whose signatures and form were verified. */
export class KeyPackage {
  /** The KeyPackageRef (RFC 9420 §5.2), Nh bytes. */
  readonly ref: Uint8Array;
  readonly #fields: KeyPackageStruct;

  private constructor(fields: KeyPackageStruct, ref: Uint8Array) {
    this.#fields = fields;
    this.ref = ref;
  }

  static {
    construct = (fields, ref) => new KeyPackage(fields, ref);
  }

  /** Starts making a KeyPackage for this client. */
  static builder(): KeyPackageBuilder<KeyPackage> {
    return new KeyPackageBuilder(construct);
  }

  /** This client's KeyPackages that nobody has used yet. @throws MlsError `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT` */
  static async list(provider: MlsProvider): Promise<StoredKeyPackage[]> {
    return listKeyPackages(provider);
  }

  /**
   * How many of them others can still use up: of a cipher suite, within their lifetime, without those that are kept after a
   * join.
   * @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`
   */
  static async count(provider: MlsProvider, cipherSuite: number): Promise<number> {
    numberArgument("cipherSuite", cipherSuite, 0, 0xffff);
    const now = bundleOf(provider).clock.now();
    const usable = ({ reusable, notAfter, cipherSuite: suite }: StoredKeyPackage): boolean =>
      suite === cipherSuite && !reusable && now <= notAfter;
    return (await listKeyPackages(provider)).filter(usable).length;
  }

  /** Deletes some with their private keys: Welcomes for them cannot be opened any more. @throws MlsError */
  static async delete(provider: MlsProvider, refs: readonly Uint8Array[]): Promise<void> {
    await deleteKeyPackages(provider, refs);
  }

  /** The fields (RFC 9420 §10), a copy. */
  get fields(): KeyPackageStruct {
    return deepCopy(this.#fields);
  }

  get cipherSuite(): number {
    return this.#fields.cipherSuite;
  }

  get leafNode(): LeafNode {
    return this.fields.leafNode;
  }

  /** The KeyPackage alone, as it stands inside an Add. */
  encode(): Uint8Array {
    return encode(keyPackageStruct, this.#fields);
  }

  /** The KeyPackage as an MLSMessage, to be published (RFC 9420 §6). */
  toMessage(): Uint8Array {
    return encodeMlsMessage({ wireFormat: WireFormat.mlsKeyPackage, keyPackage: this.#fields });
  }
}

/** Wraps what this library has just verified or made; not exported from the package. */
export function verifiedKeyPackage(suite: CipherSuite, fields: KeyPackageStruct): KeyPackage {
  return construct(fields, makeKeyPackageRef(suite, encode(keyPackageStruct, fields)));
}

/** The KeyPackage in an MLSMessage. @throws MlsError `ERR_MLS_LIMIT`, `ERR_MLS_UNSUPPORTED_WIRE_FORMAT` and as decoding */
export function readKeyPackage(message: Uint8Array, maxSize: number): KeyPackageStruct {
  const decoded = decodeMlsMessage(message, maxSize + 4);
  if (decoded.wireFormat !== WireFormat.mlsKeyPackage) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_WIRE_FORMAT", "not a KeyPackage message", { rule: "rfc06" });
  }
  return decoded.keyPackage;
}

// What decoding of a stranger's KeyPackage costs is bounded before a provider with limits of its own is known.
const MAX_SIZE = 1 << 20;

/** A KeyPackage from outside: decoded, and nothing else. */
export class KeyPackageIn {
  /** The unverified fields. */
  readonly unverified: KeyPackageStruct;
  readonly #fields: KeyPackageStruct;

  private constructor(fields: KeyPackageStruct) {
    this.#fields = fields;
    this.unverified = deepCopy(fields);
  }

  /** @param keyPackage without the MLSMessage around it @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_LIMIT` */
  static decode(keyPackage: Uint8Array): KeyPackageIn {
    const bytes = bytesArgument("keyPackage", keyPackage);
    if (bytes.length > MAX_SIZE) {
      throw new MlsError("ERR_MLS_LIMIT", `a KeyPackage longer than ${MAX_SIZE} bytes`);
    }
    return new KeyPackageIn(decode(keyPackageStruct, bytes));
  }

  /**
   * @param message an MLSMessage of wire format mls_key_package
   * @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_LIMIT`, `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_UNSUPPORTED_WIRE_FORMAT`
   */
  static fromMessage(message: Uint8Array): KeyPackageIn {
    return new KeyPackageIn(readKeyPackage(bytesArgument("message", message), MAX_SIZE));
  }

  /**
   * Everything that can be said of it before a group is known (RFC 9420 §10.1): form, signatures, lifetime, and the
   * application's word on its credential.
   * @throws MlsError `ERR_MLS_VALIDATION`, `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_INVALID_KEY`, `ERR_MLS_LIMIT`,
   *   `ERR_MLS_CREDENTIAL_REJECTED`, `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`
   */
  async validate(provider: MlsProvider): Promise<KeyPackage> {
    const fields = this.#fields;
    const env = await environmentFor(provider, fields.cipherSuite);
    await validateKeyPackage(env, fields, { now: env.clock.now(), lifetimePolicy: "refuse" });
    await judgeOwner(env, fields);
    return verifiedKeyPackage(env.suite, fields);
  }
}

async function judgeOwner(env: Environment, { leafNode }: KeyPackageStruct): Promise<void> {
  const occasion = {
    groupId: new Uint8Array(),
    purpose: "add",
    lifetime: lifetimeOf(leafNode),
  } as const;
  await validateCredentials(env, [{ presented: leafNode, occasion }]);
}

/**
 * The fields of a key package that a caller passes: verified ones, or an MLSMessage, which is verified where it is used.
 * @throws MlsError `ERR_MLS_USAGE` and as decoding
 */
export function keyPackageArgument(
  provider: MlsProvider,
  name: string,
  value: KeyPackage | Uint8Array,
): KeyPackageStruct {
  const given: unknown = value;
  if (given instanceof KeyPackage) {
    return given.fields;
  }
  if (given instanceof KeyPackageIn) {
    throw new MlsError("ERR_MLS_USAGE", `${name} is a KeyPackageIn: await its validate() first`, {
      details: { argument: name },
    });
  }
  return readKeyPackage(bytesArgument(name, value), bundleOf(provider).limits.maxKeyPackageSize);
}
