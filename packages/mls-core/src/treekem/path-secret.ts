import { type CipherSuite, type HpkeKeyPair, wipe } from "@openmls-ts/traits";
import { deriveSecret } from "../labels/index.ts";

/** The next path secret upwards, or the commit secret after the last one (RFC 9420 §7.4); Nh bytes. */
export function nextPathSecret(suite: CipherSuite, pathSecret: Uint8Array): Uint8Array {
  return deriveSecret(suite, pathSecret, "path");
}

/** The key pair of the node that a path secret belongs to (RFC 9420 §7.4). */
export async function nodeKeyPair(suite: CipherSuite, pathSecret: Uint8Array): Promise<HpkeKeyPair> {
  const nodeSecret = deriveSecret(suite, pathSecret, "node");
  try {
    return await suite.deriveKeyPair(nodeSecret);
  } finally {
    wipe(nodeSecret);
  }
}

/** A path from one secret upwards. */
export interface DerivedPath {
  /** One secret a node, the given one first. */
  readonly pathSecrets: readonly Uint8Array[];
  readonly keyPairs: readonly HpkeKeyPair[];
  /** `path_secret[n+1]` (RFC 9420 §12.4.1). */
  readonly commitSecret: Uint8Array;
  /** Erases all of it. */
  wipe(): void;
}

/**
 * Derives secrets and key pairs of `length` nodes upwards from a path secret, which becomes part of the result
 * (RFC 9420 §7.4). With no nodes at all the commit secret is the given one.
 */
export async function derivePath(
  suite: CipherSuite,
  first: Uint8Array,
  length: number,
): Promise<DerivedPath> {
  const pathSecrets: Uint8Array[] = [];
  let next = first;
  for (let at = 0; at < length; at++) {
    pathSecrets.push(next);
    next = nextPathSecret(suite, next);
  }
  const keyPairs: HpkeKeyPair[] = [];
  const path: DerivedPath = {
    pathSecrets,
    keyPairs,
    commitSecret: next,
    wipe: () => {
      wipe(...pathSecrets, next, ...keyPairs.map(({ privateKey }) => privateKey));
    },
  };
  // All are awaited, so that none comes late and stays when another one fails.
  const settled = await Promise.allSettled(pathSecrets.map(async (secret) => nodeKeyPair(suite, secret)));
  for (const result of settled) {
    if (result.status === "fulfilled") {
      keyPairs.push(result.value);
    }
  }
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    path.wipe();
    throw failed.reason;
  }
  return path;
}
