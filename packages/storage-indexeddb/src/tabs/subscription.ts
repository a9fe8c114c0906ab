import type { Journal } from "./journal.ts";

/** What a tab is told about a group. */
export type GroupEvent =
  /** What was published, by this tab or another one: each once and in order. */
  | { readonly kind: "published"; readonly position: number; readonly event: Uint8Array }
  /** This tab slept for so long that the next events are not kept any more: read again from your own records. */
  | { readonly kind: "missed"; readonly count: number }
  /** A turn of some tab has ended: what is shown of the group may be out of date until `group.reload()`. */
  | { readonly kind: "changed" };

/** Reads what is new in a journal whenever it is woken, and tells the listener. */
export class Subscription {
  readonly #journal: Journal;
  readonly #listener: (event: GroupEvent) => void;
  readonly #onError: (error: unknown) => void;
  #position: number;
  #closed = false;
  #due = false;
  #reading: Promise<void> | undefined;

  /** @param position after which to begin */
  constructor(
    journal: Journal,
    position: number,
    listener: (event: GroupEvent) => void,
    onError: (error: unknown) => void,
  ) {
    this.#journal = journal;
    this.#position = position;
    this.#listener = listener;
    this.#onError = onError;
  }

  /** Looks for news now, or once more after the look that is under way. Resolves when they are told. */
  async wake(): Promise<void> {
    this.#due = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  close(): void {
    this.#closed = true;
  }

  async #readAll(): Promise<void> {
    while (this.#due && !this.#closed) {
      this.#due = false;
      try {
        await this.#readNew();
        this.#tell({ kind: "changed" });
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  /** A store that was closed is none of a closed subscription's business. */
  #fail(error: unknown): void {
    if (!this.#closed) {
      this.#onError(error);
    }
  }

  async #readNew(): Promise<void> {
    const head = await this.#journal.head();
    if (head < this.#position) {
      // The journal was erased, and begins anew.
      this.#position = 0;
    }
    const missed = this.#journal.firstKept(head) - 1 - this.#position;
    if (missed > 0) {
      this.#position += missed;
      this.#tell({ kind: "missed", count: missed });
    }
    while (this.#position < head && !this.#closed) {
      const event = await this.#journal.read(this.#position + 1);
      this.#position++;
      if (event !== undefined) {
        this.#tell({ kind: "published", position: this.#position, event });
      }
    }
  }

  #tell(event: GroupEvent): void {
    if (this.#closed) {
      return;
    }
    try {
      this.#listener(event);
    } catch (error) {
      this.#fail(error);
    }
  }
}
