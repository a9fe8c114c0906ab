import { equalBytes, utf8 } from "@openmls-ts/traits";
import { expect } from "vitest";
import { proposals } from "../../index.ts";
import { expectRefused, reloaded, seen, twinOf } from "./checks.ts";
import { askedLast, nameIn } from "./custom.ts";
import type { Letter, Peer, World } from "./world.ts";

/**
 * A member says something; while proposals wait that it could commit it must not (RFC 9420 §12.4).
 * @returns whether it did
 */
export async function say(world: World, from: Peer, count: number): Promise<boolean> {
  const signer = world.signer(from);
  const asked = askedLast(from.group.extensions)?.[0];
  const wanted = [...world.book.wantedBy(from.client.name).values()];
  if (wanted.some((entry) => entry.kind !== "poll" || entry.question !== asked)) {
    const refused = async (): Promise<unknown> => from.group.createMessage(signer, utf8("too early"));
    await expectRefused(from, refused, ["ERR_MLS_PENDING_PROPOSALS"]);
    return false;
  }
  const texts = Array.from({ length: count }, (_, i) => utf8(`letter ${world.letters.length + i}`));
  const sent = await Promise.all(texts.map(async (text) => from.group.createMessage(signer, text)));
  for (const [i, bytes] of sent.entries()) {
    world.letters.push({
      bytes,
      from: from.client.name,
      epoch: from.group.epoch,
      text: texts[i]!,
      waiting: new Set(world.others(from)),
      read: new Set(),
    });
  }
  return true;
}

/** A member reads some of what waits for it, in any order; then all of that is refused a second time. */
export async function read(world: World, peer: Peer, order: readonly number[]): Promise<void> {
  const twin = await twinOf(world, peer);
  const done: Letter[] = [];
  for (const pick of order) {
    const waiting = world.letters.filter((letter) => letter.waiting.has(peer));
    const letter = waiting[pick % waiting.length];
    if (letter === undefined) {
      break;
    }
    letter.waiting.delete(peer);
    if (!isReadable(peer, letter)) {
      await expectRefused(peer, async () => peer.group.processMessage(letter.bytes), ["ERR_MLS_WRONG_EPOCH"]);
      continue;
    }
    const processed = await peer.group.processMessage(letter.bytes);
    expect(processed).toMatchObject({ kind: "application", data: letter.text, epoch: letter.epoch });
    expect(processed.kind === "application" && nameIn(processed.credential)).toBe(letter.from);
    expect(seen(await twin.processMessage(letter.bytes))).toEqual(seen(processed));
    letter.read.add(peer);
    done.push(letter);
  }
  const restarted = done.length > 0 ? await reloaded(peer) : undefined;
  for (const { bytes } of done) {
    await expectRefused(
      { client: peer.client, group: restarted! },
      async () => restarted!.processMessage(bytes),
      ["ERR_MLS_SECRET_CONSUMED"],
    );
    await expectRefused(peer, async () => peer.group.processMessage(bytes), ["ERR_MLS_SECRET_CONSUMED"]);
  }
}

/** Whether a member still keeps the keys of a message's epoch (RFC 9420 §15.3). */
function isReadable(peer: Peer, { epoch }: Letter): boolean {
  return peer.group.epoch - epoch <= BigInt(peer.group.config.maxPastEpochs);
}

/** Two members on copies of their stores talk to one another: what was loaded can send and receive. */
export async function twinsTalk(world: World, from: Peer, to: Peer): Promise<void> {
  const [sender, receiver] = [await twinOf(world, from), await twinOf(world, to)];
  if (sender.pendingProposals.length > 0) {
    const { message } = await sender.propose(world.signer(from), proposals.update());
    expect(await receiver.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
    return;
  }
  const text = utf8("from a twin");
  const message = await sender.createMessage(world.signer(from), text);
  const processed = await receiver.processMessage(message);
  expect(processed.kind === "application" && equalBytes(processed.data, text)).toBe(true);
}
