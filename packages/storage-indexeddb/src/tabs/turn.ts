import { bytesArgument } from "@openmls-ts/traits";
import type { StorageBatch } from "@openmls-ts/traits";
import type { Journal } from "./journal.ts";

/** One operation on a group, while no other tab has one on it. */
export interface Turn {
  /**
   * Tells every tab, this one too, in the order of these calls, once the operation has succeeded. A crash between what the
   * operation wrote and that moment leaves the event out in all tabs; {@link Turn.inBatch} leaves no such moment.
   * @param event for the application to read, such as an encoded plaintext; it is kept in the store for a while
   */
  publish(event: Uint8Array): void;
  /**
   * The same as records that the operation writes in a batch of its own: then both are there or neither is.
   */
  inBatch(event: Uint8Array): Required<Pick<StorageBatch, "puts" | "deletes">>;
}

/** A turn and what was published in it. */
export class PublishingTurn implements Turn {
  readonly #journal: Journal;
  readonly #events: Uint8Array[] = [];
  #head: number;

  constructor(journal: Journal, head: number) {
    this.#journal = journal;
    this.#head = head;
  }

  publish(event: Uint8Array): void {
    this.#events.push(bytesArgument("event", event));
  }

  inBatch(event: Uint8Array): Required<Pick<StorageBatch, "puts" | "deletes">> {
    const additions = this.#journal.additions(this.#head, [bytesArgument("event", event)]);
    // Should that batch fail, its position stays empty.
    this.#head++;
    return additions;
  }

  /** Writes what is not written yet. */
  async end(): Promise<void> {
    if (this.#events.length > 0) {
      await this.#journal.append(this.#head, this.#events);
    }
  }
}
