import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { it } from "vitest";
import { play } from "./scene.mjs";

it("plays on noble", async () => play(nobleCrypto(), 1), 60_000);
it("plays on SubtleCrypto", async () => play(webCrypto(), 1), 60_000);
