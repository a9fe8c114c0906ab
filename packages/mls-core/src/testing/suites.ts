import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type CipherSuite, hexToBytes, type MlsErrorCode, type Signer } from "@openmls-ts/traits";
import { expect } from "vitest";

const provider = nodeCrypto();

/** Every suite of RFC 9420. */
export const SUITES: readonly number[] = [1, 2, 3, 4, 5, 6, 7];

export async function suiteOf(id: number): Promise<CipherSuite> {
  return provider.cipherSuite(id);
}

/** Bytes of a private key in a vector, of which some lack a leading zero. */
export function privateKey(hex: string, length: number): Uint8Array {
  const bytes = hexToBytes(hex);
  const padded = new Uint8Array(Math.max(length, bytes.length));
  padded.set(bytes, padded.length - bytes.length);
  return padded;
}

export function signerOf(suite: CipherSuite, key: Uint8Array, publicKey: Uint8Array): Signer {
  return { publicKey, sign: async (message) => suite.sign(key, message) };
}

export async function freshSigner(suite: CipherSuite): Promise<Signer> {
  const keys = await suite.generateSignatureKeys();
  return signerOf(suite, keys.privateKey, keys.publicKey);
}

/** What `toThrow` and `rejects.toThrow` need to compare code and rule. */
export function mlsError(code: MlsErrorCode, rule?: string): Error {
  return expect.objectContaining(
    rule === undefined ? { name: "MlsError", code } : { name: "MlsError", code, rule },
  ) as Error;
}

/** A suite with some methods replaced. */
export function altered(suite: CipherSuite, methods: Partial<CipherSuite>): CipherSuite {
  return new Proxy(suite, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(methods, name) ? methods : target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
