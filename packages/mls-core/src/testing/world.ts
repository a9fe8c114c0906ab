import { nodeCrypto } from "@openmls-ts/crypto-node";
import {
  bytesToHex,
  type CredentialSubject,
  type CredentialValidator,
  type MlsErrorCode,
  type MlsProvider,
  utf8,
} from "@openmls-ts/traits";
import { expect } from "vitest";
import { type Inside, loadInside } from "./inside.ts";
import type { MlsGroup, MlsGroupConfig } from "../index.ts";
import { type Extension, type Proposal } from "../wire/index.ts";
import { SenderType } from "../registry.ts";
import { forgeProposal } from "./forge.ts";
import { forgeCommit } from "./forge-commit.ts";
import { MlsGroup as Group } from "../index.ts";
import { type Client, client, joinFrom, keyPackageOf } from "./client.ts";
import { mlsError } from "./suites.ts";

const crypto = nodeCrypto();

/** A client in the group of a test. */
export interface Player extends Client {
  readonly group: MlsGroup;
}

/** Alice, Bob, Charlie and Mallory at leaves 0 to 3 of one group; all see the same. */
export interface World {
  readonly alice: Player;
  readonly bob: Player;
  readonly charlie: Player;
  /** The insider who breaks the rules. */
  readonly mallory: Player;
}

export interface WorldOptions {
  readonly suite?: number;
  readonly config?: Partial<MlsGroupConfig>;
  readonly extensions?: readonly Extension[];
  /** Parts of everybody's provider. */
  readonly provider?: Partial<MlsProvider>;
}

/** A client that is in no group. */
export async function newcomer(
  name: string,
  { suite, provider }: Pick<WorldOptions, "suite" | "provider"> = {},
): Promise<Client> {
  return client(name, crypto, suite ?? 1, provider ?? {});
}

export async function newWorld(options: WorldOptions = {}): Promise<World> {
  const config: Partial<MlsGroupConfig> = { handshake: "public", ...options.config };
  const [alice, bob, charlie, mallory] = await Promise.all(
    ["alice", "bob", "charlie", "mallory"].map(async (name) => newcomer(name, options)),
  );
  if (alice === undefined || bob === undefined || charlie === undefined || mallory === undefined) {
    throw new Error("four clients were asked for");
  }
  const group = await Group.builder()
    .cipherSuite(alice.suite)
    .config(config)
    .groupContextExtensions(options.extensions ?? [])
    .build(alice.provider, alice.signer, alice.credentialWithKey);
  const others = [bob, charlie, mallory];
  await group.addMembers(alice.signer, await Promise.all(others.map(keyPackageOf)));
  const { welcome } = await group.mergePendingCommit();
  const join = async (who: Client): Promise<Player> => ({
    ...who,
    group: await joinFrom(who, welcome, config),
  });
  return {
    alice: { ...alice, group },
    bob: await join(bob),
    charlie: await join(charlie),
    mallory: await join(mallory),
  };
}

/** The world of a block of refusals: as nothing that is refused changes anything, all of them can share it. */
export function sharedWorld(options: WorldOptions = {}): () => Promise<World> {
  let world: Promise<World> | undefined;
  return async () => (world ??= newWorld(options));
}

/** Everything that a member knows, read from its store: what an insider works with. */
export async function insideOf(player: Player): Promise<Inside> {
  return loadInside(player.provider, player.group.groupId);
}

/** All records of a store as text. */
export function recordsOf({ storage }: Client): string {
  return storage
    .entries()
    .map(({ key, value }) => [key.table, ...[key.owner, key.id, value].map(bytesToHex)].join(" "))
    .join("\n");
}

/** What may not change when something is refused, in memory and in the store. */
export function stateOf(player: Player): object {
  const { group } = player;
  return {
    records: recordsOf(player),
    active: group.isActive,
    epoch: group.epoch,
    authenticator: bytesToHex(group.epochAuthenticator),
    proposals: group.pendingProposals.length,
    pending: group.pendingCommit,
  };
}

/** That messages of an honest member still arrive. */
export async function expectAlive(world: World, reader: Player): Promise<void> {
  const writer = [world.alice, world.charlie].find(
    ({ group }) => group !== reader.group && group.pendingProposals.length === 0,
  );
  const message = await writer!.group.createMessage(writer!.signer, utf8("still here"));
  expect(await reader.group.processMessage(message)).toMatchObject({
    kind: "application",
    data: utf8("still here"),
  });
}

/** That a member refuses a message for the given reason, and goes on as if it had never come. */
export async function expectRefused(
  world: World,
  message: Uint8Array,
  code: MlsErrorCode,
  rule?: string,
  victim: Player = world.bob,
): Promise<void> {
  const before = stateOf(victim);
  await expect(victim.group.processMessage(message)).rejects.toThrow(mlsError(code, rule));
  expect(stateOf(victim)).toEqual(before);
  await expectAlive(world, victim);
}

/**
 * That Bob keeps a proposal of somebody who may send such, that he refuses a commit of Mallory's that names it, and that
 * his own commit leaves it out and says why. The group goes on in the same epoch.
 */
export async function expectLeftOut(
  world: World,
  from: Player,
  proposal: Proposal,
  code: MlsErrorCode,
  rule: string,
): Promise<void> {
  const { bob, mallory } = world;
  const { message, reference } = await forgeProposal(await insideOf(from), from.signer, proposal);
  expect(await bob.group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
  await bob.group.restorePendingProposal(reference);
  const sender = { senderType: SenderType.member, leafIndex: from.group.ownLeafIndex };
  const commit = await forgeCommit(await insideOf(mallory), mallory.signer, {
    proposals: [{ proposal, sender, reference }],
    apply: () => undefined,
    path: true,
  });
  await expectRefused(world, commit.message, code, rule, bob);
  const { leftOut } = await bob.group.commitToPendingProposals(bob.signer);
  expect(leftOut).toMatchObject([{ proposal: { reference }, reason: { code, rule } }]);
  await bob.group.clearPendingCommit();
  await bob.group.removePendingProposal(reference);
}

/** That an operation of a member fails for the given reason and changes nothing. */
export async function expectUnable(
  player: Player,
  operation: () => Promise<unknown>,
  code: MlsErrorCode,
  rule?: string,
): Promise<void> {
  const before = stateOf(player);
  await expect(operation()).rejects.toThrow(mlsError(code, rule));
  expect(stateOf(player)).toEqual(before);
}

/** A validator that a test can turn round while a group lives, with the calls it saw. */
export class Judge implements CredentialValidator {
  readonly calls: CredentialSubject[] = [];
  verdict: (subject: CredentialSubject) => unknown = () => true;
  successor: ((current: CredentialSubject, next: CredentialSubject) => boolean) | undefined;

  async validate(subject: CredentialSubject): Promise<boolean> {
    this.calls.push(subject);
    return this.verdict(subject) as boolean;
  }

  async isSuccessor(current: CredentialSubject, next: CredentialSubject): Promise<boolean> {
    return this.successor === undefined
      ? bytesToHex(current.encoded) === bytesToHex(next.encoded)
      : this.successor(current, next);
  }
}
