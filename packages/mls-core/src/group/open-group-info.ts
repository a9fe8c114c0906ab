import { MlsError, type MlsProvider } from "@openmls-ts/traits";
import { decode } from "../codec/index.ts";
import { type Environment, environmentFor, limitsOf } from "../environment.ts";
import { decodeMlsMessage, type GroupInfo } from "../wire/index.ts";
import { WireFormat } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import { ratchetTree } from "../wire/index.ts";
import { validateGroupInfo } from "../welcome/index.ts";

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
): Promise<{ readonly env: Environment; readonly info: GroupInfo; readonly tree: RatchetTree }> {
  const message = decodeMlsMessage(bytes, limitsOf(provider).maxMessageSize);
  if (message.wireFormat !== WireFormat.mlsGroupInfo) {
    throw new MlsError("ERR_MLS_USAGE", "not a GroupInfo");
  }
  const { groupInfo: info } = message;
  const env = await environmentFor(provider, info.groupContext.cipherSuite);
  const nodes = encodedTree === undefined ? undefined : decode(ratchetTree, encodedTree);
  return { env, info, tree: await validateGroupInfo(env, info, nodes) };
}
