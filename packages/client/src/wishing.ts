import { type MlsGroup, MlsMessage } from "@openmls-ts/mls-core";
import { bytesToHex, equalBytes, isMlsError } from "@openmls-ts/traits";
import { addressOf } from "./address.ts";
import { type Context, deviceOf, isOwn } from "./context.ts";
import {
  type AddedDevice,
  type DeliveryErrorCode,
  type DeviceRecord,
  refusedBy,
} from "./delivery-service.ts";
import { inboxEvent } from "./events.ts";
import { reasonOf } from "./failures.ts";
import type { Kept } from "./group-store.ts";
import type { Reading } from "./reading.ts";
import { INTENT_KINDS, type InboxRecord, type IntentKind, type IntentRecord } from "./records.ts";

type Intent = Kept<IntentRecord>;

/** What a commit is to do for the wishes that it takes in. */
interface Goal {
  readonly intent: Intent;
  readonly add: readonly Uint8Array[];
  readonly remove: readonly number[];
}

const kindOf = ({ value }: Intent): IntentKind => INTENT_KINDS[value.kind] ?? "rotate";

/**
 * Turns wishes into a commit that is pending. Goals are judged anew in each epoch: what is so already is done with.
 * @param proposals whether proposals of others are to be committed without any wish
 * @returns whether a commit is pending now
 */
export async function build(reading: Reading, proposals: boolean): Promise<boolean> {
  const { ctx, store } = reading;
  const now = ctx.seams.now();
  const wishes = (await store.intents()).filter((intent) => kindOf(intent) !== "leave");
  const goals: Goal[] = [];
  for (const intent of wishes) {
    if (intent.value.expiry <= now) await finish(reading, intent, "expired", "");
    else if (intent.value.notBefore <= now) {
      const goal = await judge(reading, intent);
      if (goal !== undefined) goals.push(goal);
    }
  }
  if (goals.length === 0 && !proposals) return false;
  try {
    await commit(reading, goals);
    return true;
  } catch (error) {
    if (isMlsError(error, "ERR_MLS_PENDING_COMMIT")) return true;
    const reason = reasonOf(error);
    if (goals.length === 1) {
      await finish(reading, goals[0]!.intent, "refused", reason);
      return false;
    }
    // One of them spoils it: they go one by one.
    for (const goal of goals) {
      try {
        await commit(reading, [goal]);
        return true;
      } catch (cause) {
        await finish(reading, goal.intent, "refused", reasonOf(cause));
      }
    }
    return false;
  }
}

async function commit({ ctx, store, group }: Reading, goals: readonly Goal[]): Promise<void> {
  const builder = group.commit().forceSelfUpdate().createGroupInfo();
  const add = goals.flatMap((goal) => goal.add);
  const remove = goals.flatMap((goal) => goal.remove);
  if (add.length > 0) builder.addMembers(add);
  if (remove.length > 0) builder.removeMembers([...new Set(remove)]);
  let written = (): void => undefined;
  builder.alsoWrite((result) => {
    const hash = ctx.suite.hash(result.commit);
    const prepared = store.prepare({
      puts: goals.map(({ intent: { id, value } }) =>
        store.intentPut({ id, value: { ...value, state: 1, commit: hash } }),
      ),
    });
    written = prepared.written;
    return prepared.batch;
  });
  await builder.build(ctx.signer);
  written();
}

/** What is left to do for a wish; nothing where it has ended, which is told. */
async function judge(reading: Reading, intent: Intent): Promise<Goal | undefined> {
  switch (kindOf(intent)) {
    case "invite":
      return judgeInvite(reading, intent);
    case "remove": {
      const { ctx, group } = reading;
      const remove = membersWith(ctx, group, intent.value.instances);
      if (remove.length > 0) return { intent, add: [], remove };
      await finish(reading, intent, "satisfied", "remove");
      return undefined;
    }
    default:
      return { intent, add: [], remove: [] };
  }
}

/** Leaf indices of members by address. */
function membersWith(ctx: Context, group: MlsGroup, addresses: readonly Uint8Array[]): number[] {
  return group
    .members()
    .filter((member) => {
      const { device } = deviceOf(ctx, member);
      return addresses.some((address) => equalBytes(address, device));
    })
    .map(({ leafIndex }) => leafIndex);
}

async function judgeInvite(reading: Reading, intent: Intent): Promise<Goal | undefined> {
  const { ctx, group } = reading;
  const { user } = intent.value;
  const there = new Set(group.members().map((member) => bytesToHex(deviceOf(ctx, member).device)));
  let devices: readonly DeviceRecord[];
  try {
    devices = await ctx.service.devices(user);
  } catch {
    return undefined; // asked again later
  }
  const missing = devices.filter(({ device }) => !there.has(bytesToHex(device)));
  if (missing.length === 0) {
    const [outcome, reason] =
      devices.length === 0 ? (["refused", "unknown-user"] as const) : (["satisfied", "invite"] as const);
    await finish(reading, intent, outcome, reason);
    return undefined;
  }
  const carried = await claim(reading, intent, missing);
  if (carried === undefined) return undefined;
  if (carried.value.carried.length === 0) {
    await finish(reading, intent, "refused", "no-key-packages");
    return undefined;
  }
  const wanted = new Set(missing.map(({ device }) => bytesToHex(device)));
  const add = carried.value.carried.filter((bytes) => wanted.has(bytesToHex(addressIn(ctx, bytes))));
  return add.length === 0 ? undefined : { intent: carried, add, remove: [] };
}

/** Key packages for devices: those claimed before, or new ones under the wish's own id, which repeats as the same claim. */
async function claim(
  { ctx, store }: Reading,
  intent: Intent,
  missing: readonly DeviceRecord[],
): Promise<Intent | undefined> {
  const have = new Set(intent.value.carried.map((bytes) => bytesToHex(addressIn(ctx, bytes))));
  const without = missing.filter(({ device }) => !have.has(bytesToHex(device)));
  if (without.length === 0) return intent;
  const devices = without.map(({ device }) => device);
  try {
    const claimed = await ctx.service.claimKeyPackages({
      id: intent.id,
      cipherSuite: ctx.cipherSuite,
      devices,
    });
    const fresh = claimed.flatMap(({ device, keyPackage }) =>
      // A package of another device is none for this one, whatever the service says.
      keyPackage !== undefined && equalBytes(addressIn(ctx, keyPackage), device) ? [keyPackage] : [],
    );
    const next = { id: intent.id, value: { ...intent.value, carried: [...intent.value.carried, ...fresh] } };
    await store.write({ puts: [store.intentPut(next)] });
    return next;
  } catch (error) {
    if (refusedBy(error) === undefined) return undefined;
    return { ...intent, value: { ...intent.value, carried: [] } };
  }
}

/** The address of the device that a key package is of. */
function addressIn({ suite }: Context, keyPackage: Uint8Array): Uint8Array {
  try {
    const read = MlsMessage.read(keyPackage);
    return read.kind === "keyPackage" ? addressOf(suite, read.leafNode.signatureKey) : new Uint8Array();
  } catch {
    return new Uint8Array();
  }
}

/** Ends a wish, once. */
async function finish(
  { ctx, store }: Reading,
  { id, value }: Intent,
  outcome: "satisfied" | "refused" | "expired",
  reason: string,
): Promise<void> {
  const events = [inboxEvent(outcome, { user: value.user, time: ctx.seams.now(), reason })];
  await store.write({ events, deletes: [store.intentKey(id)] });
}

const FINAL: readonly DeliveryErrorCode[] = ["invalid", "too-large", "not-allowed", "unknown-group"];

/**
 * Sends the pending commit with all that goes with it; the same bytes however often. Whether it was taken the log tells.
 * @returns whether there is something new to read
 */
export async function sendCommit({ ctx, store, group }: Reading): Promise<boolean> {
  const bundle = group.pendingCommitBundle;
  const summary = group.pendingCommit;
  if (bundle === undefined || summary === undefined) return false;
  const added: AddedDevice[] = bundle.welcomed.map(({ leafIndex, keyPackageRef }) => {
    const { leafNode } = summary.added.find((one) => one.leafIndex === leafIndex)!;
    return { device: deviceOf(ctx, leafNode).device, leafIndex, keyPackageRef };
  });
  const removed = summary.removed.map(({ leafNode }) => deviceOf(ctx, leafNode).device);
  const { commit: bytes, welcome, groupInfo } = bundle;
  try {
    await ctx.service.commit({
      groupId: store.groupId,
      basis: store.record.cursor,
      commit: bytes,
      ...(welcome === undefined ? {} : { welcome }),
      ...(groupInfo === undefined ? {} : { groupInfo }),
      added,
      removed,
    });
    return true;
  } catch (error) {
    const code = refusedBy(error);
    if (code === "conflict") return true;
    if (code === undefined || !FINAL.includes(code)) return false;
    await giveUp({ ctx, store, group }, code);
    return true;
  }
}

/** The service will never take it: the wishes in it have ended. */
async function giveUp({ ctx, store, group }: Reading, reason: string): Promise<void> {
  const built = (await store.intents()).filter(({ value }) => value.state === 1);
  const events: InboxRecord[] = built.map(({ value }) =>
    inboxEvent("refused", { user: value.user, time: ctx.seams.now(), reason }),
  );
  const prepared = store.prepare({ events, deletes: built.map(({ id }) => store.intentKey(id)) });
  await group.clearPendingCommit({ alsoWrite: () => prepared.batch });
  prepared.written();
}

/**
 * Asks to be let go, in each epoch anew, until a commit did it.
 * @returns whether this client was the last and is gone
 */
export async function askToLeave({ ctx, store, group }: Reading): Promise<boolean> {
  const leave = (await store.intents()).find((intent) => kindOf(intent) === "leave");
  if (leave === undefined) return false;
  if (group.members().length === 1) return true;
  let [proposal] = leave.value.carried;
  if (proposal === undefined) {
    let written = (): void => undefined;
    const made = await group.leave(ctx.signer, {
      alsoWrite: ({ message }) => {
        const value = { ...leave.value, carried: [message] };
        const prepared = store.prepare({ puts: [store.intentPut({ id: leave.id, value })] });
        written = prepared.written;
        return prepared.batch;
      },
    });
    written();
    proposal = made.message;
  }
  await ctx.service.send(store.groupId, proposal).catch(() => undefined); // again at the next step
  return false;
}

/**
 * How long this client waits before it commits proposals of others, in seconds: each member by its place, so that one does it and the
 * others need not.
 */
export function rankOf({ ctx, group }: Pick<Reading, "ctx" | "group">): number {
  const staying = group.members();
  const own = staying.findIndex((member) => isOwn(ctx, deviceOf(ctx, member).device));
  return (own + Number(group.epoch % BigInt(staying.length))) % staying.length;
}
