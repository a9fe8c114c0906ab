import { expect } from "vitest";
import { MlsGroup } from "../../index.ts";
import { type CredentialWithKey, type PreSharedKeyId } from "../../wire/index.ts";
import type { Client } from "../client.ts";
import { carryCommit } from "./carry.ts";
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
  } = {},
): Promise<Awaited<ReturnType<typeof MlsGroup.joinByExternalCommit>>> {
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

/** The delivery service has accepted a commit from outside. */
export async function settleJoin(
  world: World,
  joiner: Client,
  join: Awaited<ReturnType<typeof prepareJoin>>,
): Promise<void> {
  const { epoch } = world;
  await carryCommit(world, epoch, join.commit, [], joiner.name);
  const group = await join.intoGroup();
  expect(group.epoch).toBe(epoch + 1n);
  world.join(joiner, group.config, group);
  world.newEpoch();
}
