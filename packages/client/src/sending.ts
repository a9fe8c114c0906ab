import { isMlsError } from "@openmls-ts/traits";
import { type DeliveryErrorCode, refusedBy } from "./delivery-service.ts";
import { inboxEvent } from "./events.ts";
import type { Kept } from "./group-store.ts";
import type { Reading } from "./reading.ts";
import { frame, type OutboxRecord } from "./records.ts";

/** What sending came to: all that can be is on its way, or the log must be read first. */
export type Sent = "done" | "read-first" | "proposals-wait" | "later";

const FINAL: readonly DeliveryErrorCode[] = ["too-large", "invalid"];

/**
 * Sends what waits, in order. A message is encrypted once and its bytes are sent until the log shows them, or the service says that it
 * never took them; only then is it encrypted anew.
 */
export async function sendOutbox(reading: Reading): Promise<Sent> {
  for (const message of await reading.store.outbox()) {
    const sent = await sendOne(reading, message);
    if (sent !== "done") return sent;
  }
  return "done";
}

async function sendOne(reading: Reading, message: Kept<OutboxRecord>): Promise<Sent> {
  const { ctx, store } = reading;
  let bytes = message.value.bytes;
  if (message.value.state === 0) {
    const encrypted = await encrypt(reading, message);
    if (encrypted === undefined) return "proposals-wait";
    bytes = encrypted;
  }
  try {
    await ctx.service.send(store.groupId, bytes);
    return "done";
  } catch (error) {
    const code = refusedBy(error);
    if (code === undefined || code === "rate" || code === "unauthenticated") return "later";
    if (FINAL.includes(code)) {
      const { body, counter } = message.value;
      const events = [inboxEvent("not-sent", { time: ctx.seams.now(), body, counter, reason: code })];
      await store.write({ events, deletes: [store.outboxKey(message.id)] });
      return "done";
    }
    // The epoch is over, or we are out: the log says which. These bytes are certainly not in it.
    const value = { ...message.value, state: 0, bytes: new Uint8Array() };
    await store.write({ puts: [store.outboxPut({ id: message.id, value })] });
    return "read-first";
  }
}

/** @returns `undefined` while proposals wait for a commit (RFC 9420 §12.4) */
async function encrypt(
  { ctx, store, group }: Reading,
  { id, value }: Kept<OutboxRecord>,
): Promise<Uint8Array | undefined> {
  const { cursor, digest, stream } = store.record;
  const { counter, body } = value;
  const data = frame.write({ stream, counter, seq: cursor, digest: digest.slice(0, 8), body });
  let written = (): void => undefined;
  try {
    const bytes = await group.createMessage(ctx.signer, data, {
      alsoWrite: (encrypted) => {
        const prepared = store.prepare({
          puts: [store.outboxPut({ id, value: { ...value, state: 1, bytes: encrypted } })],
        });
        written = prepared.written;
        return prepared.batch;
      },
    });
    written();
    return bytes;
  } catch (error) {
    if (isMlsError(error, "ERR_MLS_PENDING_PROPOSALS")) return undefined;
    throw error;
  }
}
