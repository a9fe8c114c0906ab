import { createHash } from "node:crypto";

/** Bytes that look random and are the same in every run: what a vector calls "chosen by the generator". */
export class Draw {
  readonly #label: string;
  #count = 0;

  /** @param label draws of different labels have nothing in common */
  constructor(label: string) {
    this.#label = label;
  }

  bytes(length: number): Uint8Array {
    const all = new Uint8Array(Math.ceil(length / 32) * 32);
    for (let at = 0; at < length; at += 32) {
      all.set(createHash("sha256").update(`openmls-ts ${this.#label} ${this.#count++}`).digest(), at);
    }
    return all.slice(0, length);
  }
}
