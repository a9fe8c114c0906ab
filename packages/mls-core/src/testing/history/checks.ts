import { bytesToHex, isMlsError, type MlsError, type StorageRecord, utf8 } from "@openmls-ts/traits";
import type { MemoryStorage } from "@openmls-ts/storage-memory";
import { expect } from "vitest";
import { decode, encode, uint32, uint64 } from "../../codec/index.ts";
import { type Grease, MlsGroup, type ProcessedMessage } from "../../index.ts";
import { isGrease } from "../../registry.ts";
import { groupContext, ratchetTree } from "../../wire/index.ts";
import { nameIn } from "./custom.ts";
import type { Peer, World } from "./world.ts";

/** What all members of an epoch must agree on. */
export function shared(group: MlsGroup): Readonly<Record<string, unknown>> {
  return {
    epoch: group.epoch,
    authenticator: bytesToHex(group.epochAuthenticator),
    exported: bytesToHex(group.exportSecret("history", utf8("context"), 32)),
    tree: bytesToHex(group.exportRatchetTree()),
    groupContext: bytesToHex(encode(groupContext, group.groupContext)),
  };
}

/** What two objects of one member must agree on, besides. */
export function own(group: MlsGroup): Readonly<Record<string, unknown>> {
  return {
    ...shared(group),
    ownLeafIndex: group.ownLeafIndex,
    ownLeafNode: group.ownLeafNode,
    isActive: group.isActive,
    config: group.config,
    knownProposals: group.knownProposals,
    pendingCommit: group.pendingCommit,
    pendingCommitBundle: group.pendingCommitBundle,
  };
}

/** The member as its store has it: a second object on the same store. */
export async function reloaded(peer: Peer): Promise<MlsGroup> {
  const group = await MlsGroup.load(peer.client.provider, peer.group.groupId);
  expect(group, "a member is not in its store").toBeDefined();
  expect(own(group!)).toEqual(own(peer.group));
  return group!;
}

/** The member on a copy of its store, free to do things that the rest of the history does not see. */
export async function twinOf(world: World, peer: Peer): Promise<MlsGroup> {
  const provider = {
    ...peer.client.provider,
    crypto: world.plainCrypto,
    storage: peer.client.storage.snapshot(),
  };
  const twin = await MlsGroup.load(provider, peer.group.groupId);
  expect(own(twin!)).toEqual(own(peer.group));
  return twin!;
}

/** Everything about a message that a second object must see alike. */
export function seen(message: ProcessedMessage): unknown {
  return message.kind === "commit" ? { ...message, stagedCommit: message.stagedCommit.summary } : message;
}

/** The typed error that an operation must fail with. */
export async function refusal(operation: () => Promise<unknown>): Promise<MlsError> {
  const error = await operation().then(
    (result) => {
      throw new Error(
        `accepted: ${JSON.stringify(result, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v))}`,
      );
    },
    (thrown: unknown) => thrown,
  );
  if (!isMlsError(error) || error.code === "ERR_MLS_INTERNAL") {
    throw error;
  }
  return error;
}

/** Expects an operation to fail with a typed error, and to leave nothing behind in memory or in the store. */
export async function expectRefused(
  peer: { readonly client: { readonly storage: MemoryStorage }; readonly group: MlsGroup },
  operation: () => Promise<unknown>,
  codes?: readonly string[],
): Promise<MlsError> {
  const before = { memory: state(peer.group), store: entries(peer.client.storage) };
  const error = await refusal(operation);
  if (codes !== undefined) {
    expect(codes, error.message).toContain(error.code);
  }
  expect(state(peer.group)).toEqual(before.memory);
  expect(entries(peer.client.storage)).toEqual(before.store);
  return error;
}

function state(group: MlsGroup): unknown {
  return group.isActive ? own(group) : group.isActive;
}

/** A store as comparable text, for speed. */
export function entries(storage: MemoryStorage): readonly string[] {
  return storage.entries().map(line);
}

function line({ key, value }: StorageRecord): string {
  return `${key.table} ${bytesToHex(key.owner)} ${bytesToHex(key.id)} ${bytesToHex(value)}`;
}

/** All members agree, are those who should be there, and keep in their stores what they should. */
export async function checkAgreement(world: World): Promise<void> {
  const [first, ...others] = world.peers;
  const agreed = shared(first!.group);
  for (const { group } of others) {
    expect(shared(group)).toEqual(agreed);
  }
  const names = first!.group.members().map(({ credential }) => nameIn(credential));
  expect([...names].sort()).toEqual(world.peers.map(({ client }) => client.name).sort());
  for (const { group, client, grease } of world.peers) {
    expect(group.isActive).toBe(true);
    const tables = countTables(client.storage, group.groupId);
    expect(tables.get("proposal") ?? 0).toBe(world.book.size);
    expect(group.knownProposals.map(({ reference }) => bytesToHex(reference))).toEqual(world.book.references);
    const wanted = group.pendingProposals.map(({ reference }) => bytesToHex(reference));
    expect(wanted).toEqual([...world.book.wantedBy(client.name).keys()]);
    expect(tables.get("pending_commit") ?? 0).toBe(group.pendingCommit === undefined ? 0 : 1);
    expect(tables.get("past_epoch") ?? 0).toBeLessThanOrEqual(group.config.maxPastEpochs);
    expect(tables.get("resumption_psk") ?? 0).toBeLessThanOrEqual(group.config.resumptionPskEpochs);
    expect(tables.get("join") ?? 0).toBe(0);
    checkKeys(client.storage, group);
    checkGrease(group, grease);
  }
}

/** What others must ignore is in every list of a leaf that has room for it (RFC 9420 §13.5). */
function checkGrease(group: MlsGroup, grease: Grease): void {
  const { capabilities, extensions } = group.ownLeafNode;
  const lists = [
    capabilities.cipherSuites,
    capabilities.extensions,
    capabilities.proposals,
    capabilities.credentials,
  ];
  expect(lists.map((list) => list.some(isGrease))).toEqual(lists.map(() => grease !== false));
  expect(extensions.some(({ extensionType }) => isGrease(extensionType))).toBe(grease === true);
  expect(group.extensions.some(({ extensionType }) => isGrease(extensionType))).toBe(false);
}

/** Private keys are kept of nodes that exist, and message keys of epochs that are remembered (RFC 9420 §9.2). */
function checkKeys(storage: MemoryStorage, group: MlsGroup): void {
  const nodes = decode(ratchetTree, group.exportRatchetTree());
  const owner = bytesToHex(group.groupId);
  const ageOf = (id: Uint8Array): number => Number(group.epoch - decode(uint64, id.subarray(0, 8)));
  for (const { key } of storage.entries()) {
    if (bytesToHex(key.owner) === owner && key.table === "path_key") {
      expect(nodes[decode(uint32, key.id)], "a private key of a node that is blank").toBeDefined();
    }
    if (bytesToHex(key.owner) === owner && key.table === "message_key") {
      expect(ageOf(key.id), "of a message key").toBeLessThanOrEqual(group.config.maxPastEpochs);
    }
    if (bytesToHex(key.owner) === owner && key.table === "past_leaf") {
      const { maxPastEpochs, resumptionPskEpochs } = group.config;
      expect(ageOf(key.id), "of a leaf").toBeLessThanOrEqual(
        Math.max(maxPastEpochs, resumptionPskEpochs - 1),
      );
    }
  }
}

/** Those who were removed understand nothing of what came after, and share no secret with the others. */
export async function checkGhosts(world: World): Promise<void> {
  for (const ghost of world.ghosts.slice(-3)) {
    const later = [...world.wire, ...world.letters].filter(({ epoch }) => epoch > ghost.epoch);
    for (const { bytes } of later.slice(-4)) {
      const error = await ghost.processMessage(bytes).catch((thrown: unknown) => thrown);
      expect(isMlsError(error), "a removed member follows").toBe(true);
    }
    expect(world.authenticators.has(bytesToHex(ghost.epochAuthenticator))).toBe(true);
    expect(shared(ghost)["exported"]).not.toEqual(shared(world.peers[0]!.group)["exported"]);
  }
}

/** How many records of a group there are in each table. */
export function countTables(storage: MemoryStorage, groupId: Uint8Array): ReadonlyMap<string, number> {
  const owner = bytesToHex(groupId);
  const counts = new Map<string, number>();
  for (const { key } of storage.entries()) {
    if (bytesToHex(key.owner) === owner) {
      counts.set(key.table, (counts.get(key.table) ?? 0) + 1);
    }
  }
  return counts;
}
