import { bytesToHex, equalBytes } from "@openmls-ts/traits";
import { copyFile, stat } from "node:fs/promises";
import { Cast, codeOf, epochOf, NAMES, type Stage } from "./cast.ts";
import { impostorKeyPackage } from "./impostor.ts";
import { type Event, Person } from "./person.ts";
import { bytes, type Transcript } from "./transcript.ts";

/** Tells the story from the first key package to the last message. @throws ClaimFailed */
export async function tellStory(stage: Stage, out: Transcript): Promise<void> {
  const cast = new Cast(stage, out);
  try {
    await publish(cast, out);
    await found(cast, out);
    await talk(cast, out);
    await update(cast, out);
    await restart(cast, out);
    await remove(cast, out);
    await catchUp(cast, out);
  } finally {
    cast.shutDown();
  }
}

async function publish(cast: Cast, out: Transcript): Promise<void> {
  out.act("Alice, Bob and Charlie publish key packages");
  for (const name of NAMES) {
    const person = await cast.register(name);
    const keyPackage = await person.publishKeyPackage();
    out.line(name, `key package; its private keys are in ${name.toLowerCase()}.db`, "", bytes(keyPackage));
  }
  const files = new Set(NAMES.map((name) => cast.person(name).file));
  out.claim("each has a database of their own", files.size === NAMES.length);
}

async function found(cast: Cast, out: Transcript): Promise<void> {
  out.act("Alice creates a group and adds both in one commit");
  const { deliveryService } = cast.world;
  const alice = cast.person("Alice");
  await alice.createGroup();
  out.line("Alice", "creates a group of one", epochOf(alice));
  const impostor = await impostorKeyPackage(cast.world, "Bob");
  await out.claimFails(
    "a stranger who says “I am Bob” is not let in:",
    "ERR_MLS_CREDENTIAL_REJECTED",
    async () => alice.invite([impostor]),
  );
  const keyPackages = ["Bob", "Charlie"].map((name) => deliveryService.takeKeyPackage(name));
  const commit = await alice.invite(keyPackages);
  out.line("Alice", "commits: Bob and Charlie come in", epochOf(alice), bytes(commit));
  out.claim("the commit waits until the queue has accepted it", alice.group.epoch === 0n);
  await cast.deliver();
  for (const name of ["Bob", "Charlie"] as const) {
    const person = cast.person(name);
    const welcome = await person.join();
    out.line(name, "joins from the Welcome", epochOf(person), bytes(welcome));
  }
  cast.draw();
  out.note("each node by the end of its public key; * new, · blank");
  cast.agree();
}

async function talk(cast: Cast, out: Transcript): Promise<void> {
  out.act("Everyone talks");
  await cast.say("Alice", "Hello, both of you.");
  await cast.say("Bob", "Hi Alice! Who else is here?");
  await cast.say("Charlie", "Me.");
  await cast.say("Alice", "Then we are three, and the server hears nothing.");
  out.note("texts are padded to multiples of 32 bytes, so that sizes say little");
  cast.agree();
}

async function update(cast: Cast, out: Transcript): Promise<void> {
  out.act("Bob updates his keys");
  const bob = cast.person("Bob");
  const { encryptionKey: oldKey } = bob.group.ownLeafNode;
  const [oldCode, oldEpoch] = [codeOf(bob), epochOf(bob)];
  const commit = await bob.updateKeys();
  out.line("Bob", "commits: new keys from his leaf to the root", oldEpoch, bytes(commit));
  await cast.deliver();
  cast.draw();
  const { encryptionKey: newKey } = bob.group.ownLeafNode;
  const seen = cast.person("Alice").group.leafNode(bob.group.ownLeafIndex)?.encryptionKey;
  const gone = !cast.tree.some((node) => node !== undefined && equalBytes(node.encryptionKey, oldKey));
  out.claim(
    "Alice sees Bob's new key, and the old one is nowhere in the tree",
    gone && seen !== undefined && equalBytes(seen, newKey),
  );
  out.claim(`the code ${oldCode} is no longer good`, codeOf(bob) !== oldCode);
  cast.agree();
  await cast.say("Bob", "Whoever stole my old keys is locked out now.");
}

async function restart(cast: Cast, out: Transcript): Promise<void> {
  out.act("Everything in memory is dropped and read again from SQLite");
  const snapshot = (): string =>
    NAMES.map((name) => {
      const { groupId, epoch, ownLeafIndex, epochAuthenticator } = cast.person(name).group;
      return [name, bytesToHex(groupId), epoch, ownLeafIndex, bytesToHex(epochAuthenticator)].join(" ");
    }).join("\n");
  const before = snapshot();
  cast.shutDown();
  for (const name of NAMES) {
    const file = `${name.toLowerCase()}.db`;
    const { size } = await stat(cast.file(file));
    out.line(name, `closes ${file}`, "", `${Math.ceil(size / 1024)} KiB`);
  }
  await copyFile(cast.file("charlie.db"), cast.file("charlies-copy.db"));
  for (const name of NAMES) {
    await cast.reopen(name);
  }
  out.claim("all three are back: same group, same epoch, same place, same code", snapshot() === before);
  await cast.say("Charlie", "Did somebody switch the light off?");
  await cast.say("Alice", "Only for a moment. Nothing is lost.");
  cast.agree();
}

async function remove(cast: Cast, out: Transcript): Promise<void> {
  out.act("Bob goes offline, and Alice removes Charlie");
  const alice = cast.person("Alice");
  const charlie = cast.person("Charlie");
  cast.leave("Bob");
  out.line("Bob", "closes his laptop");
  const epoch = epochOf(alice);
  const commit = await alice.remove("Charlie");
  out.line("Alice", "commits: Charlie goes out", epoch, bytes(commit));
  const events = await cast.deliver();
  out.claim(
    "Charlie learns that he is out, and by whom",
    events.get("Charlie")?.some(({ kind, from }) => kind === "removed" && from === "Alice") === true,
  );
  const secret = await cast.say("Alice", "Now about Charlie's surprise party.");
  await out.claimFails("Charlie's client can no longer read that:", "ERR_MLS_GROUP_INACTIVE", async () =>
    charlie.read(secret),
  );
  const copy = await Person.reopen(cast.world, "Charlie", cast.file("charlies-copy.db"));
  try {
    await out.claimFails("nor can the copy that he made of his database:", "ERR_MLS_WRONG_EPOCH", async () =>
      copy.read(secret),
    );
  } finally {
    copy.close();
  }
  cast.leave("Charlie");
  const update = await alice.updateKeys();
  out.line("Alice", "commits: new keys for herself", epochOf(alice), bytes(update));
  await cast.deliver();
  await cast.say("Alice", "Bob, will you bring the cake?");
}

async function catchUp(cast: Cast, out: Transcript): Promise<void> {
  out.act("Bob is back and catches up");
  const bob = await cast.reopen("Bob");
  const waiting = cast.world.deliveryService.unread("Bob", bob.group.groupId);
  out.claim("two commits and two messages wait for him", waiting.length === 4);
  await out.claimFails("the last one is of no use before the others:", "ERR_MLS_WRONG_EPOCH", async () =>
    bob.read(waiting[3] ?? new Uint8Array()),
  );
  const events: Event[] = [];
  for (let next = bob.nextDelivery; next !== undefined; next = bob.nextDelivery) {
    const epoch = epochOf(bob);
    const event = await bob.receive(next);
    out.line("Bob", `reads #${next.position}, ${describe(event)}`, epoch, bytes(next.message));
    events.push(event);
  }
  out.claim(
    "in the order of the queue all four are understood",
    events.map(({ kind }) => kind).join() === "epoch,text,epoch,text",
  );
  await cast.say("Bob", "Of course. Chocolate.");
  cast.draw();
  cast.agree();
}

function describe(event: Event): string {
  switch (event.kind) {
    case "text":
      return `${event.from}: “${event.text}”`;
    case "epoch":
      return `${event.from}: a commit`;
    default:
      return event.kind;
  }
}
