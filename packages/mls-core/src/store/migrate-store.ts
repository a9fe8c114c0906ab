import {
  isMlsError,
  type MlsProvider,
  optionsArgument,
  type StorageProvider,
  type StorageRecord,
  wipe,
} from "@openmls-ts/traits";
import { bundleOf } from "../feature/index.ts";
import { type Formats, FORMATS, presentFormat } from "../record-formats.ts";
import { openRecord } from "../stored-format.ts";
import { storageOf } from "../typed-storage.ts";
import { type Watch, watchOf, WORK_OPTIONS, type WorkOptions } from "../work.ts";

/** Records of one batch. */
const AT_ONCE = 256;

/** How often an owner's records are read anew because somebody else wrote meanwhile. */
const MAX_ATTEMPTS = 100;

/** What a migration did. */
export interface StoreMigration {
  /** Groups, and other owners of records, that were looked at. */
  readonly owners: number;
  /** Records that were of an older format. */
  readonly rewritten: number;
}

/**
 * Rewrites the records of older releases in this release's formats, owner by owner. It need not be called: what is older is
 * read as it is, and rewritten when it changes next. Call it before support for an old format ends, or to know that all
 * is readable. It can be stopped and killed anywhere, called again, and run while others use the store.
 * @param options progress counts owners, as `records`
 * @throws MlsError `ERR_MLS_STORAGE_FORMAT` for a record of a newer release, `ERR_MLS_ABORTED`, `ERR_MLS_STORAGE`,
 *   `ERR_MLS_RESTORED` in a backup; what was rewritten until then stays so
 */
export async function migrateStore(provider: MlsProvider, options?: WorkOptions): Promise<StoreMigration> {
  const watch = watchOf(optionsArgument<WorkOptions>("options", options, WORK_OPTIONS));
  return migrateRecords(storageOf(bundleOf(provider).provider), FORMATS, watch);
}

/** {@link migrateStore} with other formats. */
export async function migrateRecords(
  storage: StorageProvider,
  formats: Formats,
  watch?: Watch,
): Promise<StoreMigration> {
  const tables = [...new Set(formats.steps.map(({ table }) => table))];
  const places: { readonly table: string; readonly owner: Uint8Array }[] = [];
  for (const table of tables) {
    places.push(...(await storage.listOwners(table)).map((owner) => ({ table, owner })));
  }
  let rewritten = 0;
  for (const [done, place] of places.entries()) {
    watch?.("records", done, places.length);
    rewritten += await migrateOwner(storage, formats, place);
  }
  watch?.("records", places.length, places.length);
  return { owners: places.length, rewritten };
}

async function migrateOwner(
  storage: StorageProvider,
  formats: Formats,
  { table, owner }: { readonly table: string; readonly owner: Uint8Array },
): Promise<number> {
  const present = presentFormat(table, formats);
  let rewritten = 0;
  for (let attempt = 1; ; attempt++) {
    const records = await storage.list({ table, owner, id: new Uint8Array() });
    try {
      const old = records.filter(({ value }) => value[0] !== present);
      for (let start = 0; start < old.length; start += AT_ONCE) {
        rewritten += await rewrite(storage, formats, old.slice(start, start + AT_ONCE));
      }
      return rewritten;
    } catch (error) {
      if (!isMlsError(error, "ERR_MLS_STORAGE_CONFLICT") || attempt === MAX_ATTEMPTS) throw error;
    } finally {
      records.forEach(({ value }) => wipe(value));
    }
  }
}

/** All of these or none, and only what nobody changed since it was read. */
async function rewrite(
  storage: StorageProvider,
  formats: Formats,
  old: readonly StorageRecord[],
): Promise<number> {
  const puts = old.map(({ key, value }) => {
    const converted = openRecord(value, key.table, formats);
    const record = new Uint8Array(1 + converted.length);
    record[0] = presentFormat(key.table, formats);
    record.set(converted, 1);
    wipe(converted);
    return { key, value: record };
  });
  try {
    await storage.write({ puts, expect: old });
    return old.length;
  } finally {
    puts.forEach(({ value }) => wipe(value));
  }
}
