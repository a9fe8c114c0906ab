// A bot with a database: its bundle leaves better-sqlite3 outside, which has machine code.
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playAll } from "./scene.mjs";

const folder = mkdtempSync(join(tmpdir(), "openmls-ts-bot-"));
const storage = async (name) => sqliteStorage(join(folder, `${name}.db`));
void playAll(console.log, nodeCrypto(), { suites: [1], storage });
