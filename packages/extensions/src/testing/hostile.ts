import { type MlsGroup, PublicGroup, type QueuedProposal, SenderType } from "@openmls-ts/mls-core";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { expect } from "vitest";
import { type ForgedCommit, forgeCommit } from "../../../mls-core/src/testing/forge-commit.ts";
import { forgeProposal } from "../../../mls-core/src/testing/forge.ts";
import { type Inside, loadInside } from "../../../mls-core/src/testing/inside.ts";
import { mlsError } from "../../../mls-core/src/testing/suites.ts";
import type { Member } from "./company.ts";

type Forged = Parameters<typeof forgeProposal>;

/** Everything that a member knows, for breaking rules with. */
export async function inside({ provider, group }: Member): Promise<Inside> {
  return loadInside(provider, group.groupId);
}

/** A proposal as its member's software would never send it. */
export async function forged(
  from: Member,
  proposal: Forged[2],
  wrapping: Forged[3] = {},
): Promise<{ readonly message: Uint8Array; readonly named: QueuedProposal }> {
  const { message, reference } = await forgeProposal(await inside(from), from.signer, proposal, wrapping);
  const sender = { senderType: SenderType.member, leafIndex: from.group.ownLeafIndex };
  return { message, named: { proposal, sender, reference } };
}

/** A commit as its member's software would never make it. */
export async function forgedCommit(from: Member, options: ForgedCommit): Promise<Uint8Array> {
  return (await forgeCommit(await inside(from), from.signer, options)).message;
}

/** That members and observers refuse a message for one reason, and stay as they were. */
export async function expectAllRefuse(
  message: Uint8Array,
  receivers: readonly (Member | PublicGroup)[],
  code: MlsErrorCode,
  rule?: string,
): Promise<void> {
  for (const receiver of receivers) {
    const group: MlsGroup | PublicGroup = receiver instanceof PublicGroup ? receiver : receiver.group;
    const before = [group.epoch, group.knownProposals];
    await expect(group.processMessage(message)).rejects.toThrow(mlsError(code, rule));
    expect([group.epoch, group.knownProposals]).toEqual(before);
  }
}
