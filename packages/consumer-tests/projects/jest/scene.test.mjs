import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { play } from "./scene.mjs";

test("plays on noble", async () => play(nobleCrypto(), 1), 60_000);
test("plays on OpenSSL", async () => play(nodeCrypto(), 1), 60_000);
test("plays on SubtleCrypto", async () => play(webCrypto(), 1), 60_000);
