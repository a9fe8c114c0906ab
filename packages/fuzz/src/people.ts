import { MlsGroup } from "@openmls-ts/mls-core";
import type { MemoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import type { Checker } from "./checker.ts";
import { type Client, client, createGroup, type Inside, joinFrom, keyPackageOf, loadInside } from "./core.ts";
import { Failure } from "./failure.ts";
import type { Random } from "./random.ts";
import { seededCrypto } from "./seeded-crypto.ts";

/** A client in a group. */
export interface Player extends Client {
  group: MlsGroup;
}

/** Alice, Bob, Charlie and Mallory at leaves 0 to 3, and how to get more clients. */
export interface People {
  readonly alice: Player;
  readonly bob: Player;
  readonly charlie: Player;
  /** The insider. */
  readonly mallory: Player;
  /** Somebody who is in no group. */
  readonly newcomer: (name: string) => Promise<Client>;
}

/** The time, which stands still. */
const NOW = 1_800_000_000n;

/** A group of four. @param random decides about all keys */
export async function people(random: Random): Promise<People> {
  const crypto = seededCrypto(random);
  const newcomer = async (name: string): Promise<Client> =>
    client(name, crypto, 1, {
      clock: { now: () => NOW },
      limits: { maxLifetime: 0xffff_ffff_ffff_ffffn },
    });
  const config = { handshake: "public", maxPastEpochs: 2 } as const;
  const [alice, bob, charlie, mallory] = [
    await newcomer("alice"),
    await newcomer("bob"),
    await newcomer("charlie"),
    await newcomer("mallory"),
  ];
  const group = await createGroup(alice, config);
  const packages = [];
  for (const one of [bob, charlie, mallory]) packages.push(await keyPackageOf(one));
  await group.addMembers(alice.signer, packages);
  const { welcome } = await group.mergePendingCommit();
  const join = async (who: Client): Promise<Player> => {
    return { ...who, group: await joinFrom(who, welcome, config) };
  };
  return {
    alice: { ...alice, group },
    bob: await join(bob),
    charlie: await join(charlie),
    mallory: await join(mallory),
    newcomer,
  };
}

/** All keys and secrets of a member, as its store has them. */
export async function insideOf({ provider, group }: Player): Promise<Inside> {
  return loadInside(provider, group.groupId);
}

/** What a message uses up that was really sent by a member, whatever it says (RFC 9420 §9.2). */
const USED_UP: readonly string[] = ["message_key", "group_revision"];

/** The records of a store, a line for each. @param without tables that may change */
export function recordsOf(storage: MemoryStorage, without: readonly string[] = []): string {
  return storage
    .entries()
    .filter(({ key }) => !without.includes(key.table))
    .map(({ key, value }) => [key.table, ...[key.owner, key.id, value].map(bytesToHex)].join(" "))
    .join("\n");
}

/** What all members of an epoch have in common, a line for each part. */
export function sharedState(group: MlsGroup): string {
  return [
    `epoch ${group.epoch}`,
    `authenticator ${bytesToHex(group.epochAuthenticator)}`,
    `exported ${bytesToHex(group.exportSecret("fuzz", utf8("context"), 32))}`,
    `tree ${bytesToHex(group.exportRatchetTree())}`,
  ].join("\n");
}

/**
 * Memory and store of a member, a line for each part.
 * @param sealed whether keys may be used up, by a message that an insider sealed properly
 */
export function stateOf({ group, storage }: Player, sealed = false): string {
  const { groupContext, config, ownLeafIndex, isActive, pendingCommit, knownProposals, pendingProposals } =
    group;
  const known = [groupContext, config, ownLeafIndex, isActive, pendingCommit, knownProposals.length];
  return [
    sharedState(group),
    ...known.map((part) => JSON.stringify(part, plain)),
    `wanted ${pendingProposals.length}`,
    recordsOf(storage, sealed ? USED_UP : []),
  ].join("\n");
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** That members of one epoch know the same. @throws Failure */
export function expectAgreement(groups: readonly MlsGroup[]): void {
  const states = groups.map(sharedState);
  const other = states.findIndex((state) => state !== states[0]);
  if (other > 0) {
    throw new Failure("disagreement", `members 0 and ${other} of epoch ${groups[0]?.epoch ?? 0n} differ`);
  }
}

/** That one member's messages still arrive at another. @throws Failure */
export async function expectAlive(checker: Checker, from: Player, to: Player): Promise<void> {
  const text = utf8("still here");
  const message = await checker.must("send", async () => from.group.createMessage(from.signer, text));
  checker.input = message;
  const read = await checker.must("receive", async () => to.group.processMessage(message));
  if (read.kind !== "application") throw new Failure("liveness", `an application message is ${read.kind}`);
}

/** The same member as its store has it, in a store of its own. */
export async function copyOf(player: Player, overrides: Partial<Client["provider"]> = {}): Promise<Player> {
  const storage = player.storage.snapshot();
  const provider = { ...player.provider, ...overrides, storage };
  const group = await MlsGroup.load(provider, player.group.groupId);
  if (group === undefined) throw new Failure("liveness", "a stored group is gone");
  return { ...player, storage, provider, group };
}
