export type { IndexedDbFailure } from "./errors.ts";
export { type IndexedDbStorage, indexedDbStorage } from "./indexeddb-storage.ts";
export { deleteIndexedDbStorage } from "./open-database.ts";
export type { IndexedDbDurability, IndexedDbStorageOptions } from "./options.ts";
export * from "./persistence.ts";
export * from "./tabs/group-coordinator.ts";
export type { GroupEvent } from "./tabs/subscription.ts";
export type { Turn } from "./tabs/turn.ts";
