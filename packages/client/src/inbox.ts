import { compareBytes, type StorageProvider, utf8 } from "@openmls-ts/traits";
import type { ClientEvent, ClientEventKind } from "./events.ts";
import { inboxRecord, numberId } from "./records.ts";
import { key, records, Tables } from "./tables.ts";

/**
 * The events of all groups that a consumer was not given, and did not say that it dealt with.
 * @param given what it was given since it asked, by group
 */
export async function unread(
  storage: StorageProvider,
  consumer: string,
  given: ReadonlyMap<string, Uint8Array>,
): Promise<ClientEvent[]> {
  const owner = utf8(consumer);
  const events: ClientEvent[] = [];
  for (const groupId of await storage.listOwners(Tables.inbox)) {
    const place = key(Tables.consumer, owner, groupId);
    const at = given.get(String(groupId)) ?? (await storage.get(place)) ?? numberId(0n);
    for (const { key: found, value } of await records(storage, Tables.inbox, groupId)) {
      const { id } = found;
      if (compareBytes(id, at) <= 0) continue;
      const { kind, user, device, by, time, epoch, body, reason } = inboxRecord.read(value);
      events.push({
        groupId: new Uint8Array(groupId),
        id,
        kind: kind as ClientEventKind,
        user,
        device,
        by,
        time,
        epoch,
        data: body,
        reason,
        done: async () => storage.write({ puts: [{ key: place, value: id }] }),
      });
    }
  }
  return events;
}
