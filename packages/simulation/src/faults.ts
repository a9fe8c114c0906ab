import { MlsError, type StorageBatch, type StorageProvider } from "@openmls-ts/traits";
import type { DeliveryService } from "@openmls-ts/client";

/** A process that can be killed at its writes: before one or after it, and nothing of it works from then on. */
export class MortalStorage implements StorageProvider {
  readonly name = "mortal";
  readonly #inner: StorageProvider;
  #left = Infinity;
  #before = false;
  #dead = false;

  constructor(inner: StorageProvider) {
    this.#inner = inner;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Dies at the write that comes after `writes` others. @param before whether that write does not happen */
  dieAt(writes: number, before: boolean): void {
    this.#left = writes;
    this.#before = before;
  }

  kill(): void {
    this.#dead = true;
  }

  readonly get: StorageProvider["get"] = async (key) => this.#alive(async () => this.#inner.get(key));
  readonly list: StorageProvider["list"] = async (prefix) =>
    this.#alive(async () => this.#inner.list(prefix));
  readonly listOwners: StorageProvider["listOwners"] = async (table) =>
    this.#alive(async () => this.#inner.listOwners(table));

  readonly write = async (batch: StorageBatch): Promise<void> =>
    this.#alive(async () => {
      const last = this.#left-- <= 0;
      if (last && this.#before) throw this.#die();
      await this.#inner.write(batch);
      if (last) throw this.#die();
    });

  async #alive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) throw this.#die();
    return work();
  }

  #die(): MlsError {
    this.#dead = true;
    return new MlsError("ERR_MLS_STORAGE", "the process is dead");
  }
}

/** How often a call is lost, in percent, on its way there and on its way back. */
export interface Weather {
  lost: number;
  unanswered: number;
  /** Nothing gets through. */
  cut: boolean;
}

/** A service behind a network that loses requests and answers. Each failure is of unknown outcome. */
export function unreliable(
  service: DeliveryService,
  weather: Weather,
  below: (limit: number) => number,
): DeliveryService {
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    if (weather.cut || below(100) < weather.lost) throw new TypeError("the request was lost");
    const result = await call();
    if (below(100) < weather.unanswered) throw new TypeError("the answer was lost");
    return result;
  };
  return new Proxy(service, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "hints") return method;
      return async (...given: unknown[]) =>
        through(async () => (method as (...all: unknown[]) => Promise<unknown>).apply(target, given));
    },
  });
}
