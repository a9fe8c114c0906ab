import { MlsError } from "@openmls-ts/traits";
import { checked, type Codec, encode, struct, uint16, uint64 } from "../codec/index.ts";
import { type Extension, extensions } from "./extension.ts";
import { ProtocolVersion } from "../registry.ts";
import { digestBytes, idBytes } from "./sizes.ts";

/** The state of a group that all members agree on (RFC 9420 §8.1). */
export interface GroupContext {
  readonly version: number;
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** A version field of which only mls10 is understood (RFC 9420 §6). */
export const mls10: Codec<number> = checked(uint16, (version) => {
  if (version !== ProtocolVersion.mls10) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_VERSION", `protocol version ${version}`, { rule: "rfc06" });
  }
});

//   struct {
//       ProtocolVersion version = mls10;
//       CipherSuite cipher_suite;
//       opaque group_id<V>;
//       uint64 epoch;
//       opaque tree_hash<V>;
//       opaque confirmed_transcript_hash<V>;
//       Extension extensions<V>;
//   } GroupContext;
export const groupContext: Codec<GroupContext> = struct<GroupContext>({
  version: mls10,
  cipherSuite: uint16,
  groupId: idBytes,
  epoch: uint64,
  treeHash: digestBytes,
  confirmedTranscriptHash: digestBytes,
  extensions,
});

/** The wire form, input of the key schedule and of signatures. */
export function encodeGroupContext(value: GroupContext): Uint8Array {
  return encode(groupContext, value);
}
