import type { Buffer } from "node:buffer";
import { diffieHellman, generateKeyPair, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { DhAgreement } from "@openmls-ts/hpke";
import { MlsError } from "@openmls-ts/traits";
import { plainBytes } from "./bytes.ts";
import { rawPublicKey } from "./key-objects.ts";
import type { Threads } from "./threads.ts";

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Makes key pairs of one curve. */
export interface KeyPairMaker {
  readonly now: () => KeyPair;
  readonly onThread: () => Promise<KeyPair>;
}

type Generated = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) => void;

function onThread(start: (done: Generated) => void): () => Promise<KeyPair> {
  return async () =>
    new Promise((resolve, reject) => {
      start((error, publicKey, privateKey) => {
        if (error === null) {
          resolve({ privateKey, publicKey });
        } else {
          reject(error);
        }
      });
    });
}

/** Key pairs of a NIST curve by OpenSSL's name. */
export function nistKeyPairs(namedCurve: string): KeyPairMaker {
  return {
    now: () => generateKeyPairSync("ec", { namedCurve }),
    onThread: onThread((done) => {
      generateKeyPair("ec", { namedCurve }, done);
    }),
  };
}

/** Key pairs of X25519 or X448. */
export function montgomeryKeyPairs(curve: "X25519" | "X448"): KeyPairMaker {
  // The types have an overload for each curve.
  const name = curve === "X25519" ? "x25519" : ("x448" as "x25519");
  return {
    now: () => generateKeyPairSync(name),
    onThread: onThread((done) => {
      generateKeyPair(name, undefined, done);
    }),
  };
}

/** Node.js before 23.11 does not know the callback, and answers at once. */
type DiffieHellman = (
  keys: KeyPair,
  done: (error: Error | null, secret: Buffer) => void,
) => Buffer | undefined;

async function agreeOnThread(keys: KeyPair): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const atOnce = (diffieHellman as DiffieHellman)(keys, (error, secret) => {
      if (error === null) {
        resolve(plainBytes(secret));
      } else {
        reject(error);
      }
    });
    if (atOnce !== undefined) {
      resolve(plainBytes(atOnce));
    }
  });
}

/**
 * A Diffie-Hellman with a key pair that is made for it, whose private half never leaves OpenSSL.
 * @throws MlsError `ERR_MLS_CRYPTO` where OpenSSL refuses, as for an all-zero result of X25519 and X448 (RFC 7748 §6)
 */
export async function agreeFresh(
  curve: string,
  threads: Threads,
  keyPairs: KeyPairMaker,
  peer: KeyObject,
): Promise<DhAgreement> {
  try {
    if (threads.take()) {
      const { privateKey, publicKey } = await keyPairs.onThread();
      const secret = await agreeOnThread({ privateKey, publicKey: peer });
      return { secret, publicKey: rawPublicKey(publicKey) };
    }
    const { privateKey, publicKey } = keyPairs.now();
    const secret = plainBytes(diffieHellman({ privateKey, publicKey: peer }));
    return { secret, publicKey: rawPublicKey(publicKey) };
  } catch (cause) {
    throw new MlsError("ERR_MLS_CRYPTO", `Diffie-Hellman on ${curve} has no usable result`, { cause });
  }
}
