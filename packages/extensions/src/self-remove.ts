import {
  type AnyProposal,
  type CustomProposal,
  defineProposal,
  empty,
  type Feature,
  type Plan,
  ProposalOrder,
  type ProposalRecord,
  type Queued,
  SenderType,
} from "@openmls-ts/mls-core";
import { optionsArgument, violation } from "@openmls-ts/traits";
import { type CodePointChoice, codePoints } from "./code-points.ts";

export interface SelfRemoveOptions {
  /** Default: the draft's, 0x000a. */
  readonly codePoints?: CodePointChoice;
}

/** The feature with a maker and readers of its proposals. */
export interface SelfRemoveFeature extends Feature {
  /** The proposal, for `propose`; `group.leave` makes it by itself. */
  readonly make: () => CustomProposal;
  readonly is: (proposal: AnyProposal) => boolean;
  /**
   * The MLSMessages of the members who are leaving, one a member, from `knownProposals` of a `PublicGroup` or `MlsGroup`:
   * what a delivery service hands out with a GroupInfo, and `ExternalJoinOptions.proposals` takes.
   */
  readonly messages: (known: readonly ProposalRecord[]) => Uint8Array[];
}

/**
 * SelfRemove (draft-ietf-mls-extensions): a member who leaves asks for it with a proposal that external commits take in
 * too, so that newcomers do not put it off. Sent in the clear, by reference only, at most once in an epoch, and while all
 * members list its type. With it, `group.leave` uses it.
 * @throws MlsError `ERR_MLS_USAGE` for a code point that is RFC 9420's own
 */
export function selfRemove(options?: SelfRemoveOptions): SelfRemoveFeature {
  const given = optionsArgument<SelfRemoveOptions>("options", options, ["codePoints"]);
  const type = codePoints(given.codePoints).selfRemove;
  const supported = (plan: Plan): boolean => plan.supportedByAll("proposals", type);

  //   struct {} SelfRemove;
  const entry = defineProposal<object>({
    type,
    name: "a SelfRemove",
    codec: empty,
    path: true,
    places: { value: false, reference: true, externalReference: true },
    order: ProposalOrder.update + 5, // after Updates, before Removes
    publicOnly: true,
    once: "xs03",
    // A Remove and an Update of the same leaf give way, unless this one cannot be committed.
    claims: (_, queued, plan) => {
      const leafIndex = senderOf(queued);
      if (leafIndex === undefined) {
        return undefined;
      }
      const sound = leafIndex !== plan.committer && plan.leaf(leafIndex) !== undefined && supported(plan);
      return { key: `leaf ${leafIndex}`, rule: "xs08", rank: sound ? 2 : -1, grants: sound };
    },
    apply: (_, queued, plan) => {
      const leafIndex = senderOf(queued);
      if (leafIndex === undefined) {
        throw violation("xs04", "a SelfRemove is of a member");
      }
      // The draft counts those whom the same commit removes; RFC 9420 §12.2, by which a receiver judges, does not.
      if (plan.side === "sender" && !supported(plan)) {
        throw violation("valn0311", "a SelfRemove where a member does not support it");
      }
      plan.removeMember(leafIndex, true);
    },
  });
  const is = ({ proposalType }: AnyProposal): boolean => proposalType === type;
  return {
    name: "SelfRemove",
    proposals: [entry],
    leaving: () => entry.make({}),
    make: () => entry.make({}),
    is,
    messages: (known) => {
      const byLeaf = new Map<number | undefined, Uint8Array>();
      for (const { proposal, sender, message } of known) {
        if (is(proposal) && message !== undefined) {
          byLeaf.set(senderOf({ sender }), message);
        }
      }
      return [...byLeaf.values()];
    },
  };
}

/** Whose wish it is: the leaf of whoever sent the proposal. */
function senderOf({ sender }: Pick<Queued, "sender">): number | undefined {
  return sender.senderType === SenderType.member ? sender.leafIndex : undefined;
}
