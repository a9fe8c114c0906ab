import { type Codec, decode, encode, optional, vector } from "../../../packages/mls-core/src/codec/index.ts";
import {
  commit,
  decodeMlsMessage,
  encodeMlsMessage,
  groupSecrets,
  type WireMessage,
  node,
  proposal,
} from "../../../packages/mls-core/src/wire/index.ts";
import { ContentType, ProposalType, WireFormat } from "../../../packages/mls-core/src/registry.ts";
import { concatBytes } from "@openmls-ts/traits";
import { hex, same, sameBytes } from "../check.ts";
import type { VectorFormat } from "../format.ts";

type Messages = Readonly<Record<string, string>>;

const wireFormats: Readonly<Record<string, WireFormat>> = {
  mls_welcome: WireFormat.mlsWelcome,
  mls_group_info: WireFormat.mlsGroupInfo,
  mls_key_package: WireFormat.mlsKeyPackage,
  public_message_application: WireFormat.mlsPublicMessage,
  public_message_proposal: WireFormat.mlsPublicMessage,
  public_message_commit: WireFormat.mlsPublicMessage,
  private_message: WireFormat.mlsPrivateMessage,
};

const contentTypes: Readonly<Record<string, ContentType>> = {
  public_message_application: ContentType.application,
  public_message_proposal: ContentType.proposal,
  public_message_commit: ContentType.commit,
};

const proposalTypes: Readonly<Record<string, ProposalType>> = {
  add_proposal: ProposalType.add,
  update_proposal: ProposalType.update,
  remove_proposal: ProposalType.remove,
  pre_shared_key_proposal: ProposalType.psk,
  re_init_proposal: ProposalType.reinit,
  external_init_proposal: ProposalType.externalInit,
  group_context_extensions_proposal: ProposalType.groupContextExtensions,
};

// Syntax only: the tree of a case need not be a valid one.
const ratchetTree: Codec<unknown> = vector(optional(node));

const structs: Readonly<Record<string, Codec<unknown>>> = {
  ratchet_tree: ratchetTree,
  group_secrets: groupSecrets,
  commit: commit,
};

/** Every structure decodes, is what its field says, and encodes to the same bytes. */
export const messages: VectorFormat<Messages> = {
  name: "messages",
  fileName: /^messages/,
  keys: ["mls_welcome", "mls_group_info", "mls_key_package", "group_secrets"],
  run: async (fields) => {
    for (const [field, wireFormat] of Object.entries(wireFormats)) {
      messageField(fields, field, wireFormat);
    }
    for (const [field, codec] of Object.entries(structs)) {
      roundTrip(field, codec, hex(fields[field]!));
    }
    for (const [field, type] of Object.entries(proposalTypes)) {
      // The field is the variant alone; a Proposal starts with its type.
      const bytes = concatBytes(Uint8Array.of(0, type), hex(fields[field]!));
      const decoded = roundTrip(field, proposal, bytes);
      same(`${field}: proposal type`, decoded.proposalType, type);
    }
  },
};

function roundTrip<T>(what: string, codec: Codec<T>, bytes: Uint8Array): T {
  const decoded = decode(codec, bytes);
  sameBytes(`${what}, encoded again`, encode(codec, decoded), bytes);
  return decoded;
}

function messageField(fields: Messages, field: string, wireFormat: WireFormat): void {
  const bytes = hex(fields[field]!);
  const message: WireMessage = decodeMlsMessage(bytes);
  same(`${field}: wire format`, message.wireFormat, wireFormat);
  if (message.wireFormat === WireFormat.mlsPublicMessage) {
    same(`${field}: content type`, message.publicMessage.content.contentType, contentTypes[field]);
  }
  sameBytes(`${field}, encoded again`, encodeMlsMessage(message), bytes);
}
