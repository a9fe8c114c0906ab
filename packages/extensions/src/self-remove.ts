import {
  type CustomProposal,
  defineProposal,
  empty,
  type Feature,
  ProposalOrder,
  type Queued,
  SenderType,
} from "@openmls-ts/mls-core";
import { MlsError, violation } from "@openmls-ts/traits";

/** The proposal type self_remove. */
export const SELF_REMOVE = 0x000a;

/** What may be chosen about SelfRemove, the same for all members of a group. */
export interface SelfRemoveOptions {
  /** Another code point, such as 0xF003 of the GSMA's profile. Default: {@link SELF_REMOVE}. */
  readonly type?: number;
}

function leaver({ sender }: Queued<CustomProposal>): number {
  if (sender.senderType !== SenderType.member) {
    throw violation("xs04", "a SelfRemove is of a member");
  }
  return sender.leafIndex;
}

/**
 * SelfRemove (draft-ietf-mls-extensions): a member asks to be removed, and whoever commits next must do it, newcomers by
 * external commit included. `group.leave()` sends one where all members list the type. It is always sent in the clear.
 * @throws MlsError `ERR_MLS_USAGE` for a code point that is none
 */
export function selfRemove(options: SelfRemoveOptions = {}): Feature {
  const { type = SELF_REMOVE } = options;
  if (!Number.isInteger(type) || type < 8 || type > 0xffff) {
    throw new MlsError("ERR_MLS_USAGE", "type is a proposal type that RFC 9420 leaves free", {
      details: { argument: "type" },
    });
  }
  const proposal = defineProposal<object>({
    type,
    name: "a SelfRemove",
    codec: empty,
    path: true,
    places: { value: false, externalReference: true },
    order: ProposalOrder.remove - 5, // after Updates, before Removes
    publicOnly: true, // newcomers from outside must be able to name it
    once: "xs03",
    // for one leaf it goes before a Remove and an Update
    claims: (_, queued) => ({ key: `leaf ${leaver(queued)}`, rule: "xs08", rank: 2 }),
    apply: (_, queued, plan) => {
      const leafIndex = leaver(queued);
      if (leafIndex === plan.committer) {
        throw violation("xs07", "a SelfRemove of the committer");
      }
      plan.removeMember(leafIndex, true);
    },
  });
  return { name: "self_remove", proposals: [proposal], leaving: () => proposal.make({}) };
}
