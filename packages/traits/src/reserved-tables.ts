/**
 * The tables of this library in a store. Records of an application belong into others. Names that begin with `mls_` are kept
 * for later.
 */
export const RESERVED_TABLES: readonly string[] = [
  "epoch",
  "feature",
  "feature_epoch",
  "group",
  "group_revision",
  "handout",
  "join",
  "key_package",
  "message_key",
  "own_update",
  "past_epoch",
  "past_feature",
  "past_leaf",
  "path_key",
  "pending_commit",
  "proposal",
  "psk",
  "resumption_psk",
  "signature_keys",
  "tree_node",
];

/** Whether a table belongs to this library: what an application writes along goes elsewhere. */
export function isReservedTable(table: string): boolean {
  return table.startsWith("mls_") || RESERVED_TABLES.includes(table);
}
