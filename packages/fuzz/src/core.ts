/*
 * The only door to what the packages do not export: codecs, and the makers of forged messages that the core's tests have. A
 * hostile member has the library's sources too.
 */
export { backend as nodeBackend } from "../../crypto-node/src/node-crypto.ts";
export { decode, encode } from "../../mls-core/src/codec/index.ts";
export {
  type Client,
  client,
  createGroup,
  joinFrom,
  keyPackageOf,
} from "../../mls-core/src/testing/client.ts";
export { decodeGroupRecord, encodeGroupRecord } from "../../mls-core/src/store/group-record.ts";
export { forgeKeyPackage, forgeMessage, forgeProposal } from "../../mls-core/src/testing/forge.ts";
export { forgeCommit, type ForgedCommit } from "../../mls-core/src/testing/forge-commit.ts";
export { forgeUpdate } from "../../mls-core/src/testing/forge-update.ts";
export {
  forgeExternalCommit,
  forgeGroupInfo,
  type ForgedGroupInfo,
  forgeWelcome,
} from "../../mls-core/src/testing/forge-welcome.ts";
export { type Inside, loadInside } from "../../mls-core/src/testing/inside.ts";
export {
  commit,
  credential,
  decodeMlsMessage,
  encodeMlsMessage,
  extensions,
  groupContext,
  groupInfo,
  keyPackageStruct,
  leafNode,
  proposal,
  ratchetTree,
  updatePath,
  welcome,
} from "../../mls-core/src/wire/index.ts";
export { decodeExport, encodeExport } from "../../mls-core/src/store/exported-group.ts";
export { presentFormat } from "../../mls-core/src/record-formats.ts";
export { unreadable, withFormat } from "../../mls-core/src/stored-format.ts";
