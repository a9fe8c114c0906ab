import { type AsyncContext, MlsError } from "@openmls-ts/traits";

/** An operation that code runs inside of, and the one around that. */
interface Inside {
  readonly queue: OperationQueue;
  readonly outer: Inside | undefined;
}

/**
 * Runs asynchronous operations one after the other, in the order of the calls. A failed one does not stop the next. A call
 * that the running operation makes itself, through code of the application, would wait for itself: it is refused where it
 * can be told.
 */
export class OperationQueue {
  readonly #context: AsyncContext | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #inCallback = false;

  constructor(context?: AsyncContext) {
    this.#context = context;
  }

  /** @throws MlsError `ERR_MLS_REENTRANT` */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    const context = this.#context;
    const outer = context?.getStore() as Inside | undefined;
    let inside = this.#inCallback;
    for (let around = outer; around !== undefined; around = around.outer) {
      inside ||= around.queue === this;
    }
    if (inside) {
      throw new MlsError(
        "ERR_MLS_REENTRANT",
        "a validator, rule, signer or feature called the group that is waiting for it",
      );
    }
    const work =
      context === undefined
        ? operation
        : async (): Promise<T> => context.run({ queue: this, outer }, operation);
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Calls code of the application for the running operation: what that calls before its first await is told here. */
  async callback<T>(call: () => Promise<T>): Promise<T> {
    const before = this.#inCallback;
    this.#inCallback = true;
    let running: Promise<T>;
    try {
      running = call();
    } finally {
      this.#inCallback = before;
    }
    return running;
  }
}
