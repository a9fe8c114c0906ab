import type { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { bytesToHex } from "@openmls-ts/traits";
import { expect } from "vitest";
import { type CommitBuilder, type CommitResult, MlsGroup } from "../../index.ts";
import { isGrease } from "../../registry.ts";
import { type Client, keyPackageOf } from "../client.ts";
import { type Inline, isClash } from "./book.ts";
import { beginEpoch, carryCommit } from "./carry.ts";
import { expectRefused, own, reloaded, twinOf } from "./checks.ts";
import { askedLast, poll } from "./custom.ts";
import type { CommitManner } from "./steps.ts";
import { say } from "./talk.ts";
import type { Peer, World } from "./world.ts";

/** What one commit does beside the pending proposals. */
export interface Choices {
  readonly add?: readonly Client[];
  readonly remove?: readonly Peer[];
  readonly newSigner?: SignatureKeyPair;
  readonly question?: number;
  readonly extensions?: boolean;
  /** Anything else. */
  readonly also?: (builder: CommitBuilder) => CommitBuilder;
}

/** Who comes and who goes by a commit. */
export interface Outcome {
  readonly add: ReadonlySet<string>;
  readonly remove: ReadonlySet<string>;
}

/** The question that cannot be asked next. */
export function forbiddenQuestion(world: World): number | undefined {
  return askedLast(world.peers[0]!.group.extensions)?.[0];
}

/** Has a member commit; the commit is pending and nobody has seen it. */
export async function prepare(
  world: World,
  by: Peer,
  manner: CommitManner,
  choices: Choices,
): Promise<{ readonly result: CommitResult; readonly expected: Outcome }> {
  const { newSigner, add = [], remove = [], question } = choices;
  const keyPackages = await Promise.all(add.map(async (client) => keyPackageOf(client)));
  for (const { fields } of keyPackages) {
    expect(fields.extensions.some(({ extensionType }) => isGrease(extensionType))).toBe(true);
  }
  const builder = by.group
    .commit()
    .addMembers(keyPackages)
    .removeMembers(remove.map((peer) => world.leafOf(peer)))
    .forceSelfUpdate(manner.path || newSigner !== undefined)
    .includePendingProposals(manner.pending)
    .createGroupInfo(manner.echo);
  if (newSigner !== undefined) {
    builder.leafNodeParameters({ credentialWithKey: world.credential(by, newSigner) }, newSigner);
  }
  if (question !== undefined) {
    builder.propose(poll.make(Uint8Array.of(question)));
  }
  const result = await (choices.also?.(builder) ?? builder).build(world.signer(by));
  const again = async (): Promise<unknown> => by.group.selfUpdate(world.signer(by));
  await expectRefused(by, again, ["ERR_MLS_PENDING_COMMIT"]);
  expect(by.group.pendingCommitMessage).toEqual(result.commit);
  const stored = await reloaded(by);
  if (manner.restart) {
    by.group = stored;
  }
  return { result, expected: outcome(world, by, manner, choices, result) };
}

/** What a commit adds up to, without asking the library; and that it left out only what it must. */
function outcome(
  world: World,
  by: Peer,
  manner: CommitManner,
  choices: Choices,
  { summary, leftOut }: CommitResult,
): Outcome {
  const committer = by.client.name;
  const { add = [], remove = [], question, extensions = false } = choices;
  const names = (clients: readonly { readonly name: string }[]): string[] => clients.map(({ name }) => name);
  const inline: Inline = {
    add: names(add),
    remove: names(remove.map(({ client }) => client)),
    extensions,
    question,
  };
  const wanted = new Map(manner.pending ? world.book.wantedBy(committer) : []);
  const all = [...wanted.values()];
  const asked = forbiddenQuestion(world);
  for (const { proposal, reason } of leftOut) {
    const reference = bytesToHex(proposal.reference!);
    const entry = wanted.get(reference);
    const clashes = entry !== undefined && isClash(entry, reason, committer, all, inline, asked);
    expect(clashes, `left out: ${entry?.kind}, ${reason.rule}, ${reason.message}`).toBe(true);
    wanted.delete(reference);
  }
  const byReference = summary.proposals.flatMap(({ reference }) => reference ?? []);
  expect(byReference.map(bytesToHex)).toEqual([...wanted.keys()]);
  const taken = [...wanted.values()];
  const whom = (kind: "add" | "remove"): string[] =>
    taken.filter((entry) => entry.kind === kind).map(({ who }) => who!);
  return {
    add: new Set([...whom("add"), ...inline.add]),
    remove: new Set([...whom("remove"), ...inline.remove]),
  };
}

/** A commit from its making to the new epoch of everybody. */
export async function commit(world: World, manner: CommitManner, choices: Choices): Promise<void> {
  const by = world.peer(manner.by);
  const { result, expected } = await prepare(world, by, manner, choices);
  for (const name of expected.remove) {
    world.ghosts.push(await twinOf(world, world.byName(name)!));
  }
  if (manner.chatty) {
    await say(world, by, 1);
  }
  await settle(world, by, manner, result, expected);
}

/** The delivery service has accepted a prepared commit. */
export async function settle(
  world: World,
  by: Peer,
  manner: CommitManner,
  result: CommitResult,
  expected: Outcome,
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
    await carryCommit(world, epoch, result.commit, by.client.name);
  }
  const bundle = by.group.pendingCommitBundle!;
  const released = await by.group.mergePendingCommit();
  expect({ ...released, commit: result.commit }).toEqual(bundle);
  const { welcome, welcomed, groupInfo } = released;
  expect(welcomed.map(({ leafIndex }) => leafIndex)).toEqual(
    result.summary.added.map(({ leafIndex }) => leafIndex),
  );
  expect(groupInfo === undefined).toBe(!manner.echo);
  expect(by.group.epoch).toBe(epoch + 1n);
  if (manner.first) {
    await carryCommit(world, epoch, result.commit, by.client.name);
  }
  if (groupInfo !== undefined && manner.first) {
    const visitor = await world.newServer(); // verifies everything, and does not join
    const { provider, signer, credentialWithKey } = visitor;
    const ratchetTree = by.group.exportRatchetTree();
    await MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, ratchetTree, credentialWithKey });
  }
  await beginEpoch(world, by, result.commit, welcome, expected);
}
