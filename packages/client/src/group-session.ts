import { MlsGroup } from "@openmls-ts/mls-core";
import { concatBytes, isMlsError, MlsError } from "@openmls-ts/traits";
import { type Context, deviceOf } from "./context.ts";
import type { Entry, Page } from "./delivery-service.ts";
import { inboxEvent } from "./events.ts";
import type { GroupStore } from "./group-store.ts";
import { finishLink } from "./joining.ts";
import { type Reading, takeIn } from "./reading.ts";
import { GROUP_STATES, INTENT_KINDS, type IntentKind, numberId } from "./records.ts";
import { sendOutbox } from "./sending.ts";
import { type VerificationCode, verificationCode } from "./verification.ts";
import { askToLeave, build, rankOf, sendCommit } from "./wishing.ts";

/** Seconds until a wish is given up. */
const EXPIRY = 86_400n;
/** Seconds that each rank waits before it commits proposals of others. */
const RANK_WAIT = 2n;

/** One group of a client: what is done for it, one step after the other. */
export class GroupSession {
  readonly #ctx: Context;
  readonly #store: GroupStore;
  #group: MlsGroup | undefined;
  /** Since when proposals wait, in seconds; and of which epoch. */
  #waiting: { readonly epoch: bigint; readonly since: bigint } | undefined;

  constructor(ctx: Context, store: GroupStore) {
    this.#ctx = ctx;
    this.#store = store;
  }

  /** Everything that can be done now. @returns whether something changed, so that there may be more to do */
  async step(): Promise<boolean> {
    switch (this.#store.state) {
      case "creating":
        return this.#announce();
      case "joining":
        return this.#link();
      case "active":
        return this.#work();
      default:
        return false;
    }
  }

  async send(body: Uint8Array): Promise<void> {
    this.#requireMember();
    const { counter, stream } = this.#store.record;
    const value = { state: 0, counter: counter + 1n, body, bytes: new Uint8Array() };
    const id = concatBytes(numberId(counter + 1n), stream);
    await this.#store.write({
      change: { counter: counter + 1n },
      puts: [this.#store.outboxPut({ id, value })],
    });
  }

  async wish(kind: IntentKind, user: string): Promise<void> {
    this.#requireMember();
    const now = this.#ctx.seams.now();
    const group = await this.#loaded();
    const instances =
      kind === "remove"
        ? group
            .members()
            .map((member) => deviceOf(this.#ctx, member))
            .filter((one) => one.user === user)
            .map(({ device }) => device)
        : [];
    const value = {
      kind: INTENT_KINDS.indexOf(kind),
      state: 0,
      user,
      instances,
      carried: [],
      commit: new Uint8Array(),
      losses: 0,
      notBefore: now,
      expiry: now + EXPIRY,
    };
    await this.#store.write({ puts: [this.#store.intentPut({ id: this.#ctx.seams.random(16), value })] });
  }

  async code(): Promise<VerificationCode> {
    const group = await this.#loaded();
    const { groupId, epoch, epochAuthenticator } = group;
    return verificationCode(this.#ctx.suite, groupId, epoch, epochAuthenticator);
  }

  /** A call, as what is awaited in between changes it. */
  #isActive(): boolean {
    return this.#store.state === "active";
  }

  #requireMember(): void {
    const { state } = this.#store;
    if (state === "removed" || state === "left") {
      throw new MlsError("ERR_MLS_GROUP_INACTIVE", `the group is ${state}`);
    }
  }

  async #loaded(): Promise<MlsGroup> {
    this.#group ??= await MlsGroup.load(this.#ctx.provider, this.#store.groupId);
    if (this.#group === undefined) {
      throw new MlsError("ERR_MLS_GROUP_INACTIVE", `the group is ${this.#store.state}`);
    }
    return this.#group;
  }

  async #announce(): Promise<boolean> {
    const group = await this.#loaded();
    const { signer, service, cipherSuite } = this.#ctx;
    const groupInfo = await group.exportGroupInfo(signer);
    await service.createGroup({ groupId: this.#store.groupId, cipherSuite, groupInfo });
    const digest = this.#ctx.suite.hash(group.epochAuthenticator);
    await this.#store.write({ change: { state: GROUP_STATES.indexOf("active"), digest } });
    return true;
  }

  async #link(): Promise<boolean> {
    const joined = await finishLink(this.#ctx, this.#store);
    if (joined === undefined) return false;
    this.#group = joined.group;
    await this.wish("rotate", this.#ctx.own.user); // a GroupInfo for who comes next, and keys that no service has seen begin
    return true;
  }

  async #work(): Promise<boolean> {
    const group = await this.#loaded();
    const reading: Reading = { ctx: this.#ctx, store: this.#store, group };
    let changed = await this.#read(reading);
    if (!this.#isActive()) return changed;
    if (group.pendingCommit !== undefined && (await sendCommit(reading))) {
      changed = (await this.#read(reading)) || changed;
    }
    if (!this.#isActive()) return changed;
    const leaving = (await this.#store.intents()).some(({ value }) => INTENT_KINDS[value.kind] === "leave");
    if (leaving) return (await this.#leave(reading)) || changed;
    if (group.pendingCommit === undefined && (await build(reading, this.#isTurn(reading)))) {
      if (await sendCommit(reading)) changed = (await this.#read(reading)) || changed;
    }
    if (!this.#isActive()) return changed;
    const sent = await sendOutbox(reading);
    return (await this.#read(reading)) || changed || sent === "read-first";
  }

  async #leave(reading: Reading): Promise<boolean> {
    if (!(await askToLeave(reading))) return this.#read(reading);
    await this.#ctx.service.leave(this.#store.groupId);
    const { own, seams } = this.#ctx;
    const prepared = this.#store.prepare({
      change: { state: GROUP_STATES.indexOf("left") },
      events: [inboxEvent("left-group", { ...own, time: seams.now() })],
      deletes: (await this.#store.intents()).map(({ id }) => this.#store.intentKey(id)),
    });
    await reading.group.delete({ alsoWrite: () => prepared.batch });
    prepared.written();
    this.#group = undefined;
    return true;
  }

  /** Whether it is this client's turn to commit what others proposed. */
  #isTurn({ group }: Reading): boolean {
    if (group.pendingProposals.length === 0) {
      this.#waiting = undefined;
      return false;
    }
    const now = this.#ctx.seams.now();
    if (this.#waiting?.epoch !== group.epoch) this.#waiting = { epoch: group.epoch, since: now };
    const rank = BigInt(rankOf({ ctx: this.#ctx, group }));
    return now - this.#waiting.since >= rank * RANK_WAIT;
  }

  /** Reads the log to its end. @returns whether anything was there */
  async #read(reading: Reading): Promise<boolean> {
    const { service } = this.#ctx;
    const { groupId } = this.#store;
    let changed = false;
    while (this.#isActive()) {
      const page = await service.read(groupId, this.#store.record.cursor);
      for (const entry of inOrder(page, this.#store.record.cursor)) {
        await this.#take(reading, entry);
        changed = true;
        if (!this.#isActive()) break;
      }
      if (this.#store.record.cursor >= page.head) break;
    }
    if (changed) await service.acknowledge(groupId, this.#store.record.cursor).catch(() => undefined);
    return changed;
  }

  async #take(reading: Reading, entry: Entry | bigint): Promise<void> {
    if (typeof entry === "bigint") {
      const events = [inboxEvent("missing", { reason: "expired" })];
      await this.#store.write({ change: { cursor: entry }, events });
      return;
    }
    try {
      await takeIn(reading, entry);
    } catch (error) {
      if (!isMlsError(error, "ERR_MLS_STORAGE_CONFLICT")) throw error;
      // Somebody else on this store was first: what it did is what is.
      await reading.group.reload();
      await this.#store.reload();
    }
  }
}

/** The entries of a page, or the end of a hole, one after the other. @throws MlsError for a page with a gap */
function* inOrder({ entries, holes, through }: Page, after: bigint): Generator<Entry | bigint> {
  const byPlace = new Map<bigint, Entry>(entries.map((entry) => [entry.seq, entry]));
  let at = after;
  while (at < through) {
    const entry = byPlace.get(at + 1n);
    const hole = holes.find(({ from, to }) => from <= at + 1n && at + 1n <= to);
    if (entry !== undefined) {
      yield entry;
      at += 1n;
    } else if (hole !== undefined) {
      at = hole.to < through ? hole.to : through;
      yield at;
    } else {
      throw new MlsError("ERR_MLS_STORAGE", "the service left something out", {
        details: { place: at + 1n },
      });
    }
  }
}
