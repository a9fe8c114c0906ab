// Bundled for a page; the harness calls `scene()` and reads what it returns.
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { indexedDbStorage } from "@openmls-ts/storage-indexeddb";
import { playAll } from "./scene.mjs";

globalThis.scene = async () => {
  const lines = [];
  const say = (line) => lines.push(line);
  await playAll(say, nobleCrypto());
  await playAll(say, webCrypto());
  await playAll(say, webCrypto(), {
    label: "storage-indexeddb",
    suites: [1],
    storage: async (name) => indexedDbStorage({ name }),
  });
  return lines;
};
