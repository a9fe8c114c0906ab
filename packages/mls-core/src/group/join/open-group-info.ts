import { bytesArgument, MlsError, type MlsProvider } from "@openmls-ts/traits";
import { decode } from "../../codec/index.ts";
import { bundleOf, type Environment, environmentFor } from "../../feature/index.ts";
import { WireFormat } from "../../registry.ts";
import type { RatchetTree } from "../../tree/ratchet-tree.ts";
import { validateGroupInfo } from "../../welcome/index.ts";
import type { Watch } from "../../work.ts";
import { decodeMlsMessage, type GroupInfo, type Node, ratchetTree } from "../../wire/index.ts";

/** A ratchet tree that came by itself, encoded as in the extension. @throws MlsError `ERR_MLS_LIMIT`, `ERR_MLS_DECODE` */
export function decodeTree(
  provider: MlsProvider,
  encoded: Uint8Array | undefined,
): readonly (Node | undefined)[] | undefined {
  if (encoded === undefined) {
    return undefined;
  }
  const { limits, reading } = bundleOf(provider);
  const bytes = bytesArgument("ratchetTree", encoded);
  if (bytes.length > limits.maxMessageSize) {
    throw new MlsError("ERR_MLS_LIMIT", `a ratchet tree of ${bytes.length} bytes`);
  }
  return decode(ratchetTree, bytes, reading);
}

/** A verified GroupInfo. */
export interface OpenedGroupInfo {
  readonly env: Environment;
  readonly info: GroupInfo;
  readonly tree: RatchetTree;
}

/**
 * Decodes and verifies a GroupInfo that came by itself (RFC 9420 §12.4.3).
 * @param bytes an MLSMessage
 * @param encodedTree the ratchet tree, where the GroupInfo does not hold it
 * @throws MlsError `ERR_MLS_USAGE` for another message, and as {@link validateGroupInfo}
 */
export async function openGroupInfo(
  provider: MlsProvider,
  bytes: Uint8Array,
  encodedTree: Uint8Array | undefined,
  watch?: Watch,
): Promise<OpenedGroupInfo> {
  const { limits, reading } = bundleOf(provider);
  const message = decodeMlsMessage(bytesArgument("groupInfo", bytes), limits.maxMessageSize, reading);
  if (message.wireFormat !== WireFormat.mlsGroupInfo) {
    throw new MlsError("ERR_MLS_USAGE", "not a GroupInfo");
  }
  const { groupInfo: info } = message;
  const nodes = decodeTree(provider, encodedTree);
  const env = await environmentFor(provider, info.groupContext.cipherSuite);
  return { env, info, tree: await validateGroupInfo({ ...env, watch }, info, nodes) };
}
