/** Runs asynchronous operations one after the other, in the order of the calls. A failed one does not stop the next. */
export class OperationQueue {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#last.then(operation, operation);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
