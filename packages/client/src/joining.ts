import { MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { isMlsError } from "@openmls-ts/traits";
import { type Context, deviceOf } from "./context.ts";
import { type MailItem, refusedBy } from "./delivery-service.ts";
import { inboxEvent } from "./events.ts";
import { isStorageFailure, reasonOf } from "./failures.ts";
import { GroupStore } from "./group-store.ts";
import { GROUP_STATES } from "./records.ts";

const ACTIVE = GROUP_STATES.indexOf("active");

/** A group with the client's records of it. */
export interface Joined {
  readonly store: GroupStore;
  readonly group: MlsGroup;
}

/**
 * Deals with a Welcome: joins, in one batch with what is told, or finds that there is nothing to join by it.
 * @param known the records of a group of this id, if there are some
 * @returns whether the Welcome is done with, and what was joined
 */
export async function takeWelcome(
  ctx: Context,
  { groupId, seq, welcome }: MailItem,
  known: GroupStore | undefined,
): Promise<{ readonly done: boolean; readonly joined?: Joined }> {
  const inside = known?.state === "active" || known?.state === "stuck";
  if (known !== undefined && inside && known.record.cursor >= seq) {
    return { done: true }; // joined by it, or past it
  }
  if (known !== undefined && known.record.cursor > seq) {
    return { done: true }; // out again since; a commit that removes and adds at one place is not past
  }
  if (known?.state === "active") {
    return { done: false }; // the log brings our removal first
  }
  const store = known ?? GroupStore.fresh(ctx, groupId, "active", seq);
  try {
    if (known !== undefined) await MlsGroup.deleteStored(ctx.provider, groupId);
    const staged = await StagedWelcome.fromWelcome(ctx.provider, welcome);
    const inviter = staged.leafNode(staged.sender);
    const sender = inviter === undefined ? "" : deviceOf(ctx, inviter).user;
    const authenticator = staged.nextEpoch.epochAuthenticator;
    const { epoch } = staged.groupContext;
    const prepared = store.prepare({
      change: {
        state: ACTIVE,
        cursor: seq,
        digest: ctx.suite.hash(authenticator),
        recent: new Uint8Array(),
        stream: ctx.seams.random(8),
        counter: 0n,
        why: "",
      },
      events: [inboxEvent("invited", { ...ctx.own, by: sender, time: ctx.seams.now(), epoch })],
    });
    const group = await staged.intoGroup({ alsoWrite: () => prepared.batch });
    prepared.written();
    return { done: true, joined: { store, group } };
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    if (isMlsError(error, "ERR_MLS_GROUP_EXISTS")) return { done: true };
    const reason = reasonOf(error);
    if (known !== undefined) {
      await store.write({
        events: [inboxEvent("unreadable", { time: ctx.seams.now(), reason: `Welcome: ${reason}` })],
      });
    }
    return { done: true };
  }
}

/** Begins to join from outside, or to come back into a group whose state is of no use: the commit is in the store before it is sent. */
export async function beginLink(
  ctx: Context,
  groupId: Uint8Array,
  known: GroupStore | undefined,
): Promise<GroupStore> {
  const { groupInfo, seq } = await ctx.service.groupInfo(groupId);
  const store = known ?? GroupStore.fresh(ctx, groupId, "joining", seq);
  const prepared = store.prepare({ change: { state: GROUP_STATES.indexOf("joining"), cursor: seq } });
  await MlsGroup.joinByExternalCommit(ctx.provider, ctx.signer, {
    groupInfo,
    credentialWithKey: ctx.identity,
    alsoWrite: () => prepared.batch,
  });
  prepared.written();
  return store;
}

/**
 * Sends the commit of a join from outside until it is known what became of it.
 * @returns the group once it was accepted; `undefined` to try again later
 */
export async function finishLink(ctx: Context, store: GroupStore): Promise<Joined | undefined> {
  const { groupId } = store;
  const join = await MlsGroup.pendingExternalJoin(ctx.provider, groupId);
  if (join === undefined) {
    await beginLink(ctx, groupId, store);
    return undefined;
  }
  try {
    const { commit } = join;
    // Who comes back takes its old leaf out by the same commit.
    const receipt = await ctx.service.commit({
      groupId,
      basis: store.record.cursor,
      commit,
      added: [],
      removed: [ctx.own.device],
    });
    const prepared = store.prepare({
      change: {
        state: ACTIVE,
        cursor: receipt.seq,
        stream: ctx.seams.random(8),
        counter: 0n,
        recent: new Uint8Array(),
        why: "",
      },
      events: [
        inboxEvent("invited", { ...ctx.own, by: ctx.own.user, time: ctx.seams.now(), epoch: join.epoch }),
      ],
    });
    const group = await join.intoGroup({ alsoWrite: () => prepared.batch });
    prepared.written();
    await store.write({ change: { digest: ctx.suite.hash(group.epochAuthenticator) } });
    return { store, group };
  } catch (error) {
    const code = refusedBy(error);
    if (code === "conflict" || code === "invalid") {
      await join.discard();
      return undefined;
    }
    if (code === undefined && isMlsError(error)) throw error;
    return undefined;
  }
}
