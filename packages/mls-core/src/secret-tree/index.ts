export type * from "./ratchet-key.ts";
export type { RecordChanges, TreeRecord } from "./record-set.ts";
export * from "./secret-tree.ts";
