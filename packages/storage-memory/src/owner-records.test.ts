import { describe, expect, it } from "vitest";
import { OwnerRecords } from "./owner-records.ts";
import type { StoredRecord } from "./owner-records.ts";

function record(id: number): StoredRecord {
  return { id: Uint8Array.of(id), value: Uint8Array.of(1, 2, 3) };
}

describe("OwnerRecords erases the value of a record", () => {
  it.each<[string, (records: OwnerRecords) => void]>([
    ["that is overwritten", (records) => records.put(record(1))],
    ["that is deleted", (records) => records.delete(Uint8Array.of(1))],
    ["under a prefix that is deleted", (records) => records.deletePrefix(Uint8Array.of(1))],
    ["when all are deleted", (records) => records.deletePrefix(new Uint8Array(0))],
  ])("%s", (_, end) => {
    const records = new OwnerRecords(new Uint8Array(1));
    const gone = record(1);
    const other = record(0);
    records.put(other);
    records.put(gone);
    end(records);
    expect(gone.value).toEqual(new Uint8Array(3));
    expect(other.value).toEqual(records.get(other.id) ?? new Uint8Array(3));
  });
});
