import { type CipherSuite, type Secret, violation, wipe } from "@openmls-ts/traits";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { commonAncestor } from "../tree/tree-math.ts";
import { installPath } from "./install-path.ts";
import type { PrivateTree } from "./private-tree.ts";

/**
 * Puts the private keys that follow from the path secret of a Welcome into a joiner's private tree (RFC 9420
 * §12.4.3.1).
 * @param signerLeaf leaf index of the GroupInfo's signer, whose path it is
 * @param pathSecret Nh bytes; the box stays with the caller
 * @throws MlsError `ERR_MLS_VALIDATION` rule rfc106 when the secret does not fit the tree
 */
export async function installPathSecret(
  suite: CipherSuite,
  tree: RatchetTree,
  privateTree: PrivateTree,
  ownLeaf: number,
  signerLeaf: number,
  pathSecret: Secret,
): Promise<void> {
  if (ownLeaf === signerLeaf || tree.leaf(ownLeaf) === undefined || tree.leaf(signerLeaf) === undefined) {
    throw violation("rfc106", "signer and joiner share no path");
  }
  const ancestor = commonAncestor(ownLeaf, signerLeaf);
  const path = tree.filteredDirectPath(signerLeaf).map(({ node }) => node);
  const nodes = path.slice(path.indexOf(ancestor)); // with both leaves occupied it is on the path
  wipe(
    await installPath(suite, tree, privateTree, {
      nodes,
      pathSecret: pathSecret.expose().slice(),
      rule: "rfc106",
    }),
  );
}
