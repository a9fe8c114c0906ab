import { type CredentialWithKey, MlsGroup } from "@openmls-ts/mls-core";
import {
  bytesArgument,
  equalBytes,
  isMlsError,
  type MlsProvider,
  MlsError,
  numberArgument,
  optionsArgument,
  type Signer,
  utf8,
} from "@openmls-ts/traits";
import { addressOf } from "./address.ts";
import { type Context, deviceOf, userOf } from "./context.ts";
import type { DeliveryService } from "./delivery-service.ts";
import { GroupSession } from "./group-session.ts";
import { GroupStore } from "./group-store.ts";
import { beginLink, takeWelcome } from "./joining.ts";
import { fillPool, type PoolOptions } from "./key-packages.ts";
import { type ClientEvent, type ClientEventKind } from "./events.ts";
import { Lease } from "./lease.ts";
import { inboxRecord, numberId } from "./records.ts";
import { type Seams, systemSeams } from "./seams.ts";
import { key, records, Tables } from "./tables.ts";

/** What a client is made of. */
export interface ClientOptions {
  /** Over any store; the client's records lie in tables that begin with `client_`. */
  readonly provider: MlsProvider;
  readonly signer: Signer;
  /** Of a basic credential the identity is the user's name. */
  readonly identity: CredentialWithKey;
  readonly deliveryService: DeliveryService;
  /** Of groups that are made, and of key packages. Default: 1. */
  readonly cipherSuite?: number;
  readonly pool?: Partial<PoolOptions>;
  readonly seams?: Partial<Seams>;
}

/** A group as the application has it. */
export interface ClientGroup {
  readonly groupId: Uint8Array;
  readonly state: GroupStore["state"];
  readonly epoch: bigint;
  readonly members: readonly { readonly user: string; readonly device: Uint8Array }[];
}

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
  return new Client(ctx, { ...POOL, ...given.pool }, waiting);
}

/** The session of one device. @see openClient */
export class Client {
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

  /** @internal */
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

  /** Begins to work until {@link close}: reads, sends, commits, keeps key packages at the service. */
  start(): void {
    this.#hints ??= this.#ctx.service.hints(() => this.#nudge());
    this.#running ??= this.#run();
  }

  /** Ends the work after the step that is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#nudge();
    this.#hints?.close();
    await this.#running;
    this.#ctx.notify();
    await this.#lease.release().catch(() => undefined);
  }

  /** Makes a group of this device. It is known to the service as soon as that can be reached. @returns its id */
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

  /** All groups that the store knows of. */
  async groups(): Promise<readonly ClientGroup[]> {
    const groups: ClientGroup[] = [];
    for (const groupId of await this.#ctx.provider.storage.listOwners(Tables.group)) {
      groups.push(await this.group(groupId));
    }
    return groups;
  }

  /** @throws MlsError `ERR_MLS_GROUP_NOT_FOUND` */
  async group(groupId: Uint8Array): Promise<ClientGroup> {
    const store = await this.#store(groupId);
    const group = await MlsGroup.load(this.#ctx.provider, groupId);
    const members = group?.members().map((member) => deviceOf(this.#ctx, member)) ?? [];
    await group?.close();
    return { groupId: new Uint8Array(groupId), state: store.state, epoch: group?.epoch ?? 0n, members };
  }

  /** Puts a message on its way. It is in the store when this resolves, and sent as soon as it can be. */
  async send(groupId: Uint8Array, data: Uint8Array | string): Promise<void> {
    const body = typeof data === "string" ? utf8(data) : bytesArgument("data", data);
    await this.#write(groupId, async (session) => session.send(body));
  }

  /** Wishes that all devices of users are members. */
  async invite(groupId: Uint8Array, ...users: readonly string[]): Promise<void> {
    for (const user of users) await this.#write(groupId, async (session) => session.wish("invite", user));
  }

  /** Wishes that the present devices of users are no members any more. */
  async remove(groupId: Uint8Array, ...users: readonly string[]): Promise<void> {
    for (const user of users) await this.#write(groupId, async (session) => session.wish("remove", user));
  }

  /** Wishes that this device has new keys. */
  async rotateKeys(groupId: Uint8Array): Promise<void> {
    await this.#write(groupId, async (session) => session.wish("rotate", this.user));
  }

  /** Wishes to be out. Nothing more is sent; another member's commit does it. */
  async leave(groupId: Uint8Array): Promise<void> {
    await this.#write(groupId, async (session) => session.wish("leave", this.user));
  }

  /** Joins from outside, by the id of a group whose service lets this device read its GroupInfo. */
  async joinByLink(groupId: Uint8Array): Promise<void> {
    await this.#serial(async () => {
      const known = await GroupStore.load(this.#ctx, groupId);
      if (known?.state === "active") throw new MlsError("ERR_MLS_GROUP_EXISTS", "a member already");
      await beginLink(this.#ctx, groupId, known);
      this.#sessions.delete(String(groupId));
    });
    this.#nudge();
  }

  /** Comes back into a group that is stuck, by a commit from outside that takes the old leaf out. */
  async resync(groupId: Uint8Array): Promise<void> {
    await this.#serial(async () => {
      await beginLink(this.#ctx, groupId, await this.#store(groupId));
      this.#sessions.delete(String(groupId));
    });
    this.#nudge();
  }

  /** Codes for people to compare: equal exactly where two members are in one and the same epoch. */
  async verificationCode(groupId: Uint8Array): ReturnType<GroupSession["code"]> {
    return this.#serial(async () => (await this.#session(groupId)).code());
  }

  /**
   * What happened, each once: what was not `done()` is given again to who asks under the same name.
   * @param consumer who asks; each has a place of its own. Default: `app`
   */
  async *events(consumer = "app"): AsyncGenerator<ClientEvent, void> {
    const given = new Map<string, Uint8Array>(); // by group: what was given here is not given twice here
    for (;;) {
      const news = new Promise<void>((resolve) => this.#waiting.add(resolve));
      let found = false;
      for (const event of await this.#unread(consumer, given)) {
        found = true;
        given.set(String(event.groupId), event.id);
        yield event;
      }
      if (found) continue;
      if (this.#closing.signal.aborted) return;
      await news;
    }
  }

  /** One round of everything, for who has a loop of its own. @returns whether something was done that may lead to more */
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

  async #unread(consumer: string, given: ReadonlyMap<string, Uint8Array>): Promise<ClientEvent[]> {
    const { storage } = this.#ctx.provider;
    const owner = utf8(consumer);
    const events: ClientEvent[] = [];
    for (const groupId of await storage.listOwners(Tables.inbox)) {
      const stored = await storage.get(key(Tables.consumer, owner, groupId));
      const at = given.get(String(groupId)) ?? stored ?? numberId(0n);
      for (const {
        key: { id },
        value,
      } of await records(storage, Tables.inbox, groupId)) {
        if (!isAfter(id, at)) continue;
        const { kind, user, device, by, time, epoch, body, reason } = inboxRecord.read(value);
        events.push({
          groupId: new Uint8Array(groupId),
          id,
          kind: kind as ClientEventKind,
          user,
          device,
          by,
          time,
          epoch,
          data: body,
          reason,
          done: async () =>
            storage.write({ puts: [{ key: key(Tables.consumer, owner, groupId), value: id }] }),
        });
      }
    }
    return events;
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

function isAfter(id: Uint8Array, at: Uint8Array): boolean {
  for (const [i, octet] of id.entries()) {
    const other = at[i] ?? 0;
    if (octet !== other) return octet > other;
  }
  return !equalBytes(id, at) && id.length > at.length;
}
