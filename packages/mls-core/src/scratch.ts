interface Wipeable {
  wipe(): void;
}

/** Collects the secrets of one computation, to be erased together. */
export class Scratch {
  readonly #always: Wipeable[] = [];
  readonly #onFailure: Wipeable[] = [];

  /** A secret that is of no use after the computation. */
  temporary<S extends Wipeable>(secret: S): S {
    this.#always.push(secret);
    return secret;
  }

  /** A secret that is part of the result, if there is one. */
  result<S extends Wipeable>(secret: S): S {
    this.#onFailure.push(secret);
    return secret;
  }

  /** Runs a computation and erases what it registered (RFC 9420 §9.2). */
  static async run<T>(computation: (scratch: Scratch) => Promise<T>): Promise<T> {
    const scratch = new Scratch();
    try {
      return await computation(scratch);
    } catch (error) {
      scratch.#onFailure.forEach((secret) => secret.wipe());
      throw error;
    } finally {
      scratch.#always.forEach((secret) => secret.wipe());
    }
  }
}
