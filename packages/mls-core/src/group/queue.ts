import { type AsyncContext, MlsError } from "@openmls-ts/traits";

/**
 * Runs asynchronous operations one after the other, in the order of the calls. A failed one does not stop the next. A call
 * that the running operation's own callback makes would wait for itself: it is refused where it can be told.
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
    if (this.#inCallback || this.#context?.getStore() === this) {
      throw new MlsError(
        "ERR_MLS_REENTRANT",
        "a validator, rule, signer or feature called the group that is waiting for it",
      );
    }
    const result = this.#last.then(operation, operation);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Calls code of the application on behalf of the running operation. */
  async callback<T>(call: () => Promise<T>): Promise<T> {
    const guarded = async (): Promise<T> => {
      const before = this.#inCallback;
      this.#inCallback = true;
      try {
        const running = call(); // what it calls before its first await is told by this flag
        this.#inCallback = before;
        return await running;
      } finally {
        this.#inCallback = before;
      }
    };
    return this.#context === undefined ? guarded() : this.#context.run(this, guarded);
  }
}
