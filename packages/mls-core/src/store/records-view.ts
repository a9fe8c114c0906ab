import { bytesToKey, MlsError, type StorageProvider } from "@openmls-ts/traits";
import type { ExportedGroup } from "./exported-group.ts";
import { revisionValue } from "./revision.ts";

/** Records of one group that are not stored yet, to be read as if they were. */
export function recordsView({ groupId, records }: ExportedGroup): StorageProvider {
  const name = bytesToKey(groupId);
  const found = (table: string, owner: Uint8Array, fits: (id: string) => boolean) =>
    records
      .filter((record) => record.table === table && bytesToKey(owner) === name && fits(bytesToKey(record.id)))
      .map(({ id, value }) => ({ key: { table, owner, id }, value })); // no copy to be wiped
  return {
    name: "exported group",
    get: async ({ table, owner, id }) => {
      if (table === "group_revision") {
        return revisionValue(0n);
      }
      return found(table, owner, (each) => each === bytesToKey(id))[0]?.value;
    },
    list: async ({ table, owner, id }) => found(table, owner, (each) => each.startsWith(bytesToKey(id))),
    listOwners: async () => [groupId],
    write: async () => {
      throw new MlsError("ERR_MLS_INTERNAL", "an exported group is only read");
    },
  };
}
