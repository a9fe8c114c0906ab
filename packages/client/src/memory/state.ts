import type { Entry } from "../delivery-service.ts";

/** An interval in which a device is a member. */
export interface Membership {
  readonly device: string;
  readonly joined: bigint;
  left: bigint | undefined;
  acked: bigint;
}

/** What the service has of a group. */
export interface Group {
  readonly creator: string;
  epoch: bigint;
  seq: bigint;
  commitSeq: bigint;
  readonly log: Entry[];
  readonly hashes: Map<string, bigint>;
  readonly members: Membership[];
  groupInfo: { readonly epoch: bigint; readonly seq: bigint; readonly groupInfo: Uint8Array } | undefined;
}

export function isMember({ members }: Group, device: string): boolean {
  return members.some((member) => member.device === device && member.left === undefined);
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
