import type { CipherSuiteId } from "@openmls-ts/traits";
import { utf8 } from "@openmls-ts/traits";

/** Answers of one suite, in hexadecimal, to {@link INPUTS}. */
export interface KnownAnswers {
  readonly suite: CipherSuiteId;
  readonly hashOfNothing: string;
  /** Of `message`. */
  readonly hash: string;
  /** Of `message` under `key`. */
  readonly hmac: string;
  readonly hmacLongKey: string;
  /** Of nothing under the empty key. */
  readonly hmacOfNothing: string;
  /** From `salt` and `message`. */
  readonly extract: string;
  /** 100 bytes from `extract` and `info`. */
  readonly expand: string;
  /** 16 bytes from the first 5 bytes of `key` and `info`. */
  readonly expandShortKey: string;
  /** `message` under a key of ones and a nonce of twos with `info` as associated data. */
  readonly aead: string;
  /** DeriveKeyPair(`message`). */
  readonly hpkePrivateKey: string;
  readonly hpkePublicKey: string;
  readonly hpkeKemOutput: string;
  /** `message` sealed with `info`, and `salt` as associated data. */
  readonly hpkeCiphertext: string;
  /** 48 bytes with `salt` as exporter context, for the same encapsulated key. */
  readonly hpkeExport: string;
  readonly signaturePrivateKey: string;
  readonly signaturePublicKey: string;
  /** Of `message`. */
  readonly signature: string;
  /** The same with n - s (ECDSA, good) or with s + order (EdDSA, not reduced, bad) in place of s. */
  readonly signatureTwin: string;
  /** ECDSA: r and s in fixed width without DER. Empty for EdDSA. */
  readonly signatureRaw: string;
}

function counting(length: number, start: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (start + i) & 0xff);
}

/** What the known answers answer: fresh bytes at every look, because a faulty provider may change them. */
export const INPUTS: Readonly<Record<"message" | "key" | "longKey" | "salt" | "info", Uint8Array>> = {
  get message(): Uint8Array {
    return utf8("Conformance of a CryptoProvider");
  },
  get key(): Uint8Array {
    return counting(64, 0x10);
  },
  get longKey(): Uint8Array {
    return counting(200, 0);
  },
  get salt(): Uint8Array {
    return utf8("salt");
  },
  get info(): Uint8Array {
    return utf8("some info");
  },
};
