// Node.js, Bun and Deno: node server-side.mjs noble,node,webcrypto,sqlite [suite,suite]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importAll } from "./imports.mjs";
import { playAll } from "./scene.mjs";

const providers = {
  noble: async () => (await import("@openmls-ts/crypto-noble")).nobleCrypto(),
  node: async () => (await import("@openmls-ts/crypto-node")).nodeCrypto(),
  webcrypto: async () => (await import("@openmls-ts/crypto-webcrypto")).webCrypto(),
};
const stores = {
  "storage-sqlite": async () => (await import("@openmls-ts/storage-sqlite")).sqliteStorage,
  "storage-sqlite/node": async () => (await import("@openmls-ts/storage-sqlite/node")).sqliteStorage,
  "storage-sqlite/bun": async () => (await import("@openmls-ts/storage-sqlite/bun")).sqliteStorage,
};

const [what, suites] = process.argv.slice(2);
const options = suites === undefined ? {} : { suites: suites.split(",").map(Number) };
await importAll(console.log);
for (const name of what.split(",")) {
  if (name in providers) {
    await playAll(console.log, await providers[name](), options);
    continue;
  }
  const open = await stores[name]();
  const folder = mkdtempSync(join(tmpdir(), "openmls-ts-scene-"));
  const opened = [];
  await playAll(console.log, await providers.noble(), {
    label: name,
    suites: [1],
    storage: async (person) => {
      const storage = await open(join(folder, `${person}.db`));
      opened.push(storage);
      return storage;
    },
  });
  for (const storage of opened) await storage.close();
  rmSync(folder, { recursive: true, force: true });
}
