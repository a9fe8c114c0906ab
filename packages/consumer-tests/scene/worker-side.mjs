// Bundled for workerd: `workerd test` calls `test()`.
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { playAll } from "./scene.mjs";

export default {
  async test() {
    await playAll(console.log, nobleCrypto());
    await playAll(console.log, webCrypto());
  },
};
