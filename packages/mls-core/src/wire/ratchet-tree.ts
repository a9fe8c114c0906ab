import { type Codec, decode, encode, optional, type ReadOptions, vector } from "../codec/index.ts";
import { ExtensionType } from "../registry.ts";
import { type Extension, findExtension } from "./extension.ts";
import { node, type Node } from "./parent-node.ts";

//   optional<Node> ratchet_tree<V>;
/** The nodes of a tree in the order of the array (RFC 9420 §12.4.3.3). */
export const ratchetTree: Codec<readonly (Node | undefined)[]> = vector(optional(node));

/** A ratchet_tree extension. */
export function ratchetTreeExtension(nodes: readonly (Node | undefined)[]): Extension {
  return { extensionType: ExtensionType.ratchetTree, extensionData: encode(ratchetTree, nodes) };
}

/** The nodes of the ratchet_tree extension of a list, if it has one. @throws MlsError `ERR_MLS_DECODE` */
export function ratchetTreeOf(
  extensions: readonly Extension[],
  options?: ReadOptions,
): readonly (Node | undefined)[] | undefined {
  const data = findExtension(extensions, ExtensionType.ratchetTree);
  return data === undefined ? undefined : decode(ratchetTree, data, options);
}
