import { utf8 } from "@openmls-ts/traits";
import { expect } from "vitest";
import { type Extension, type Proposal, type QueuedProposal, type ReInit } from "../wire/index.ts";
import { storeExternalPsk } from "../index.ts";
import { ProposalType, PskType, SenderType } from "../registry.ts";
import { forgeKeyPackage, forgeProposal } from "./forge.ts";
import { insideOf, newcomer, type Player, type World } from "./world.ts";

export const remove = (removed: number): Proposal => ({ proposalType: ProposalType.remove, removed });

/** An extension of a type, with an octet of data. */
export const ext = (extensionType: number): Extension => ({
  extensionType,
  extensionData: new Uint8Array([0]),
});

/** GroupContextExtensions of these types, each with no data. */
export const gce = (...types: number[]): Proposal => ({
  proposalType: ProposalType.groupContextExtensions,
  extensions: types.map((extensionType) => ({ extensionType, extensionData: new Uint8Array() })),
});

/** An external PSK with a nonce of one octet repeated. */
export const psk = (id: string, nonce = 1): Proposal => ({
  proposalType: ProposalType.psk,
  psk: { pskType: PskType.external, pskId: utf8(id), pskNonce: new Uint8Array(32).fill(nonce) },
});

export const reinit: ReInit = {
  proposalType: ProposalType.reinit,
  groupId: utf8("next"),
  version: 1,
  cipherSuite: 1,
  extensions: [],
};

/** An Add of somebody new. */
export const add = async (name: string): Promise<Proposal> => ({
  proposalType: ProposalType.add,
  keyPackage: await forgeKeyPackage(await newcomer(name)),
});

/** Gives all players the same external PSKs. */
export async function sharePsk(all: World, ...ids: string[]): Promise<void> {
  for (const { provider } of [all.alice, all.bob, all.charlie, all.mallory]) {
    for (const id of ids) {
      await storeExternalPsk(provider.storage, utf8(id), utf8("a shared secret"));
    }
  }
}

/** A proposal of a player's that the receivers have got; for a commit by reference. */
export async function cached(
  from: Player,
  proposal: Proposal,
  ...receivers: Player[]
): Promise<QueuedProposal> {
  const { message, reference } = await forgeProposal(await insideOf(from), from.signer, proposal);
  for (const { group } of receivers) {
    expect(await group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
  }
  return {
    proposal,
    sender: { senderType: SenderType.member, leafIndex: from.group.ownLeafIndex },
    reference,
  };
}
