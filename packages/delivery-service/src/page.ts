import { DeliveryError, type EntryKind, type Page } from "@openmls-ts/client";
import { big, blob, type Database, type Row } from "./database.ts";

const KINDS: readonly EntryKind[] = ["application", "application", "proposal", "commit"];

/**
 * What a device may read of a group after a place: entries of the intervals in which it was a member, and holes for the rest.
 * @param most entries @throws DeliveryError `unknown-group` for strangers
 */
export function readPage(
  database: Database,
  group: Row,
  device: Uint8Array,
  after: bigint,
  most: number,
): Page {
  const groupId = blob(group["group_id"]);
  const intervals = database.all(
    "select joined, left from member where group_id = ? and device = ? order by joined",
    groupId,
    device,
  );
  if (intervals.length === 0) throw new DeliveryError("unknown-group", "no such group");
  const last = Number(group["seq"]);
  const head = Math.max(...intervals.map(({ left }) => Number(left ?? last)));
  const from = Number(after);
  const through = Math.max(from, Math.min(head, from + most));
  const readable = (seq: number): boolean =>
    intervals.some(({ joined, left }) => seq > Number(joined) && seq <= Number(left ?? last));
  const rows = database.all(
    "select seq, epoch, kind, sender, time, body from log where group_id = ? and seq > ? and seq <= ? order by seq",
    groupId,
    from,
    through,
  );
  const entries = rows.filter(({ seq }) => readable(Number(seq)));
  const there = new Set(entries.map(({ seq }) => Number(seq)));
  const holes: { from: bigint; to: bigint; why: "not-member" | "expired" }[] = [];
  for (let seq = from + 1; seq <= through; seq++) {
    if (!there.has(seq)) {
      holes.push({ from: BigInt(seq), to: BigInt(seq), why: readable(seq) ? "expired" : "not-member" });
    }
  }
  return {
    entries: entries.map(({ seq, epoch, kind, sender, time, body }) => ({
      seq: big(seq),
      epoch: big(epoch),
      kind: KINDS[Number(kind)]!,
      sender: blob(sender),
      time: big(time),
      bytes: blob(body),
    })),
    holes,
    through: BigInt(through),
    head: BigInt(head),
    epoch: big(group["epoch"]),
  };
}
