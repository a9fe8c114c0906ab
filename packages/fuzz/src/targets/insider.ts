import type { Checker, Outcome } from "../checker.ts";
import { verdict } from "../checker.ts";
import { type ForgedCommit, forgeCommit, forgeMessage, forgeProposal } from "../core.ts";
import { Failure } from "../failure.ts";
import { mutateValue } from "../mutate-value.ts";
import {
  expectAgreement,
  expectAlive,
  insideOf,
  type People,
  people,
  type Player,
  stateOf,
} from "../people.ts";
import { proposalMaker, type ProposalMaker } from "../poison.ts";
import type { Random } from "../random.ts";
import type { Attack, Target } from "../target.ts";
import type { ProcessedMessage, Proposal, QueuedProposal } from "@openmls-ts/mls-core";

type Reading = Outcome<ProcessedMessage>;

/** Bytes of a message, or `undefined` where the forger itself cannot put it together. */
async function forged(
  make: () => Promise<{ readonly message: Uint8Array }>,
): Promise<Uint8Array | undefined> {
  try {
    return (await make()).message;
  } catch {
    return undefined;
  }
}

/** A defect beside the proposals. A partial one may spoil what only some members can open (RFC 9420 §7.5). */
function defect(random: Random): { readonly partial: boolean; readonly options: ForgedCommit } {
  const change = <T>(value: T): T => mutateValue(random, value);
  switch (random.int(8)) {
    case 0:
      return { partial: true, options: { editPath: (path) => ({ ...path, nodes: change(path.nodes) }) } };
    case 1:
      return { partial: false, options: { leaf: change } };
    case 2:
      return { partial: false, options: { signedLeaf: change } };
    case 3:
      return { partial: false, options: { provisional: change } };
    case 4:
      return { partial: false, options: { path: random.once(2) } };
    case 5:
      return { partial: true, options: { editContent: change } };
    default:
      return { partial: false, options: {} };
  }
}

/** Has everybody but Mallory read a message. */
async function readBy(checker: Checker, readers: readonly Player[], message: Uint8Array): Promise<Reading[]> {
  checker.input = message;
  const readings: Reading[] = [];
  for (const reader of readers) {
    readings.push(
      await checker.call(
        async () => reader.group.processMessage(message),
        () => stateOf(reader, true),
      ),
    );
  }
  return readings;
}

/** That all say the same of a message. @throws Failure */
function expectOneVerdict(readings: readonly Reading[]): void {
  const verdicts = readings.map(verdict);
  if (new Set(verdicts).size > 1) {
    throw new Failure("disagreement", `one message, several verdicts: ${verdicts.join("; ")}`);
  }
}

/** Those whom a list of proposals leaves in the group. */
function staying(players: readonly Player[], proposals: readonly Proposal[]): Player[] {
  const removed = proposals.map((one) => (one as { readonly removed?: unknown }).removed);
  return players.filter(({ group }) => !removed.includes(group.ownLeafIndex));
}

/** What a session goes by. */
interface Room {
  readonly random: Random;
  readonly checker: Checker;
  readonly world: People;
  readonly make: ProposalMaker;
  /** Proposals of Mallory's that everybody has. */
  readonly kept: QueuedProposal[];
}

async function commitAttack({ random, checker, world, make, kept }: Room): Promise<boolean> {
  const { alice, bob, charlie, mallory } = world;
  const named: (Proposal | QueuedProposal)[] = kept.filter(() => random.once(3));
  for (let count = random.int(4); count > 0; count--) named.push(await make());
  const proposals = named.map((one) => ("proposal" in one ? one.proposal : one));
  const { partial, options } = defect(random);
  const wireFormat = random.once(3) ? 2 : 1;
  const message = await forged(async () =>
    forgeCommit(await insideOf(mallory), mallory.signer, { proposals: named, wireFormat, ...options }),
  );
  if (message === undefined) return false;
  const readers = staying([alice, bob, charlie], proposals);
  const readings = await readBy(checker, readers, message);
  if (!partial) expectOneVerdict(readings);
  const members: Player[] = [];
  for (const [at, reading] of readings.entries()) {
    const reader = readers[at]!;
    if (!reading.ok || reading.value.kind !== "commit") continue;
    const { stagedCommit } = reading.value;
    await checker.must("merge", async () => reader.group.mergeStagedCommit(stagedCommit));
    members.push(reader);
  }
  expectAgreement(members.map(({ group }) => group));
  const [one, two] = members;
  if (
    one !== undefined &&
    two !== undefined &&
    one.group.isActive &&
    two.group.pendingProposals.length === 0
  ) {
    await expectAlive(checker, one, two);
  }
  return members.length > 0; // Mallory does not follow a commit that she only forged
}

/** A proposal that claims to come from somewhere else than from a member. */
async function outsiderAttack({ random, checker, world, make }: Room): Promise<boolean> {
  const { alice, bob, charlie, mallory } = world;
  const proposal = await make();
  const sender = random.pick([
    { senderType: 2, senderIndex: random.int(3) },
    { senderType: 3 },
    { senderType: 1, leafIndex: random.int(6) },
  ] as const);
  const message = await forged(async () =>
    forgeProposal(await insideOf(mallory), mallory.signer, proposal, { sender }),
  );
  if (message !== undefined) expectOneVerdict(await readBy(checker, [alice, bob, charlie], message));
  return false;
}

async function proposalAttack(room: Room): Promise<boolean> {
  const { random, checker, world, make, kept } = room;
  const { alice, bob, charlie, mallory } = world;
  const proposal = await make();
  const wireFormat = random.once(2) ? 2 : 1;
  const message = await forged(async () =>
    forgeProposal(await insideOf(mallory), mallory.signer, proposal, { wireFormat }),
  );
  if (message === undefined) return false;
  const readers = [alice, bob, charlie];
  const readings = await readBy(checker, readers, message);
  expectOneVerdict(readings);
  const reading = readings[0]!;
  if (reading.ok && reading.value.kind === "proposal") kept.push(reading.value.proposal);
  if (!reading.ok || !random.once(3)) return false;
  // what was kept may be poison, and is no reason for a commit to fail: it is left out
  const { commit } = await checker.must("commit", async () => bob.group.commitToPendingProposals(bob.signer));
  const followers = [alice, charlie].filter(({ group }) => group.isActive);
  const seen = await readBy(checker, followers, commit);
  expectOneVerdict(seen);
  if (seen.some(({ ok }) => !ok))
    throw new Failure("liveness", `a genuine commit: ${seen.map(verdict).join("; ")}`);
  await checker.must("merge", async () => bob.group.mergePendingCommit());
  for (const [at, reading] of seen.entries()) {
    const follower = followers[at]!;
    if (!reading.ok || reading.value.kind !== "commit") continue;
    const { stagedCommit } = reading.value;
    await checker.must("merge", async () => follower.group.mergeStagedCommit(stagedCommit));
  }
  expectAgreement([bob, ...followers].map(({ group }) => group).filter(({ isActive }) => isActive));
  return true;
}

/** Application data, or what claims to be some, whose frame is changed before it is signed. */
async function messageAttack({ random, checker, world }: Room): Promise<boolean> {
  const { mallory, bob } = world;
  const content = { contentType: 1, applicationData: random.bytes(random.int(40)) } as const;
  const edit = { wireFormat: 2, editContent: <T>(one: T): T => mutateValue(random, one) } as const;
  const message = await forged(async () =>
    forgeMessage(await insideOf(mallory), mallory.signer, content, edit),
  );
  if (message !== undefined) await readBy(checker, [bob], message);
  return false;
}

/** A member who signs and seals properly whatever it likes. */
export const insider: Target = {
  name: "insider",
  length: 60,
  open: async (random, checker): Promise<Attack> => {
    const world = await people(random);
    const make = await proposalMaker(random, world);
    const room: Room = { random, checker, world, make, kept: [] };
    const attacks = [
      commitAttack,
      commitAttack,
      proposalAttack,
      proposalAttack,
      outsiderAttack,
      messageAttack,
    ];
    return async () => random.pick(attacks)(room);
  },
};
