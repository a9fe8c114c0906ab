import { type CipherSuite, equalBytes, violation, wipe } from "@openmls-ts/traits";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { derivePath } from "./path-secret.ts";
import type { PrivateTree } from "./private-tree.ts";

/** A path secret and the nodes upwards from the one that it belongs to. */
export interface PathInstallation {
  readonly nodes: readonly number[];
  /** Wiped. */
  readonly pathSecret: Uint8Array;
  /** What is violated if the keys do not fit. */
  readonly rule: string;
}

/**
 * Derives the private keys of nodes from a path secret, compares them with the tree, and puts them into the private
 * tree once all of them fit (RFC 9420 §7.5, 12.4.3.1).
 * @returns the commit secret, which the caller wipes
 * @throws MlsError `ERR_MLS_VALIDATION` with the given rule
 */
export async function installPath(
  suite: CipherSuite,
  tree: RatchetTree,
  privateTree: PrivateTree,
  { nodes, pathSecret, rule }: PathInstallation,
): Promise<Uint8Array> {
  const path = await derivePath(suite, pathSecret, nodes.length);
  const { pathSecrets, keyPairs, commitSecret } = path;
  const matches = nodes.every((node, at) => {
    const expected = tree.encryptionKey(node);
    return expected !== undefined && equalBytes(keyPairs[at]!.publicKey, expected);
  });
  if (!matches) {
    path.wipe();
    throw violation(rule, "a path secret does not yield the tree's keys");
  }
  wipe(...pathSecrets); // RFC 9420 §7.5
  for (const [at, node] of nodes.entries()) {
    privateTree.set(node, keyPairs[at]!.privateKey);
  }
  return commitSecret;
}
