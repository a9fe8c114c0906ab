import { expect } from "vitest";
import { type CommitBuilder, type CommitResult, MlsGroup } from "../../index.ts";
import type { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { type Client, keyPackageOf } from "../client.ts";
import { beginEpoch, carryCommit } from "./carry.ts";
import { expectRefused, own, reloaded, twinOf } from "./checks.ts";
import type { CommitManner } from "./steps.ts";
import { say } from "./talk.ts";
import type { Peer, World } from "./world.ts";

/** What one commit does beside the pending proposals. */
export interface Plan {
  readonly add?: readonly Client[];
  readonly remove?: readonly Peer[];
  readonly newSigner?: SignatureKeyPair;
  /** Anything else. */
  readonly also?: (builder: CommitBuilder) => CommitBuilder;
}

/** Has a member commit; the commit is pending and nobody has seen it. */
export async function prepare(
  world: World,
  by: Peer,
  manner: CommitManner,
  plan: Plan,
): Promise<CommitResult> {
  const { newSigner } = plan;
  const builder = by.group
    .commitBuilder()
    .addMembers(await Promise.all((plan.add ?? []).map(async (client) => keyPackageOf(client))))
    .removeMembers((plan.remove ?? []).map((peer) => world.leafOf(peer)))
    .forceSelfUpdate(manner.path || newSigner !== undefined)
    .includePendingProposals(manner.pending)
    .createGroupInfo(manner.echo);
  if (newSigner !== undefined) {
    builder.leafNodeParameters({ credentialWithKey: world.credential(by, newSigner) }, newSigner);
  }
  const result = await (plan.also?.(builder) ?? builder).build(world.signer(by));
  const again = async (): Promise<unknown> => by.group.selfUpdate(world.signer(by));
  await expectRefused(by, again, ["ERR_MLS_PENDING_COMMIT"]);
  expect(by.group.pendingCommitMessage).toEqual(result.commit);
  const stored = await reloaded(by);
  if (manner.restart) {
    by.group = stored;
  }
  return result;
}

/** What the committed proposals add up to, without asking the library. */
export function outcome(
  world: World,
  by: Peer,
  manner: CommitManner,
  plan: Plan,
): { readonly add: Set<string>; readonly remove: Set<string> } {
  const names = (clients: readonly { readonly name: string }[]): string[] => clients.map(({ name }) => name);
  const { add, remove } = manner.pending ? world.expected : { add: [], remove: [] };
  const gone = new Set([...remove, ...names((plan.remove ?? []).map(({ client }) => client))]);
  gone.delete(by.client.name); // nobody can commit to its own removal (RFC 9420 §12.2)
  return { add: new Set([...add, ...names(plan.add ?? [])]), remove: gone };
}

/** A commit from its making to the new epoch of everybody. */
export async function commit(world: World, manner: CommitManner, plan: Plan): Promise<void> {
  const by = world.peer(manner.by);
  const expected = outcome(world, by, manner, plan);
  const newcomers = new Map([
    ...world.invited,
    ...(plan.add ?? []).map((client) => [client.name, client] as const),
  ]);
  const result = await prepare(world, by, manner, plan);
  for (const name of expected.remove) {
    world.ghosts.push(await twinOf(world, world.byName(name)!));
  }
  if (manner.chatty) {
    await say(world, by, 1);
  }
  await settle(world, by, manner, result, expected, newcomers);
}

/** The delivery service has accepted a prepared commit. */
export async function settle(
  world: World,
  by: Peer,
  manner: CommitManner,
  result: CommitResult,
  expected: ReturnType<typeof outcome>,
  newcomers: ReadonlyMap<string, Client>,
): Promise<void> {
  const epoch = by.group.epoch;
  if (manner.echo) {
    const before = own(by.group);
    expect(await by.group.processMessage(result.commit)).toMatchObject({
      kind: "ownEcho",
      pendingCommit: true,
    });
    expect(own(by.group)).toEqual(before);
  }
  if (!manner.first) {
    await carryCommit(world, epoch, result.commit, [by]);
  }
  const { welcome, groupInfo } = await by.group.mergePendingCommit();
  expect(groupInfo === undefined).toBe(!manner.echo);
  expect(by.group.epoch).toBe(epoch + 1n);
  if (manner.first) {
    await carryCommit(world, epoch, result.commit, [by]);
  }
  if (groupInfo !== undefined && manner.first) {
    const visitor = await world.newServer(); // verifies everything, and does not join
    const { provider, signer, credentialWithKey } = visitor;
    const ratchetTree = by.group.exportRatchetTree();
    await MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, ratchetTree, credentialWithKey });
  }
  await beginEpoch(world, by, result.commit, welcome, expected, newcomers);
}
