import { isBytes, wipe } from "@openmls-ts/traits";

/** What can be erased: bytes, or whatever looks after its own. */
export type Wipeable = Uint8Array | { wipe(): void };

function erase(secret: Wipeable): void {
  if (isBytes(secret)) {
    wipe(secret);
  } else {
    secret.wipe();
  }
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
      scratch.#onFailure.forEach(erase);
      throw error;
    } finally {
      scratch.#always.forEach(erase);
    }
  }
}
