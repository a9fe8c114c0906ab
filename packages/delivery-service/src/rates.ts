import { DeliveryError } from "@openmls-ts/client";

/** Callers that are remembered; beyond that the oldest starts afresh. */
const MOST = 100_000;

/** How often each caller may ask: so many at once, and so many a second after that. */
export class Rates {
  readonly #rate: number;
  readonly #burst: number;
  readonly #now: () => number;
  readonly #left = new Map<string, { tokens: number; at: number }>();

  /** @param now milliseconds */
  constructor(rate: number, burst: number, now: () => number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#now = now;
  }

  /** @throws DeliveryError `rate` */
  spend(caller: string): void {
    const now = this.#now();
    const { tokens, at } = this.#left.get(caller) ?? { tokens: this.#burst, at: now };
    const have = Math.min(this.#burst, tokens + ((now - at) / 1000) * this.#rate);
    if (have < 1) {
      throw new DeliveryError("rate", "too many requests", {
        retryAfter: Math.ceil((1 - have) / this.#rate),
      });
    }
    this.#left.delete(caller);
    this.#left.set(caller, { tokens: have - 1, at: now });
    if (this.#left.size > MOST) {
      const [oldest] = this.#left.keys();
      if (oldest !== undefined) this.#left.delete(oldest);
    }
  }
}
