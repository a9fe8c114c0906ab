import type { CipherSuite, CipherSuiteParams } from "@openmls-ts/traits";
import { concatBytes, equalBytes, isMlsError } from "@openmls-ts/traits";
import type { WycheproofTest, WycheproofTestGroup } from "./format.ts";
import { hexField } from "./format.ts";

/** The Diffie-Hellman group under a suite's KEM, which `CipherSuite` does not show. */
export interface WycheproofGroup {
  agree(privateKey: Uint8Array, publicKey: Uint8Array): Promise<{ readonly secret: Uint8Array }>;
}

/** What is put to the test. Files about key agreement need the group. */
export interface WycheproofSubject {
  readonly suite: CipherSuite;
  readonly group?: WycheproofGroup;
}

/** How the tests of one type of file are run. */
export interface WycheproofJudge {
  /** Whether the parameters of a group are those that the suite uses. */
  applies(params: CipherSuiteParams, group: WycheproofTestGroup): boolean;
  /** Whether a test must succeed; RFC 9420 and RFC 9180 decide where Wycheproof says "acceptable". */
  expects(test: WycheproofTest): boolean;
  /** Whether it succeeded, with the right output. */
  succeeds(subject: WycheproofSubject, test: WycheproofTest, group: WycheproofTestGroup): Promise<boolean>;
}

const isValid = (test: WycheproofTest): boolean => test.result === "valid";
const always = (): boolean => true;

/** The result of a call, `undefined` if it failed as it should: with an `MlsError`. */
async function attempt(call: () => Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isMlsError(error)) {
      return undefined;
    }
    throw error;
  }
}

const aead: WycheproofJudge = {
  applies: ({ aead: { keyLength, nonceLength, tagLength } }, group) =>
    group["keySize"] === 8 * keyLength &&
    group["ivSize"] === 8 * nonceLength &&
    group["tagSize"] === 8 * tagLength,
  expects: isValid,
  async succeeds({ suite }, test) {
    const [key, nonce, aad, message] = ["key", "iv", "aad", "msg"].map((field) => hexField(test, field)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const ciphertext = concatBytes(hexField(test, "ct"), hexField(test, "tag"));
    const opened = await attempt(async () => suite.aeadOpen(key, nonce, aad, ciphertext));
    const sealed = await suite.aeadSeal(key, nonce, aad, message);
    return opened !== undefined && equalBytes(opened, message) && equalBytes(sealed, ciphertext);
  },
};

const hmac: WycheproofJudge = {
  applies: ({ kdf }, group) => group["tagSize"] === 8 * kdf.hashLength,
  expects: isValid,
  async succeeds({ suite }, test) {
    return equalBytes(suite.hmac(hexField(test, "key"), hexField(test, "msg")), hexField(test, "tag"));
  },
};

const hkdf: WycheproofJudge = {
  applies: always,
  expects: isValid,
  async succeeds({ suite }, test) {
    const pseudoRandomKey = suite.hkdfExtract(hexField(test, "salt"), hexField(test, "ikm"));
    const expand = async (): Promise<Uint8Array> =>
      suite.hkdfExpand(pseudoRandomKey, hexField(test, "info"), test["size"] as number);
    const output = await attempt(expand);
    return output !== undefined && equalBytes(output, hexField(test, "okm"));
  },
};

function signature(publicKeyField: string): WycheproofJudge {
  return {
    applies: always,
    expects: isValid,
    async succeeds({ suite }, test, group) {
      const publicKey = hexField(group["publicKey"] as Readonly<Record<string, unknown>>, publicKeyField);
      return suite.verify(publicKey, hexField(test, "msg"), hexField(test, "sig"));
    },
  };
}

/** Wycheproof writes scalars as integers: with a zero byte before them, or shorter than the curve's. */
function scalar(integer: Uint8Array, length: number): Uint8Array {
  const significant = integer.subarray(integer.findIndex((byte) => byte !== 0));
  const padded = new Uint8Array(length);
  padded.set(significant, length - significant.length);
  return padded;
}

function agreement(
  expects: WycheproofJudge["expects"],
  privateKeyOf: (bytes: Uint8Array, length: number) => Uint8Array,
): WycheproofJudge {
  return {
    applies: always,
    expects,
    async succeeds({ suite, group }, test) {
      if (group === undefined) {
        throw new TypeError("tests of key agreement need the group under the KEM");
      }
      const privateKey = privateKeyOf(hexField(test, "private"), suite.params.kem.privateKeyLength);
      const publicKey = hexField(test, "public");
      const shared = await attempt(async () => (await group.agree(privateKey, publicKey)).secret);
      return shared !== undefined && equalBytes(shared, hexField(test, "shared"));
    },
  };
}

// RFC 9180 §7.1.4: an all-zero result is refused. Unreduced public keys and those on the twist are computed with
// (RFC 7748 §5), so everything else that Wycheproof calls acceptable must give its result.
const xdh = agreement(
  (test) => test.result !== "invalid" && hexField(test, "shared").some((byte) => byte !== 0),
  (bytes) => bytes,
);
// RFC 9180 §7.1.1: points are uncompressed; "acceptable" are the compressed ones.
const ecdh = agreement(isValid, scalar);

/** By the `type` of a test group. */
export const JUDGES: Readonly<Record<string, WycheproofJudge | undefined>> = {
  AeadTest: aead,
  MacTest: hmac,
  HkdfTest: hkdf,
  EcdsaVerify: signature("uncompressed"),
  EddsaVerify: signature("pk"),
  EcdhEcpointTest: ecdh,
  XdhComp: xdh,
};
