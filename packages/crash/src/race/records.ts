import { type StorageKey, utf8 } from "@openmls-ts/traits";

/**
 * Faults of a client that the checks must find: its store forgets what it is told to expect, it files nothing of some messages,
 * and it gives up between moving its position and reading.
 */
export const PLANTS = ["expectations", "outbox", "cursor"] as const;
export type Plant = (typeof PLANTS)[number];

/** Where both processes are in what Alice sent. */
export const CURSOR: StorageKey = key("app_cursor", "");

/** @param who the process that read it */
export function inboxKey(at: number, who: string): StorageKey {
  return key("app_inbox", `${String(at).padStart(8, "0")} ${who}`);
}

export function outboxKey(who: string, at: number): StorageKey {
  return key("app_outbox", `${who} ${String(at).padStart(8, "0")}`);
}

/** That a process has loaded the group. */
export function readyKey(who: string): StorageKey {
  return key("app_ready", who);
}

function key(table: string, id: string): StorageKey {
  return { table, owner: utf8("bob"), id: utf8(id) };
}
