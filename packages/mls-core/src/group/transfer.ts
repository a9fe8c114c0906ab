import {
  bytesArgument,
  concatBytes,
  equalBytes,
  MlsError,
  type MlsProvider,
  optionsArgument,
  wipe,
} from "@openmls-ts/traits";
import { malformed } from "../codec/index.ts";
import { bundleOf, environmentFor } from "../feature/index.ts";
import {
  type AlsoWrite,
  alsoWriteArgument,
  Batch,
  decodeExport,
  decodeGroupRecord,
  encodeExport,
  eraseRecords,
  EXPORTED_TABLES,
  type ExportedGroup,
  type ExportedRecord,
  exportedSuite,
  firstRevision,
  type GroupListing,
  GroupRecords,
  isMember,
  listingOf,
  type MemberState,
  revisionValue,
  wipeMember,
  writeAlso,
  writeGroupRecord,
  type WriteOptions,
} from "../store/index.ts";
import { storageOf } from "../typed-storage.ts";
import { watchOf, WORK_OPTIONS, type WorkOptions } from "../work.ts";
import { checkNotThere } from "./create-group.ts";
import { judgeImport, type JudgedImport } from "./judge-import.ts";

/** How often reading begins anew because somebody else wrote meanwhile. */
const MAX_ATTEMPTS = 100;

/**
 * Everything that a store has of a group, a member's or an observer's, as of one write; the store is left as it is. The bytes
 * hold every secret of the group **unencrypted**: seal them, and wipe them once they are taken in. Signature keys, key
 * packages, external PSKs and joins that wait are not the group's, and not in them. A read-only backup can be exported from.
 * @throws MlsError `ERR_MLS_GROUP_NOT_FOUND`, `ERR_MLS_STORAGE`, `ERR_MLS_STORAGE_FORMAT`, `ERR_MLS_STORAGE_CONFLICT` while
 *   another writer leaves no moment of rest
 */
export async function exportGroup(provider: MlsProvider, groupId: Uint8Array): Promise<Uint8Array> {
  const id = bytesArgument("groupId", groupId);
  const storage = storageOf(bundleOf(provider).provider);
  const names = new GroupRecords(id);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const before = await storage.get(names.key("group_revision"));
    const records: ExportedRecord[] = [];
    for (const table of EXPORTED_TABLES) {
      for (const { key, value } of await storage.list(names.prefix(table))) {
        records.push({ table, id: key.id, value });
      }
    }
    const after = await storage.get(names.key("group_revision"));
    const group = records.find(({ table }) => table === "group");
    try {
      // What is read while somebody else writes belongs to no state.
      if (before === undefined ? after === undefined : after !== undefined && equalBytes(before, after)) {
        if (group === undefined) {
          throw new MlsError("ERR_MLS_GROUP_NOT_FOUND", "the store has no such group", {
            details: { groupId: id },
          });
        }
        const { cipherSuite } = decodeGroupRecord(group.value);
        return await sealed(provider, cipherSuite, encodeExport({ cipherSuite, groupId: id, records }));
      }
    } finally {
      records.forEach(({ value }) => wipe(value));
    }
  }
  throw new MlsError("ERR_MLS_STORAGE_CONFLICT", "somebody else keeps writing");
}

/**
 * Takes a group that {@link exportGroup} gave into a store that has none of its id, after judging it like one that is
 * joined. What comes of a member's is a **copy that may not send**: the state it was made from may have sent, or may still,
 * and both would use the same keys. The store holds a mark of that. Until the group has an epoch of this client's own,
 * messages and proposals are refused with `ERR_MLS_RESTORED`; receiving goes on. What takes the mark away:
 *
 * - a commit of this store, such as `selfUpdate`, once it is merged: it always has a path, and goes out as a PublicMessage;
 * - joining again, by an external commit or from a Welcome.
 *
 * Where the original lives on, its next commit or this one wins, and the other has to join again.
 * @returns what `MlsGroup.list` or `PublicGroup.list` says of it; load it from there
 * @throws MlsError `ERR_MLS_DECODE` for other bytes, `ERR_MLS_STORAGE_FORMAT` also for those of a newer release,
 *   `ERR_MLS_GROUP_EXISTS`, `ERR_MLS_ABORTED`, and as joining
 */
export async function importGroup(
  provider: MlsProvider,
  exported: Uint8Array,
  options?: WorkOptions & WriteOptions<GroupListing>,
): Promise<GroupListing> {
  const bytes = bytesArgument("exported", exported);
  const { alsoWrite, ...work } = optionsArgument<WorkOptions & WriteOptions<GroupListing>>(
    "options",
    options,
    [...WORK_OPTIONS, "alsoWrite"],
  );
  const watch = watchOf(work);
  const along = alsoWriteArgument(alsoWrite);
  bundleOf(provider);
  try {
    const group = decodeExport(await unsealed(provider, bytes));
    try {
      await checkNotThere(provider, group.groupId);
      return await store(provider, group, await judgeImport(provider, group, watch), along);
    } finally {
      group.records.forEach(({ value }) => wipe(value));
    }
  } finally {
    wipe(bytes);
  }
}

/** Writes a group that was judged, on condition that there is none yet. */
async function store(
  provider: MlsProvider,
  { groupId, records }: ExportedGroup,
  { env, state }: JudgedImport,
  alsoWrite: AlsoWrite<GroupListing> | undefined,
): Promise<GroupListing> {
  const names = new GroupRecords(groupId);
  const batch = new Batch();
  eraseRecords(batch, names); // remains of a damaged one
  for (const { table, id, value } of records.filter((record) => record.table !== "group")) {
    batch.put({ key: names.key(table, id), value });
  }
  const copy: MemberState | undefined = isMember(state) ? { ...state, restored: "restored" } : undefined;
  writeGroupRecord(batch, names, env, copy ?? state);
  const listing = listingOf(groupId, batch.puts[batch.puts.length - 1]!.value);
  batch.put({ key: names.key("group_revision"), value: revisionValue(firstRevision(env.suite)) });
  batch.expect(names.key("group"), undefined);
  try {
    writeAlso(batch, alsoWrite, listing);
    await storageOf(provider).write(batch.toStorageBatch());
    return listing;
  } catch (error) {
    await checkNotThere(provider, groupId);
    throw error;
  } finally {
    if (isMember(state)) wipeMember(state);
    batch.wipe();
  }
}

/** With a digest at the end, which tells damage. */
async function sealed(provider: MlsProvider, cipherSuite: number, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    const { suite } = await environmentFor(provider, cipherSuite);
    return concatBytes(bytes, suite.hash(bytes));
  } finally {
    wipe(bytes);
  }
}

async function unsealed(provider: MlsProvider, bytes: Uint8Array): Promise<Uint8Array> {
  const { suite } = await environmentFor(provider, exportedSuite(bytes));
  const split = Math.max(0, bytes.length - suite.params.kdf.hashLength);
  if (!equalBytes(suite.hash(bytes.subarray(0, split)), bytes.subarray(split))) {
    throw malformed("a damaged group");
  }
  return bytes.subarray(0, split);
}
