import type { Codec } from "../codec/index.ts";
import type { AnyProposal, Plan, Queued } from "./plan.ts";

/** When proposals of a type are applied: ascending, within one value in the order of the commit (RFC 9420 §12.3). */
export const ProposalOrder = {
  groupContextExtensions: 10,
  update: 20,
  remove: 30,
  add: 40,
  psk: 50,
  externalInit: 60,
  reinit: 70,
} as const;

/** Where proposals of a type may stand (RFC 9420 §12.1.8, 12.2, 17.4). */
export interface ProposalPlaces {
  /** By value in a member's commit. */
  readonly value: boolean;
  /** In a message of its own, named by a member's commit. */
  readonly reference: boolean;
  /** From a sender of the external_senders extension. */
  readonly externalSender: boolean;
  /** By value in an external commit. */
  readonly externalValue: boolean;
  /** Named by an external commit. */
  readonly externalReference: boolean;
}

/** What a proposal stands for in a commit that may hold only one such. */
export interface Claim {
  /** Two proposals with a key in common cannot stand together. */
  readonly key: string | readonly string[];
  /** The id of the rule that those violate which give way to it. */
  readonly rule: string;
  /** Which one a committer takes: the higher, else the newer (RFC 9420 §12.2). Default: 0. */
  readonly rank?: number;
  /** Its commit does what those ask for that give way to it: they are left out even where the caller asked. Default: no. */
  readonly grants?: boolean;
}

/** Everything about one type of proposal: its struct, where it may stand, when and how it is applied. */
export interface ProposalEntry<P extends AnyProposal = AnyProposal> {
  readonly type: number;
  /** For messages to people, as in `a Remove`. */
  readonly name: string;
  /** What follows proposal_type. */
  readonly body: Codec<Omit<P, "proposalType">>;
  /** Whether a commit with it must have a path (RFC 9420 §17.4). */
  readonly path: boolean;
  readonly places: ProposalPlaces;
  readonly order: number;
  /** It may stand in no message but a PublicMessage. */
  readonly publicOnly?: boolean;
  /** A member sends but one of the type in an epoch; the id of the rule that a second one violates. */
  readonly once?: string;
  /** It stands in a commit by itself, or not at all. */
  readonly alone?: boolean;
  claims?(queued: Queued<P>, plan: Plan): Claim | undefined;
  /** Judges and applies it. What it throws refuses the commit, or leaves the proposal out of one of our own. */
  apply(queued: Queued<P>, plan: Plan): void | Promise<void>;
}

/** A type that no member but the committer by value or reference sends. */
export const MEMBERS_ONLY: ProposalPlaces = {
  value: true,
  reference: true,
  externalSender: false,
  externalValue: false,
  externalReference: false,
};
