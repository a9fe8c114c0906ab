import {
  bytesArgument,
  bytesToHex,
  functionArgument,
  MlsError,
  numberArgument,
  optionsArgument,
} from "@openmls-ts/traits";
import type { StorageProvider } from "@openmls-ts/traits";
import { failure, storageError } from "../errors.ts";
import { nameArgument } from "../options.ts";
import { Journal } from "./journal.ts";
import { type GroupEvent, Subscription } from "./subscription.ts";
import { PublishingTurn, type Turn } from "./turn.ts";

/** What the tabs share. */
export interface GroupCoordinatorOptions {
  /** The store, in which events are kept. */
  readonly storage: StorageProvider;
  /** One name for all who share the store, such as that of its database. */
  readonly name: string;
  /** How many events of each group are kept for tabs that sleep, from 1; default 1000. */
  readonly keep?: number | undefined;
}

/** A group as the coordinator sees it: `MlsGroup` and `PublicGroup`, or an id where there is no group yet. */
export interface SharedGroup {
  readonly groupId: Uint8Array;
  reload?(): Promise<void>;
}

/** How a tab listens. */
export interface SubscriptionOptions {
  /** Events after this position; default: those that are published from now on. */
  readonly after?: number | undefined;
  /** Told what the store or the listener throws. Default: an uncaught error. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Has the tabs and workers of one origin share one state. */
export interface GroupCoordinator {
  /**
   * Carries out an operation while no other tab carries out one on the same group; those that wait come in turn. The group
   * is reloaded before, if another tab changed it. The operation must not wait for another turn on the group.
   * @throws MlsError what `reload` and the operation throw; `ERR_MLS_STORAGE` when what was published cannot be written
   */
  run<G extends SharedGroup, T>(group: G, operation: (turn: Turn, group: G) => Promise<T>): Promise<T>;
  /** Tells the listener what is published in any tab, each event once and in order. @returns what ends it */
  subscribe(
    groupId: Uint8Array,
    listener: (event: GroupEvent) => void,
    options?: SubscriptionOptions,
  ): Promise<() => void>;
  /** Deletes the events of a group that was deleted. */
  forget(groupId: Uint8Array): Promise<void>;
  /** Ends all subscriptions. A turn that has begun ends. Harmless when repeated. */
  close(): void;
}

/**
 * Coordinates what several tabs, workers and service workers do with the groups in one store: Web Locks give turns, the
 * store keeps what is published, and a BroadcastChannel rings when there is something new.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` without Web Locks or BroadcastChannel, `ERR_MLS_USAGE`
 */
export function groupCoordinator(options: GroupCoordinatorOptions): GroupCoordinator {
  const { storage, name, keep = 1000 } = optionsArgument("options", options, ["storage", "name", "keep"]);
  functionArgument("options.storage.write", (storage as { readonly write?: unknown } | undefined)?.write);
  numberArgument("options.keep", keep, 1);
  // Not in every runtime, whatever the types say.
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  if (locks === undefined || typeof (globalThis.BroadcastChannel as unknown) !== "function") {
    throw new MlsError("ERR_MLS_UNSUPPORTED_RUNTIME", "this runtime has no Web Locks or no BroadcastChannel");
  }
  return new TabCoordinator(storage, `openmls:${nameArgument("options.name", name)}`, keep, locks);
}

class TabCoordinator implements GroupCoordinator {
  readonly #storage: StorageProvider;
  readonly #name: string;
  readonly #keep: number;
  readonly #locks: LockManager;
  readonly #bell: BroadcastChannel;
  /** Group id in hexadecimal → who listens. */
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  #closed = false;

  constructor(storage: StorageProvider, name: string, keep: number, locks: LockManager) {
    this.#storage = storage;
    this.#name = name;
    this.#keep = keep;
    this.#locks = locks;
    this.#bell = new BroadcastChannel(name);
    this.#bell.onmessage = ({ data }: MessageEvent<unknown>) => this.#wake(data);
  }

  async run<G extends SharedGroup, T>(group: G, operation: (turn: Turn, group: G) => Promise<T>): Promise<T> {
    const groupId = bytesArgument("group.groupId", (group as G | undefined)?.groupId);
    functionArgument("operation", operation);
    const id = bytesToHex(groupId);
    const turn = async (): Promise<T> => {
      this.#check();
      await group.reload?.();
      const journal = this.#journal(groupId);
      const publishing = new PublishingTurn(journal, await journal.head());
      try {
        const result = await operation(publishing, group);
        await publishing.end();
        return result;
      } finally {
        this.#ring(id);
      }
    };
    this.#check();
    const outcome = await this.#withLock(id, turn);
    if (outcome.status === "rejected") {
      throw outcome.reason;
    }
    return outcome.value;
  }

  async subscribe(
    groupId: Uint8Array,
    listener: (event: GroupEvent) => void,
    options: SubscriptionOptions = {},
  ): Promise<() => void> {
    const owner = bytesArgument("groupId", groupId);
    functionArgument("listener", listener);
    const { after, onError = throwLater } = optionsArgument("options", options, ["after", "onError"]);
    this.#check();
    const journal = this.#journal(owner);
    const position = after === undefined ? await journal.head() : numberArgument("options.after", after);
    this.#check();
    const subscription = new Subscription(journal, position, listener, onError);
    const id = bytesToHex(owner);
    const others = this.#subscriptions.get(id) ?? new Set();
    this.#subscriptions.set(id, others.add(subscription));
    void subscription.wake();
    return () => {
      subscription.close();
      others.delete(subscription);
    };
  }

  async forget(groupId: Uint8Array): Promise<void> {
    await this.#journal(bytesArgument("groupId", groupId)).erase();
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#bell.close();
      this.#subscriptions.forEach((group) => group.forEach((subscription) => subscription.close()));
      this.#subscriptions.clear();
    }
  }

  /** What the turn gives or throws; what the browser itself says against it is ours to report. */
  async #withLock<T>(id: string, turn: () => Promise<T>): Promise<PromiseSettledResult<T>> {
    try {
      const [outcome] = await this.#locks.request(`${this.#name}:${id}`, async () =>
        Promise.allSettled([turn()]),
      );
      return outcome;
    } catch (error) {
      throw storageError(error);
    }
  }

  #journal(groupId: Uint8Array): Journal {
    return new Journal(this.#storage, groupId, this.#keep);
  }

  #check(): void {
    if (this.#closed) {
      throw failure("closed");
    }
  }

  /** A channel does not hear itself. */
  #ring(id: string): void {
    if (!this.#closed) {
      this.#bell.postMessage(id);
      this.#wake(id);
    }
  }

  /** @param id what came over the channel, where anybody of the origin may write */
  #wake(id: unknown): void {
    if (typeof id === "string") {
      this.#subscriptions.get(id)?.forEach((subscription) => void subscription.wake());
    }
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
