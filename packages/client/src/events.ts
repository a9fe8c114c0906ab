import type { InboxRecord } from "./records.ts";

/** What the application is told of a group. */
export type ClientEventKind =
  | "message"
  | "invited"
  | "joined"
  | "left"
  | "removed"
  | "not-sent"
  | "done"
  | "satisfied"
  | "refused"
  | "expired"
  | "contended"
  | "unreadable"
  | "missing"
  | "commit-rejected"
  | "fork-suspected"
  | "left-group";

/** One thing that happened. It is in the store before anybody is told. */
export interface ClientEvent {
  readonly groupId: Uint8Array;
  /** Ascending within a group: place in the log, then order at that place. */
  readonly id: Uint8Array;
  readonly kind: ClientEventKind;
  /** Whom it is about: the sender of a message, who joined, left or was invited. */
  readonly user: string;
  readonly device: Uint8Array;
  /** Who did it, where somebody else did. */
  readonly by: string;
  /** By the service's clock, in seconds since 1970. */
  readonly time: bigint;
  readonly epoch: bigint;
  /** What a message says. */
  readonly data: Uint8Array;
  /** Why, of what did not work: a code. */
  readonly reason: string;
  /** Says that it was dealt with: it is not given again. */
  done(): Promise<void>;
}

const EMPTY = new Uint8Array();

/** An event to be stored, of which most parts are seldom there. */
export function inboxEvent(kind: ClientEventKind, parts: Partial<Omit<InboxRecord, "kind">>): InboxRecord {
  return {
    kind,
    user: "",
    device: EMPTY,
    by: "",
    time: 0n,
    epoch: 0n,
    counter: 0n,
    body: EMPTY,
    reason: "",
    ...parts,
  };
}
