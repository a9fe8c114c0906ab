import { type CipherSuite, MlsError, type MlsProvider } from "@openmls-ts/traits";
import { decode, encode } from "../codec/index.ts";
import { environmentFor } from "../environment.ts";
import { makeKeyPackageRef } from "../labels/index.ts";
import { ProtocolVersion, WireFormat } from "../registry.ts";
import { keyPackageStruct, type KeyPackageStruct, type LeafNode } from "../wire/index.ts";
import { KeyPackageBuilder } from "./key-package-builder.ts";
import { validateKeyPackage } from "./validate-key-package.ts";

let construct: (fields: KeyPackageStruct, ref: Uint8Array) => KeyPackage;

/** A KeyPackage whose signatures and form were verified; its credential is judged when it is used. */
export class KeyPackage {
  /** The fields (RFC 9420 §10). */
  readonly fields: KeyPackageStruct;
  /** The KeyPackageRef (RFC 9420 §5.2), Nh bytes. */
  readonly ref: Uint8Array;

  private constructor(fields: KeyPackageStruct, ref: Uint8Array) {
    this.fields = fields;
    this.ref = ref;
  }

  static {
    construct = (fields, ref) => new KeyPackage(fields, ref);
  }

  /** Starts making a KeyPackage for this client. */
  static builder(): KeyPackageBuilder {
    return new KeyPackageBuilder();
  }

  get cipherSuite(): number {
    return this.fields.cipherSuite;
  }

  get leafNode(): LeafNode {
    return this.fields.leafNode;
  }

  /** The KeyPackage alone, as it stands inside an Add. */
  encode(): Uint8Array {
    return encode(keyPackageStruct, this.fields);
  }

  /** The KeyPackage as an MLSMessage, to be published (RFC 9420 §6). */
  toMessage(): Uint8Array {
    const body = this.encode();
    const message = new Uint8Array(4 + body.length);
    message.set([0, ProtocolVersion.mls10, 0, WireFormat.mlsKeyPackage]);
    message.set(body, 4);
    return message;
  }
}

/** Wraps what this library has just verified or made; not exported from the package. */
export function verifiedKeyPackage(suite: CipherSuite, fields: KeyPackageStruct): KeyPackage {
  return construct(fields, makeKeyPackageRef(suite, encode(keyPackageStruct, fields)));
}

/** A KeyPackage from outside: decoded, and nothing else. */
export class KeyPackageIn {
  /** The unverified fields. */
  readonly unverified: KeyPackageStruct;

  private constructor(fields: KeyPackageStruct) {
    this.unverified = fields;
  }

  /** @param bytes a KeyPackage without the MLSMessage around it @throws MlsError `ERR_MLS_DECODE` */
  static decode(bytes: Uint8Array): KeyPackageIn {
    return new KeyPackageIn(decode(keyPackageStruct, bytes));
  }

  /**
   * @param bytes an MLSMessage of wire format mls_key_package
   * @throws MlsError `ERR_MLS_DECODE`, `ERR_MLS_UNSUPPORTED_VERSION`, `ERR_MLS_UNSUPPORTED_WIRE_FORMAT`
   */
  static fromMessage(bytes: Uint8Array): KeyPackageIn {
    if (bytes[0] !== 0 || bytes[1] !== ProtocolVersion.mls10) {
      throw new MlsError("ERR_MLS_UNSUPPORTED_VERSION", "not an MLS 1.0 message", { rule: "rfc06" });
    }
    if (bytes[2] !== 0 || bytes[3] !== WireFormat.mlsKeyPackage) {
      throw new MlsError("ERR_MLS_UNSUPPORTED_WIRE_FORMAT", "not a KeyPackage message", { rule: "rfc06" });
    }
    const found = KeyPackageIn.decode(bytes.subarray(4));
    if (found.unverified.version !== ProtocolVersion.mls10) {
      throw new MlsError("ERR_MLS_VALIDATION", "version differs from the message's", { rule: "valn0205" });
    }
    return found;
  }

  /**
   * Verifies form and signatures (RFC 9420 §10.1). The credential is put to the validator when a group uses it.
   * @throws MlsError `ERR_MLS_VALIDATION`, `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_INVALID_KEY`,
   *   `ERR_MLS_UNSUPPORTED_CIPHER_SUITE`
   */
  async validate(provider: MlsProvider): Promise<KeyPackage> {
    const env = await environmentFor(provider, this.unverified.cipherSuite);
    await validateKeyPackage(env, this.unverified);
    return verifiedKeyPackage(env.suite, this.unverified);
  }
}
