import { type MlsGroup, type ProcessedMessage, retrying } from "@openmls-ts/mls-core";
import { groupCoordinator, type Turn } from "@openmls-ts/storage-indexeddb";
import { bytesToHex, hexToBytes, utf8 } from "@openmls-ts/traits";
import { type Client, oldClient } from "./client.ts";
import { factsOf, loadGroup, type StoryMark } from "./story.ts";

/** What one tab is to do; both tabs get the same but for `tab`. */
export interface TabWork {
  readonly mark: StoryMark;
  /** 0 or 1. */
  readonly tab: number;
  /** Operations of each tab: half of them read a message of Bob's, half of them send one. */
  readonly operations: number;
  /** Path of Bob's messages in hexadecimal; a tab takes every other one. */
  readonly messages: string;
}

/** Commits in one run. */
const COMMITS = 3;

/** All that the tabs publish in one run. */
export function eventCount({ operations }: Pick<TabWork, "operations">): number {
  return 2 * operations + COMMITS;
}

/** Bob writes messages ahead, which the tabs will read. @returns them in hexadecimal */
export async function bobWrites(order: {
  readonly mark: StoryMark;
  readonly count: number;
}): Promise<string[]> {
  const [bob, group] = await open(order.mark, "bob");
  const messages: string[] = [];
  for (let i = 0; i < order.count; i++) {
    messages.push(bytesToHex(await group.createMessage(bob.signer, utf8(`bob ${i}`))));
  }
  bob.storage.close();
  return messages;
}

/** One tab of Alice's, taking turns with the other. @returns what this tab was told, in order */
export async function aliceTakesTurns(work: TabWork): Promise<string[]> {
  const [alice, group] = await open(work.mark, "alice");
  const total = eventCount(work);
  const coordinator = groupCoordinator({ storage: alice.storage, name: "tabs", keep: total });
  const told: string[] = [];
  let finish: () => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const everything = new Promise<void>((resolve, reject) => {
    [finish, fail] = [resolve, reject];
  });
  await coordinator.subscribe(
    group.groupId,
    (event) => {
      if (event.kind === "missed") fail(new Error(`missed ${event.count} events`));
      if (event.kind === "published") told.push(new TextDecoder().decode(event.event));
      if (told.length === total) finish();
    },
    { after: 0, onError: fail },
  );
  const all = (await (await fetch(work.messages)).json()) as string[];
  const messages = all.filter((_, i) => i % 2 === work.tab);
  const commitEvery = Math.ceil(messages.length / (COMMITS + 1));
  for (const [i, message] of messages.entries()) {
    // By turns in the batch of the operation itself, and after it.
    const together = i % 2 === 0;
    await coordinator.run(group, async (turn) => read(turn, group, message, together));
    await coordinator.run(group, async (turn) => {
      const event = (sealed: Uint8Array): Uint8Array => utf8(`sent ${bytesToHex(sealed)}`);
      const text = utf8(`tab ${work.tab} ${i}`);
      const sent = await group.createMessage(alice.signer, text, {
        alsoWrite: (message) => (together ? turn.inBatch(event(message)) : undefined),
      });
      if (!together) turn.publish(event(sent));
    });
    if (work.tab === 0 && i > 0 && i % commitEvery === 0) {
      await coordinator.run(group, async (turn) => {
        const { commit } = await group.selfUpdate(alice.signer);
        await group.mergePendingCommit();
        turn.publish(utf8(`sent ${bytesToHex(commit)}`));
      });
    }
  }
  await everything;
  coordinator.close();
  alice.storage.close();
  return told;
}

async function read(turn: Turn, group: MlsGroup, message: string, together: boolean): Promise<void> {
  const event = (processed: ProcessedMessage): Uint8Array =>
    utf8(
      `read ${processed.kind === "application" ? new TextDecoder().decode(processed.data) : processed.kind}`,
    );
  const processed = await group.processMessage(hexToBytes(message), {
    alsoWrite: (opened) => (together ? turn.inBatch(event(opened)) : undefined),
  });
  if (!together) turn.publish(event(processed));
}

/** One tab of Alice's that knows of no other, but tries again. @returns what it sent, in hexadecimal */
export async function aliceRetries(work: Pick<TabWork, "mark" | "tab" | "operations">): Promise<string[]> {
  const [alice, group] = await open(work.mark, "alice");
  const sent: string[] = [];
  for (let i = 0; i < work.operations; i++) {
    const text = utf8(`tab ${work.tab} ${i}`);
    sent.push(bytesToHex(await retrying(group, async () => group.createMessage(alice.signer, text))));
  }
  alice.storage.close();
  return sent;
}

/** Bob reads what Alice's tabs sent. A key that was used twice cannot be opened twice. @returns the texts */
export async function bobReads(order: {
  readonly mark: StoryMark;
  readonly messages: string;
}): Promise<string[]> {
  const [bob, group] = await open(order.mark, "bob");
  const texts: string[] = [];
  for (const message of (await (await fetch(order.messages)).json()) as string[]) {
    const processed = await group.processMessage(hexToBytes(message));
    if (processed.kind === "commit") {
      await group.mergeStagedCommit(processed.stagedCommit);
    } else {
      texts.push(
        processed.kind === "application" ? new TextDecoder().decode(processed.data) : processed.kind,
      );
    }
  }
  bob.storage.close();
  return texts;
}

async function open(mark: StoryMark, who: "alice" | "bob"): Promise<[Client, MlsGroup]> {
  const facts = { ...factsOf(mark.crypto, mark.name, who), durability: "relaxed" } as const;
  const client = await oldClient(facts, hexToBytes(mark[who]));
  return [client, await loadGroup(client, mark.groupId)];
}
