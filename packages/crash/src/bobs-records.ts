import { bytesToHex, hexToBytes, type StorageKey, type StorageProvider, utf8 } from "@openmls-ts/traits";

/** The application's records in Bob's store. */
export const CURSOR: StorageKey = key("app_cursor", "");
export const COUNTER: StorageKey = key("app_counter", "");

export function inboxKey(at: number, kind = ""): StorageKey {
  return key("app_inbox", `${String(at).padStart(8, "0")}${kind}`);
}

export function outboxKey(at: number): StorageKey {
  return key("app_outbox", String(at).padStart(8, "0"));
}

function key(table: string, id: string): StorageKey {
  return { table, owner: utf8("bob"), id: utf8(id) };
}

export const numberValue = (value: number): Uint8Array => utf8(String(value));

/** A stored number; 0 where there is none. */
export async function readNumber(storage: StorageProvider, at: StorageKey): Promise<number> {
  const value = await storage.get(at);
  return value === undefined ? 0 : Number(String.fromCharCode(...value));
}

/** All records of a table of the application, in order. */
export async function readAll(
  storage: StorageProvider,
  table: string,
): Promise<{ id: string; value: Uint8Array }[]> {
  const records = await storage.list({ table, owner: utf8("bob"), id: new Uint8Array() });
  return records.map(({ key: { id }, value }) => ({ id: String.fromCharCode(...id), value }));
}

/** A line of the queue, and of what Bob sends. */
export interface Line {
  readonly id: number;
  readonly bytes: Uint8Array;
}

export const writeLine = ({ id, bytes }: Line): string => `${id} ${bytesToHex(bytes)}\n`;

/** Whole lines only: what was cut off by a kill was not sent. */
export function readLines(text: string): Line[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [id = "", bytes = ""] = line.split(" ");
      return { id: Number(id), bytes: hexToBytes(bytes) };
    });
}
