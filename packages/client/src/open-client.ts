import { MlsGroup } from "@openmls-ts/mls-core";
import {
  bytesArgument,
  isMlsError,
  type MlsProvider,
  MlsError,
  numberArgument,
  optionsArgument,
  utf8,
} from "@openmls-ts/traits";
import { addressOf } from "./address.ts";
import { type Context, deviceOf, userOf } from "./context.ts";
import { GroupSession } from "./group-session.ts";
import { GroupStore } from "./group-store.ts";
import { beginLink, takeWelcome } from "./joining.ts";
import { fillPool, type PoolOptions } from "./key-packages.ts";
import type { Client, ClientGroup, ClientOptions } from "./client.ts";
import type { ClientEvent } from "./events.ts";
import { unread } from "./inbox.ts";
import type { VerificationCode } from "./verification.ts";
import { Lease } from "./lease.ts";
import { systemSeams } from "./seams.ts";
import { Tables } from "./tables.ts";

const POOL: PoolOptions = { target: 32, low: 8 };
/** Milliseconds between looks at the service without a hint. */
const POLL = 2000;

/** The address of the device that signs with a key: what it is registered under at the service. */
export async function deviceAddress(provider: MlsProvider, signatureKey: Uint8Array): Promise<Uint8Array> {
  return addressOf(await provider.crypto.cipherSuite(1), signatureKey);
}

/**
 * Opens the client of one device on its store. Several may be opened on one store: one of them leads, the others write wishes and read
 * events.
 * @throws MlsError `ERR_MLS_USAGE`, `ERR_MLS_STORAGE`
 */
export async function openClient(options: ClientOptions): Promise<Client> {
  const given = optionsArgument<ClientOptions>("options", options, [
    "provider",
    "signer",
    "identity",
    "deliveryService",
    "cipherSuite",
    "pool",
    "seams",
  ]);
  const { provider, signer, identity, deliveryService, cipherSuite = 1 } = given;
  numberArgument("options.cipherSuite", cipherSuite, 1, 0xffff);
  const suite = await provider.crypto.cipherSuite(1);
  const own = { user: userOf(identity.credential), device: addressOf(suite, identity.signatureKey) };
  const waiting = new Set<() => void>();
  const ctx: Context = {
    provider,
    signer,
    identity,
    cipherSuite,
    suite,
    service: deliveryService,
    seams: { ...systemSeams, ...given.seams },
    own,
    notify: () => {
      waiting.forEach((wake) => wake());
      waiting.clear();
    },
  };
  return new OpenClient(ctx, { ...POOL, ...given.pool }, waiting);
}

class OpenClient implements Client {
  readonly #ctx: Context;
  readonly #pool: PoolOptions;
  readonly #waiting: Set<() => void>;
  readonly #sessions = new Map<string, GroupSession>();
  readonly #lease: Lease;
  readonly #closing = new AbortController();
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #hints: { close(): void } | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(ctx: Context, pool: PoolOptions, waiting: Set<() => void>) {
    this.#ctx = ctx;
    this.#pool = pool;
    this.#waiting = waiting;
    this.#lease = new Lease(ctx);
  }

  get user(): string {
    return this.#ctx.own.user;
  }

  get device(): Uint8Array {
    return new Uint8Array(this.#ctx.own.device);
  }

  start(): void {
    this.#hints ??= this.#ctx.service.hints(() => this.#nudge());
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#nudge();
    this.#hints?.close();
    await this.#running;
    this.#ctx.notify();
    await this.#lease.release().catch(() => undefined);
  }

  async createGroup(): Promise<Uint8Array> {
    const groupId = this.#ctx.seams.random(16);
    const { provider, signer, identity, cipherSuite } = this.#ctx;
    const store = GroupStore.fresh(this.#ctx, groupId, "creating", 0n);
    const prepared = store.prepare({});
    await MlsGroup.create(provider, signer, identity, {
      cipherSuite,
      groupId,
      alsoWrite: () => prepared.batch,
    });
    prepared.written();
    this.#nudge();
    return groupId;
  }

  async groups(): Promise<readonly ClientGroup[]> {
    const groups: ClientGroup[] = [];
    for (const groupId of await this.#ctx.provider.storage.listOwners(Tables.group)) {
      groups.push(await this.group(groupId));
    }
    return groups;
  }

  async group(groupId: Uint8Array): Promise<ClientGroup> {
    const store = await this.#store(groupId);
    const group = await MlsGroup.load(this.#ctx.provider, groupId);
    const members = group?.members().map((member) => deviceOf(this.#ctx, member)) ?? [];
    await group?.close();
    return { groupId: new Uint8Array(groupId), state: store.state, epoch: group?.epoch ?? 0n, members };
  }

  async send(groupId: Uint8Array, data: Uint8Array | string): Promise<void> {
    const body = typeof data === "string" ? utf8(data) : bytesArgument("data", data);
    await this.#write(groupId, async (session) => session.send(body));
  }

  async invite(groupId: Uint8Array, ...users: readonly string[]): Promise<void> {
    for (const user of users) await this.#write(groupId, async (session) => session.wish("invite", user));
  }

  async remove(groupId: Uint8Array, ...users: readonly string[]): Promise<void> {
    for (const user of users) await this.#write(groupId, async (session) => session.wish("remove", user));
  }

  async rotateKeys(groupId: Uint8Array): Promise<void> {
    await this.#write(groupId, async (session) => session.wish("rotate", this.user));
  }

  async leave(groupId: Uint8Array): Promise<void> {
    await this.#write(groupId, async (session) => session.wish("leave", this.user));
  }

  async joinByLink(groupId: Uint8Array): Promise<void> {
    await this.#serial(async () => {
      const known = await GroupStore.load(this.#ctx, groupId);
      if (known?.state === "active") throw new MlsError("ERR_MLS_GROUP_EXISTS", "a member already");
      await beginLink(this.#ctx, groupId, known);
      this.#sessions.delete(String(groupId));
    });
    this.#nudge();
  }

  async resync(groupId: Uint8Array): Promise<void> {
    await this.#serial(async () => {
      await beginLink(this.#ctx, groupId, await this.#store(groupId));
      this.#sessions.delete(String(groupId));
    });
    this.#nudge();
  }

  async verificationCode(groupId: Uint8Array): Promise<VerificationCode> {
    return this.#serial(async () => (await this.#session(groupId)).code());
  }

  async *events(consumer = "app"): AsyncGenerator<ClientEvent, void> {
    const given = new Map<string, Uint8Array>(); // by group: what was given here is not given twice here
    for (;;) {
      const news = new Promise<void>((resolve) => this.#waiting.add(resolve));
      let found = false;
      for (const event of await unread(this.#ctx.provider.storage, consumer, given)) {
        found = true;
        given.set(String(event.groupId), event.id);
        yield event;
      }
      if (found) continue;
      if (this.#closing.signal.aborted) return;
      await news;
    }
  }

  async step(): Promise<boolean> {
    return this.#serial(async () => {
      if (!(await this.#lease.hold())) return false;
      const done = [await this.#quietly(async () => this.#mail())];
      for (const groupId of await this.#ctx.provider.storage.listOwners(Tables.group)) {
        done.push(await this.#quietly(async () => (await this.#session(groupId)).step(), groupId));
      }
      await this.#quietly(async () => fillPool(this.#ctx, this.#pool).then(() => false));
      return done.includes(true);
    });
  }

  async #run(): Promise<void> {
    while (!this.#isClosing()) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      const busy = await this.step().catch(() => false);
      if (!busy && !this.#isClosing()) await this.#ctx.seams.sleep(POLL, woken.signal);
    }
  }

  /** A call, as what is awaited in between changes it. */
  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  #nudge(): void {
    this.#wake?.();
  }

  /** What fails is tried again at the next round: the service, a store that is full, another writer. */
  async #quietly(work: () => Promise<boolean>, groupId?: Uint8Array): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      if (groupId !== undefined) this.#sessions.delete(String(groupId));
      return isMlsError(error, "ERR_MLS_STORAGE_CONFLICT");
    }
  }

  async #mail(): Promise<boolean> {
    const { service } = this.#ctx;
    let busy = false;
    for (const item of await service.mail()) {
      const known = await GroupStore.load(this.#ctx, item.groupId);
      const { done, joined } = await takeWelcome(this.#ctx, item, known);
      if (joined !== undefined) this.#sessions.delete(String(item.groupId));
      if (done) await service.acknowledgeMail([item.hash]);
      busy ||= joined !== undefined;
    }
    return busy;
  }

  async #store(groupId: Uint8Array): Promise<GroupStore> {
    const store = await GroupStore.load(this.#ctx, bytesArgument("groupId", groupId));
    if (store === undefined) throw new MlsError("ERR_MLS_GROUP_NOT_FOUND", "no such group");
    return store;
  }

  async #session(groupId: Uint8Array): Promise<GroupSession> {
    const name = String(groupId);
    const known = this.#sessions.get(name);
    if (known !== undefined) return known;
    const session = new GroupSession(this.#ctx, await this.#store(groupId));
    this.#sessions.set(name, session);
    return session;
  }

  /** Writes a wish or a message; another process may write at the same moment. */
  async #write(groupId: Uint8Array, work: (session: GroupSession) => Promise<void>): Promise<void> {
    await this.#serial(async () => {
      for (let attempt = 0; ; attempt++) {
        const session = await this.#session(groupId);
        try {
          await work(session);
          return;
        } catch (error) {
          this.#sessions.delete(String(groupId));
          if (!isMlsError(error, "ERR_MLS_STORAGE_CONFLICT") || attempt === 8) throw error;
        }
      }
    });
    this.#nudge();
  }

  /** One thing at a time: a session is read and written by one caller. */
  async #serial<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
