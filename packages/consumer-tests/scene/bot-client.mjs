// Invites the bot of docs/recipes/node.md, talks, restarts it, and talks again: node bot-client.mjs bot.mjs
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { basicCredential, MlsGroup } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import { spawn } from "node:child_process";

const crypto = nobleCrypto();
const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
const identity = { credential: basicCredential(utf8("alice")), signatureKey: signer.publicKey };
const provider = { crypto, storage: memoryStorage(), credentialValidator: { validate: async () => true } };
const BOT_FRIENDS = JSON.stringify({ alice: bytesToHex(signer.publicKey) });

async function start() {
  const child = spawn(process.execPath, [process.argv[2]], {
    env: { ...process.env, PORT: "0", BOT_FILE: "bot.db", BOT_FRIENDS },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [chunk] = await new Promise((resolve) => child.stdout.once("data", (...told) => resolve(told)));
  const port = /(\d+)/.exec(chunk)[1];
  const ask = async (path, body = new Uint8Array()) => {
    const response = await fetch(`http://localhost:${port}${path}`, { method: "POST", body });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) throw new Error(new TextDecoder().decode(bytes));
    return bytes;
  };
  const stop = async () => new Promise((resolve) => (child.once("exit", resolve), child.kill("SIGKILL")));
  return { ask, stop };
}

let bot = await start();
const group = await MlsGroup.builder().build(provider, signer, identity);
const talk = async (text) => {
  const answer = await bot.ask("/message", await group.createMessage(signer, utf8(text)));
  const received = await group.processMessage(answer);
  if (new TextDecoder().decode(received.data) !== `You said: ${text}`) throw new Error("another answer");
};
await group.addMembers(signer, [await bot.ask("/key-package")]);
const { welcome } = await group.mergePendingCommit();
await bot.ask("/welcome", welcome);
await talk("hello");
await bot.stop();
bot = await start();
await talk("hello again");
const { commit } = await group.selfUpdate(signer);
await group.mergePendingCommit();
await bot.ask("/message", commit);
await talk("new keys");
await bot.stop();
console.log("the bot is fine");
