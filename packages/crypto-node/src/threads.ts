/** How many operations that are under way at the same time stay on the calling thread. */
const ON_CALLING_THREAD = 4;

/**
 * Decides where an operation runs. What is asked for by the dozen goes to libuv's threads from the fifth on, which costs
 * about 10 µs each: so a single message never waits for a thread, and a large group's work is done on all cores.
 */
export class Threads {
  readonly #allowed: boolean;
  /** Operations on the calling thread whose callers have not heard yet. */
  #unheard = 0;

  constructor(allowed: boolean) {
    this.#allowed = allowed;
  }

  /** Whether the operation that asks should use a thread; if not, it must run before anything is awaited. */
  take(): boolean {
    if (this.#allowed && this.#unheard >= ON_CALLING_THREAD) {
      return true;
    }
    this.#unheard++;
    queueMicrotask(() => this.#unheard--); // before its caller goes on: who awaits each operation finds none unheard
    return false;
  }
}
