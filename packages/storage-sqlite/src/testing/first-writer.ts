// Run as one of several processes that open the same new file at once: each writes ten records of its own.
import { utf8 } from "@openmls-ts/traits";
import { sqliteStorage } from "../index.ts";

const storage = sqliteStorage(process.argv[2] ?? "");
const owner = utf8(process.argv[3] ?? "");
for (let i = 0; i < 10; i++) {
  await storage.write({ puts: [{ key: { table: "race", owner, id: Uint8Array.of(i) }, value: owner }] });
}
storage.close();
