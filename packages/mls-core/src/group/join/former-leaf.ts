import type { Environment } from "../../feature/index.ts";
import { isMember, loadGroup, wipeMember } from "../../store/index.ts";
import type { RatchetTree } from "../../tree/ratchet-tree.ts";

/**
 * The leaf that a joiner from outside removes (RFC 9420 §12.4.3.2): of the same signature key, or the one that this client
 * had by what the store has of the group; a damaged one says nothing. Where rules refuse such removals the second is left.
 */
export async function formerLeaf(
  { provider, rules }: Environment,
  groupId: Uint8Array,
  tree: RatchetTree,
  signatureKey: Uint8Array,
): Promise<number | undefined> {
  const same = tree.leafBySignatureKey(signatureKey);
  if (same !== undefined || rules.externalCommits === "no-resync") {
    return same;
  }
  const loaded = await loadGroup(provider, groupId).catch(() => undefined);
  if (loaded === undefined || !isMember(loaded.state)) {
    return undefined;
  }
  const { epoch, ownLeaf } = loaded.state;
  wipeMember(loaded.state);
  const leaf = epoch.tree.leaf(ownLeaf);
  return leaf === undefined ? undefined : tree.leafBySignatureKey(leaf.signatureKey);
}
