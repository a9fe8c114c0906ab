import { expect } from "vitest";
import { MlsGroup, type StagedExternalJoin } from "../../index.ts";
import type { CredentialWithKey, PreSharedKeyId } from "../../wire/index.ts";
import type { Client } from "../client.ts";
import { carryCommit } from "./carry.ts";
import { own, reloaded } from "./checks.ts";
import { forbiddenQuestion } from "./commits.ts";
import { poll } from "./custom.ts";
import type { Peer, World } from "./world.ts";

/** Prepares a join from outside by what a member tells of the group. */
export async function prepareJoin(
  world: World,
  joiner: Client,
  via: Peer,
  options: {
    readonly credentialWithKey?: CredentialWithKey;
    readonly signer?: Client["signer"];
    readonly resync?: number;
    readonly psks?: readonly PreSharedKeyId[];
    readonly proposals?: readonly Uint8Array[];
  } = {},
): Promise<StagedExternalJoin<MlsGroup>> {
  const groupInfo = await via.group.exportGroupInfo(world.signer(via));
  const { signer = joiner.signer, ...rest } = options;
  return MlsGroup.joinByExternalCommit(joiner.provider, signer, {
    groupInfo,
    credentialWithKey: joiner.credentialWithKey,
    config: world.configFor(world.peers.length + Number(world.epoch)),
    ...(via.group.config.ratchetTreeExtension ? {} : { ratchetTree: via.group.exportRatchetTree() }),
    ...rest,
  });
}

/** The polls that a newcomer's commit can take in: those that were sent in the clear, each question once. */
export function pollsFor(world: World, via: Peer): Uint8Array[] {
  const questions = new Set([forbiddenQuestion(world)]);
  const messages: Uint8Array[] = [];
  for (const { proposal, message } of via.group.knownProposals) {
    const question = poll.read(proposal)?.[0];
    const isPublic = message?.[3] === 1; // RFC 9420 §6: after the version
    if (question !== undefined && isPublic && !questions.has(question)) {
      questions.add(question);
      messages.push(message);
    }
  }
  return messages;
}

/** The delivery service has accepted a commit from outside; the newcomer restarts before it hears of that. */
export async function settleJoin(
  world: World,
  joiner: Client,
  join: StagedExternalJoin<MlsGroup>,
): Promise<void> {
  const { epoch, groupId } = world;
  await carryCommit(world, epoch, join.commit, joiner.name);
  const restarted = await MlsGroup.pendingExternalJoin(joiner.provider, groupId);
  expect(restarted?.commit).toEqual(join.commit);
  const group = await restarted!.intoGroup();
  expect(group.epoch).toBe(epoch + 1n);
  const { config } = group;
  const peer = world.join(joiner, config, group, config.grease);
  expect(await group.processMessage(join.commit)).toMatchObject({ kind: "ownEcho", pendingCommit: false });
  await expect(join.intoGroup()).rejects.toMatchObject({ code: "ERR_MLS_STALE_COMMIT" });
  expect(own(await reloaded(peer))).toEqual(own(group));
  world.newEpoch();
}
