import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { playAll } from "./scene.mjs";

const run = async () => {
  await playAll(console.log, nobleCrypto(), { suites: [1] });
  await playAll(console.log, webCrypto(), { suites: [1] });
};
void run();
