// Run as a process of its own, and killed from outside at a moment it does not know: writes batch after batch and
// reports the number of each one on standard output once its promise has resolved.
import { utf8 } from "@openmls-ts/traits";
import type { StorageKey } from "@openmls-ts/traits";
import { writeSync } from "node:fs";
import { sqliteStorage as onBetter } from "../index.ts";
import { sqliteStorage as onNode } from "../node.ts";

/** Records of one batch; all of them hold its number. */
const WIDTH = 40;

const open = process.argv[4] === "node:sqlite" ? onNode : onBetter;
const storage = open(process.argv[2] ?? "");
let batch = Number(process.argv[3]);

function key(id: string): StorageKey {
  return { table: "crash", owner: utf8("o"), id: utf8(id) };
}

for (;;) {
  batch++;
  // Long values make a commit take several pages, so that there is something to tear.
  const value = utf8(String(batch).padEnd(900));
  const names = Array.from({ length: WIDTH }, (_, i) => `${batch % 2 === 0 ? "even" : "odd"}-${i}`);
  await storage.write({
    deletePrefixes: [key("even"), key("odd")],
    puts: names.map((name) => ({ key: key(name), value })),
  });
  writeSync(1, `${batch}\n`);
}
