import { KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { bytesToHex, hexToBytes, utf8 } from "@openmls-ts/traits";
import { type Client, type ClientFacts, newClient, oldClient } from "./client.ts";
import type { ProviderName } from "./providers.ts";

/** Where a story goes on, as plain data; keys and group ids in hexadecimal. */
export interface StoryMark {
  readonly crypto: ProviderName;
  readonly name: string;
  readonly groupId: string;
  readonly alice: string;
  readonly bob: string;
}

/** The facts of one of the two in a story. */
export function factsOf(crypto: ProviderName, name: string, who: string): ClientFacts {
  return { database: `${name}-${who}`, crypto, durability: "strict" };
}

/** Alice makes a group and adds Bob, who joins and reads a message. */
export async function storyBegins(start: {
  readonly crypto: ProviderName;
  readonly name: string;
}): Promise<StoryMark> {
  const { crypto, name } = start;
  const [alice, bob] = [
    await newClient(factsOf(crypto, name, "alice")),
    await newClient(factsOf(crypto, name, "bob")),
  ];
  const a = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, { cipherSuite: 1 });
  const keyPackage = await KeyPackage.builder().build(1, bob.provider, bob.signer, bob.credentialWithKey);
  await a.addMembers(alice.signer, [keyPackage]);
  const { welcome } = await a.mergePendingCommit();
  const b = await (await StagedWelcome.fromWelcome(bob.provider, welcome!)).intoGroup();
  await say([alice, a], [bob, b], "before the reload");
  alice.storage.close();
  bob.storage.close();
  const groupId = bytesToHex(a.groupId);
  return {
    ...start,
    groupId,
    alice: bytesToHex(alice.signer.publicKey),
    bob: bytesToHex(bob.signer.publicKey),
  };
}

/** Both load the group, talk in both directions, enter a new epoch, and talk again. */
export async function storyGoesOn({ crypto, name, groupId, ...keys }: StoryMark): Promise<string> {
  const alice = await oldClient(factsOf(crypto, name, "alice"), hexToBytes(keys.alice));
  const bob = await oldClient(factsOf(crypto, name, "bob"), hexToBytes(keys.bob));
  const [a, b] = [await loadGroup(alice, groupId), await loadGroup(bob, groupId)];
  await say([alice, a], [bob, b], "after the reload");
  await say([bob, b], [alice, a], "an answer");
  const { commit } = await a.selfUpdate(alice.signer);
  await a.mergePendingCommit();
  const processed = await b.processMessage(commit);
  if (processed.kind !== "commit") {
    throw new Error(`expected a commit, not ${processed.kind}`);
  }
  await b.mergeStagedCommit(processed.stagedCommit);
  await say([bob, b], [alice, a], "in the next epoch");
  alice.storage.close();
  bob.storage.close();
  return `epoch ${a.epoch}`;
}

/** Alice will be able to read what Bob wrote some epochs ago. */
export async function keepPastEpochs({ crypto, name, groupId, ...keys }: StoryMark): Promise<void> {
  const alice = await oldClient(factsOf(crypto, name, "alice"), hexToBytes(keys.alice));
  const group = await loadGroup(alice, groupId);
  await group.setConfig({ maxPastEpochs: 5 });
  alice.storage.close();
}

/** A group that must be there. */
export async function loadGroup({ provider }: Client, groupId: string): Promise<MlsGroup> {
  const group = await MlsGroup.load(provider, hexToBytes(groupId));
  if (group === undefined) {
    throw new Error("the group is gone");
  }
  return group;
}

async function say(from: [Client, MlsGroup], to: [Client, MlsGroup], text: string): Promise<void> {
  const message = await from[1].createMessage(from[0].signer, utf8(text));
  const read = await to[1].processMessage(message);
  if (read.kind !== "application" || bytesToHex(read.data) !== bytesToHex(utf8(text))) {
    throw new Error(`“${text}” did not arrive`);
  }
}
