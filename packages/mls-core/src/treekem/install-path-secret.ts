import { type CipherSuite, type Secret, violation, wipe } from "@openmls-ts/traits";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { lowerBound } from "../tree/sorted.ts";
import { commonAncestor, directPath } from "../tree/tree-math.ts";
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

/**
 * Checks that a joiner knows what it must, whether its Welcome had a path secret or not: the private keys of all nodes
 * above its leaf that were made with it in the tree (RFC 9420 §4.2, 12.4.3.1). Without them it could not follow the next
 * commit.
 * @throws MlsError `ERR_MLS_VALIDATION` rule rfc106
 */
export function checkKnownPath(tree: RatchetTree, privateTree: PrivateTree): void {
  const { leafIndex } = privateTree;
  for (const node of directPath(leafIndex, tree.leafCount)) {
    const unmerged = tree.parentNode(node)?.unmergedLeaves;
    if (unmerged === undefined || privateTree.key(node) !== undefined) {
      continue;
    }
    if (unmerged[lowerBound(unmerged, leafIndex)] !== leafIndex) {
      throw violation("rfc106", "the Welcome lacks the path secret that leads to the tree's keys");
    }
  }
}
