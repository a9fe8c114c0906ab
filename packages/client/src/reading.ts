import type { CommitSummary, MlsGroup, StagedCommit } from "@openmls-ts/mls-core";
import { bytesToHex, concatBytes, equalBytes } from "@openmls-ts/traits";
import { type Context, deviceOf, isOwn, userOf } from "./context.ts";
import type { Entry } from "./delivery-service.ts";
import { inboxEvent } from "./events.ts";
import { isStorageFailure, reasonOf } from "./failures.ts";
import type { GroupStore, Step } from "./group-store.ts";
import { type Frame, frame, GROUP_STATES, INTENT_KINDS, type InboxRecord } from "./records.ts";

/** A group that is read. */
export interface Reading {
  readonly ctx: Context;
  readonly store: GroupStore;
  readonly group: MlsGroup;
}

const REMOVED = GROUP_STATES.indexOf("removed");
const LEFT = GROUP_STATES.indexOf("left");
const STUCK = GROUP_STATES.indexOf("stuck");

/**
 * Takes in one entry of the log: what it means, the cursor and the events are written in one batch. What cannot be read is an event, and
 * the next entry is read; a commit that cannot be followed stops the group.
 * @throws MlsError of the store alone
 */
export async function takeIn(reading: Reading, entry: Entry): Promise<void> {
  if (entry.kind === "commit") {
    await takeCommit(reading, entry);
  } else if (isOwn(reading.ctx, entry.sender)) {
    await takeOwn(reading, entry);
  } else {
    await takeMessage(reading, entry);
  }
}

/** A message of this client has come back: now it is in the inbox, at its place. */
async function takeOwn({ ctx, store }: Reading, { seq, bytes, time, epoch, kind }: Entry): Promise<void> {
  const change = store.after(seq, bytes);
  if (kind === "proposal") {
    await store.write({ change });
    return;
  }
  const sent = (await store.outbox()).find(({ value }) => equalBytes(value.bytes, bytes));
  const about = { user: ctx.own.user, device: ctx.own.device, time, epoch };
  if (sent === undefined) {
    const events = [inboxEvent("unreadable", { ...about, reason: "own-unknown" })];
    await store.write({ change, events });
    return;
  }
  const { counter, body } = sent.value;
  const events = [inboxEvent("message", { ...about, counter, body })];
  await store.write({ change, events, deletes: [store.outboxKey(sent.id)] });
}

async function takeMessage(reading: Reading, entry: Entry): Promise<void> {
  const { ctx, store, group } = reading;
  const change = store.after(entry.seq, entry.bytes);
  const about = { device: entry.sender, time: entry.time, epoch: entry.epoch };
  let written = (): void => undefined;
  const sender = group.members().find((member) => equalBytes(deviceOf(ctx, member).device, entry.sender));
  try {
    await group.processMessage(entry.bytes, {
      alsoWrite: (result) => {
        let step: Step = { change };
        if (result.kind === "application") {
          const user = result.credential === undefined ? "" : userOf(result.credential);
          step = { change, ...messageStep(store, { ...about, user }, result.data) };
        }
        const prepared = store.prepare(step);
        written = () => {
          prepared.written();
          remember(store, step);
        };
        return prepared.batch;
      },
    });
    written();
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    const user = sender === undefined ? "" : userOf(sender.credential);
    const events = [inboxEvent("unreadable", { ...about, user, reason: reasonOf(error) })];
    await store.write({ change, events });
  }
}

/** What a decrypted message means; nothing where it was taken in before. */
function messageStep(
  store: GroupStore,
  about: Pick<InboxRecord, "user" | "device" | "time" | "epoch">,
  data: Uint8Array,
): Pick<Step, "events" | "puts"> {
  let read: Frame;
  try {
    read = frame.read(data);
  } catch {
    return { events: [inboxEvent("unreadable", { ...about, reason: "malformed" })] };
  }
  const { stream, counter, seq, digest, body } = read;
  const last = store.counters.get(bytesToHex(concatBytes(about.device, stream)));
  if (last !== undefined && counter <= last) {
    return {}; // the service took it twice
  }
  const events: InboxRecord[] = [];
  if (last !== undefined && counter > last + 1n) {
    events.push(inboxEvent("missing", { ...about, counter: counter - last - 1n }));
  }
  if (store.sameLog(seq, digest) === false) {
    events.push(inboxEvent("fork-suspected", { ...about, reason: "service" }));
  }
  events.push(inboxEvent("message", { ...about, counter, body }));
  return { events, puts: [store.counterPut(about.device, stream, counter)] };
}

function remember(store: GroupStore, { puts = [] }: Step): void {
  for (const { key, value } of puts) {
    if (key.table === "client_sender") {
      store.counters.set(
        bytesToHex(key.id),
        value.slice(1).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n),
      );
    }
  }
}

async function takeCommit(reading: Reading, entry: Entry): Promise<void> {
  const { ctx, store, group } = reading;
  const own = group.pendingCommitMessage;
  if (own !== undefined && equalBytes(own, entry.bytes)) {
    await mergeOwn(reading, entry);
    return;
  }
  let staged: StagedCommit;
  try {
    const processed = await group.processMessage(entry.bytes);
    if (processed.kind !== "commit") throw new TypeError(`a commit was read as ${processed.kind}`);
    staged = processed.stagedCommit;
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    const why = error instanceof TypeError ? "own-unknown" : reasonOf(error);
    const events = [inboxEvent("commit-rejected", { device: entry.sender, time: entry.time, reason: why })];
    await store.write({ change: { state: STUCK, why }, events });
    return;
  }
  if (staged.selfRemoved) {
    await mergeRemoval(reading, entry, staged);
    return;
  }
  const events = eventsOf(ctx, entry, staged.summary);
  const authenticator = staged.nextEpoch?.epochAuthenticator;
  const intents = await lost(reading);
  const prepared = store.prepare({
    change: store.after(entry.seq, entry.bytes, authenticator),
    events: [...events, ...intents.events],
    puts: intents.puts,
    deletes: intents.deletes,
  });
  await group.mergeStagedCommit(staged, { alsoWrite: () => prepared.batch });
  prepared.written();
}

/** Wishes in a commit that lost are wishes again: key packages that were claimed were never used. */
async function lost({ ctx, store }: Reading): Promise<Required<Pick<Step, "events" | "puts" | "deletes">>> {
  const intents = await store.intents();
  const now = ctx.seams.now();
  const events: InboxRecord[] = [];
  const puts = intents
    .filter(({ value }) => value.state === 1 || INTENT_KINDS[value.kind] === "leave")
    .map((intent) => {
      const leave = INTENT_KINDS[intent.value.kind] === "leave";
      const losses = intent.value.losses + (leave ? 0 : 1);
      if (losses === 8) events.push(inboxEvent("contended", { user: intent.value.user }));
      const wait = leave ? 0n : BigInt(ctx.seams.random(1)[0]! % Math.min(30, losses + 1));
      const carried = leave ? [] : intent.value.carried;
      return store.intentPut({
        id: intent.id,
        value: { ...intent.value, state: 0, losses, carried, notBefore: now + wait },
      });
    });
  return { events, puts, deletes: [] };
}

/** Our commit was accepted at this place: it is merged, and what was wished is done. */
async function mergeOwn({ ctx, store, group }: Reading, entry: Entry): Promise<void> {
  const summary = group.pendingCommit!;
  const authenticator = group.pendingEpoch?.epochAuthenticator;
  const hash = ctx.suite.hash(entry.bytes);
  const done = (await store.intents()).filter(
    ({ value }) => value.state === 1 && equalBytes(value.commit, hash),
  );
  const events = eventsOf(ctx, entry, summary);
  for (const { value } of done) {
    const reason = INTENT_KINDS[value.kind] ?? "";
    if (reason !== "commit-proposals")
      events.push(inboxEvent("done", { user: value.user, time: entry.time, reason }));
  }
  const prepared = store.prepare({
    change: store.after(entry.seq, entry.bytes, authenticator),
    events,
    deletes: done.map(({ id }) => store.intentKey(id)),
  });
  await group.mergePendingCommit({ alsoWrite: () => prepared.batch });
  prepared.written();
}

/** This client is out: its MLS state goes in the same batch as what is told. */
async function mergeRemoval(
  { ctx, store, group }: Reading,
  entry: Entry,
  staged: StagedCommit,
): Promise<void> {
  const intents = await store.intents();
  const outbox = await store.outbox();
  const left =
    staged.selfRemoval?.left === true || intents.some(({ value }) => INTENT_KINDS[value.kind] === "leave");
  const about = { time: entry.time, epoch: entry.epoch };
  const by = committerOf(ctx, group, staged.summary);
  const events = [
    inboxEvent(left ? "left-group" : "removed", { ...about, user: ctx.own.user, device: ctx.own.device, by }),
    ...outbox.map(({ value }) =>
      inboxEvent("not-sent", {
        ...about,
        body: value.body,
        counter: value.counter,
        reason: left ? "left" : "removed",
      }),
    ),
    ...intents
      .filter(({ value }) => INTENT_KINDS[value.kind] !== "leave")
      .map(({ value }) =>
        inboxEvent("refused", { ...about, user: value.user, reason: left ? "left" : "removed" }),
      ),
  ];
  const prepared = store.prepare({
    change: { ...store.after(entry.seq, entry.bytes), state: left ? LEFT : REMOVED },
    events,
    deletes: [
      ...intents.map(({ id }) => store.intentKey(id)),
      ...outbox.map(({ id }) => store.outboxKey(id)),
    ],
  });
  await group.mergeStagedCommit(staged, { alsoWrite: () => prepared.batch });
  prepared.written();
}

function committerOf(ctx: Context, group: MlsGroup, { committer }: CommitSummary): string {
  const member = group.members().find(({ leafIndex }) => leafIndex === committer);
  return member === undefined ? "" : deviceOf(ctx, member).user;
}

/** Who came and who went. */
function eventsOf(ctx: Context, entry: Entry, summary: CommitSummary): InboxRecord[] {
  const { added, removed, updatePathLeaf, epoch } = summary;
  const by = updatePathLeaf === undefined ? "" : userOf(updatePathLeaf.credential);
  const about = { time: entry.time, epoch, by };
  const external = summary.sender.senderType === 4 && updatePathLeaf !== undefined ? [updatePathLeaf] : [];
  return [
    ...added.map(({ leafNode }) => inboxEvent("joined", { ...about, ...deviceOf(ctx, leafNode) })),
    ...external.map((leaf) => inboxEvent("joined", { ...about, ...deviceOf(ctx, leaf) })),
    ...removed.map(({ leafNode, left }) =>
      inboxEvent("left", { ...about, ...deviceOf(ctx, leafNode), reason: left ? "left" : "removed" }),
    ),
  ];
}
