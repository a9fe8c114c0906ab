import type { StorageKey, StorageProvider, StorageRecord } from "@openmls-ts/traits";

/** Tables of the client in the provider's store; the owner is the group, or nobody. */
export const Tables = {
  group: "client_group",
  inbox: "client_inbox",
  sender: "client_sender",
  outbox: "client_outbox",
  intent: "client_intent",
  consumer: "client_consumer",
  leader: "client_leader",
} as const;
export type Table = (typeof Tables)[keyof typeof Tables];

const NOTHING = new Uint8Array();

/** Names of records. */
export function key(table: Table, owner: Uint8Array, id: Uint8Array = NOTHING): StorageKey {
  return { table, owner, id };
}

/** All records of a table with an owner, in the order of their ids. */
export async function records(
  storage: StorageProvider,
  table: Table,
  owner: Uint8Array,
): Promise<readonly StorageRecord[]> {
  return storage.list({ table, owner, id: NOTHING });
}
