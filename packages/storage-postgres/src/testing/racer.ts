// Run as one of two processes that race for the same records: `racer.ts <url> <store> <name> <rounds>`. Prints what it won.
import { isMlsError, utf8 } from "@openmls-ts/traits";
import type { StorageKey } from "@openmls-ts/traits";
import { postgresStorage } from "../index.ts";

const [url = "", store = "", name = "", rounds = "0"] = process.argv.slice(2);
const storage = await postgresStorage(url, { store });

function key(table: string, owner: string, id: string): StorageKey {
  return { table, owner: utf8(owner), id: utf8(id) };
}

/** Whether the write succeeded; `false` if somebody else was first. */
async function tryTo(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isMlsError(error, "ERR_MLS_STORAGE_CONFLICT")) {
      return false;
    }
    throw error;
  }
}

const count = key("count", "shared", "");
let added = 0;
const claimed: number[] = [];
const counted: number[] = [];

/** Waits until the other one has come to this round too: they are to meet each time. */
async function meet(round: number): Promise<void> {
  await storage.write({ puts: [{ key: key("at", name, ""), value: utf8(String(round)) }] });
  for (;;) {
    const theirs = await storage.get(key("at", name === "a" ? "b" : "a", ""));
    if (theirs !== undefined && Number(Buffer.from(theirs).toString()) >= round) {
      return;
    }
  }
}

for (let round = 0; round < Number(rounds); round++) {
  await meet(round);
  // A record that must not exist: a phantom to whoever locks rows only. Two owners, named in opposite orders.
  const claims = [key("claim", "left", String(round)), key("claim", "right", String(round))];
  const mine = name === "a" ? claims : claims.slice().reverse();
  const won = await tryTo(async () =>
    storage.write({
      expect: mine.map((record) => ({ key: record, value: undefined })),
      puts: mine.map((record) => ({ key: record, value: utf8(name) })),
    }),
  );
  if (won) {
    claimed.push(round);
  }
  // A counter that must be as it was read, until it has been raised once.
  for (;;) {
    const value = await storage.get(count);
    const next = value === undefined ? 1 : Number(Buffer.from(value).toString()) + 1;
    const raised = await tryTo(async () =>
      storage.write({
        expect: [{ key: count, value }],
        puts: [
          { key: count, value: utf8(String(next)) },
          { key: key("log", "shared", String(next).padStart(8, "0")), value: utf8(name) },
        ],
      }),
    );
    if (raised) {
      counted.push(next);
      added++;
      break;
    }
  }
}
await storage.close();
process.stdout.write(JSON.stringify({ claimed, counted, added }));
