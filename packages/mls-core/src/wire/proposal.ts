import { MlsError } from "@openmls-ts/traits";
import { bareSize, type Codec, malformed, type Reader, uint16 } from "../codec/index.ts";
import { openTypesOf } from "./open-types.ts";
import type { AnyProposal, Queued } from "./plan.ts";
import type { ProposalEntry } from "./proposal-entry.ts";
import { add, type Add } from "./proposals/add.ts";
import { externalInit, type ExternalInit } from "./proposals/external-init.ts";
import { groupContextExtensions, type GroupContextExtensions } from "./proposals/group-context-extensions.ts";
import { psk, type PreSharedKey } from "./proposals/psk.ts";
import { reinit, type ReInit } from "./proposals/reinit.ts";
import { remove, type Remove } from "./proposals/remove.ts";
import { update, type Update } from "./proposals/update.ts";

export type { Add, ExternalInit, GroupContextExtensions, PreSharedKey, ReInit, Remove, Update };

/** A proposal of a type that a feature brings (RFC 9420 §12.1, 13.2). */
export interface CustomProposal extends AnyProposal {
  /** What follows proposal_type, as the feature encodes it. */
  readonly body: Uint8Array;
}

/** A proposal of a type of RFC 9420 itself. */
export type DefaultProposal =
  Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions;

/** A proposed change of the group (RFC 9420 §12.1). Tell the types apart with {@link isProposal}. */
export type Proposal = DefaultProposal | CustomProposal;

/** A proposal with what is known about where it came from. */
export type QueuedProposal<P extends Proposal = Proposal> = Queued<P>;

/** Whether a proposal is of a type of RFC 9420 itself. */
export function isProposal<T extends DefaultProposal["proposalType"]>(
  value: AnyProposal,
  type: T,
): value is Extract<DefaultProposal, { readonly proposalType: T }> {
  return value.proposalType === type;
}

/** The types of RFC 9420 itself: known to everyone, never listed in capabilities (§7.2). */
export const DEFAULT_PROPOSALS: readonly ProposalEntry[] = [
  add,
  update,
  remove,
  psk,
  reinit,
  externalInit,
  groupContextExtensions,
];

const own = new Map(DEFAULT_PROPOSALS.map(({ type, body }) => [type, body as Codec<object>]));

/** What follows proposal_type of a type that a feature brings: its own bytes. */
const custom: Codec<CustomProposal> = {
  size: ({ body }) => bareSize(body),
  write: (writer, { body }) => writer.bytes(body),
  read: () => {
    throw malformed("a proposal of unknown length");
  },
};

function readCustom(reader: Reader, type: number): Uint8Array {
  const codec = openTypesOf(reader).proposals.get(type);
  if (codec === undefined) {
    // It has no length, so it cannot be read past (RFC 9420 §13.2 lets no member send one that we do not list).
    throw new MlsError(
      "ERR_MLS_UNSUPPORTED_TYPE",
      `proposal type ${type} is of no feature of this provider`,
      {
        rule: "rfc05",
        details: { proposalType: type },
      },
    );
  }
  return reader.raw(codec);
}

//   struct {
//       ProposalType proposal_type;
//       select (Proposal.proposal_type) {
//           case add:                      Add;
//           case update:                   Update;
//           case remove:                   Remove;
//           case psk:                      PreSharedKey;
//           case reinit:                   ReInit;
//           case external_init:            ExternalInit;
//           case group_context_extensions: GroupContextExtensions;
//       };
//   } Proposal;
/** RFC 9420 §12.1 */
export const proposal: Codec<Proposal> = {
  size: (value) => uint16.size(value.proposalType) + bodyOf(value).size(value),
  write: (writer, value) => {
    writer.uint16(value.proposalType);
    bodyOf(value).write(writer, value);
  },
  read: (reader) => {
    const proposalType = uint16.read(reader);
    const body = own.get(proposalType);
    return (
      body === undefined
        ? { proposalType, body: readCustom(reader, proposalType) }
        : { proposalType, ...body.read(reader) }
    ) as Proposal;
  },
};

function bodyOf({ proposalType }: Proposal): Codec<object> {
  return own.get(proposalType) ?? custom;
}
