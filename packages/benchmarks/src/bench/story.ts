import type { Contestant, Membership, Person } from "./contestant.ts";

/** How the group came about: all added by one member at once, or by ever newer members with paths of their own. */
export type Shape = "sparse" | "full";

/** A group to be measured. */
export interface Setting {
  readonly members: number;
  readonly shape: Shape;
  /** How often what can be repeated in one group is measured there. */
  readonly rounds: number;
}

/** Measures `count` operations that `run` carries out one after the other. */
export type Sample = <T>(operation: string, run: () => Promise<T>, count?: number) => Promise<T>;

const BURST = 50;
const TEXT = new Uint8Array(1024).fill(0x61);

/**
 * One group's life with one implementation. It stops after each operation, so that contestants can take turns.
 * @returns a member, for what is measured of one at rest
 */
export async function* story(
  contestant: Contestant,
  setting: Setting,
  sample: Sample,
): AsyncGenerator<undefined, Membership> {
  const { rounds } = setting;
  const { alice, bob, tree } = yield* gather(contestant, setting, sample);
  if (alice.update !== undefined && bob.follow !== undefined) {
    for (let i = 0; i < rounds; i++) {
      const commit = await sample("self-update, create", async () => alice.update!());
      await sample("self-update, process", async () => bob.follow!(commit));
      yield;
    }
    for (let i = 0; i < rounds; i++) {
      const carol = await contestant.person("carol");
      const keyPackage = await carol.keyPackage();
      const { commit } = await sample("add one, create", async () => alice.add([keyPackage]));
      await sample("add one, process", async () => bob.follow!(commit));
      yield;
      const removal = await sample("remove one, create", async () => alice.remove!(tree));
      await sample("remove one, process", async () => bob.follow!(removal));
      yield;
    }
  }
  for (let i = 0; i < rounds; i++) {
    const messages = await sample("encrypt 1 KiB", async () => encryptMany(alice), BURST);
    await sample("decrypt 1 KiB", async () => decryptMany(bob, messages), BURST);
    yield;
    const late = await encryptMany(alice);
    await sample("decrypt 1 KiB, out of order", async () => decryptMany(bob, shuffled(late)), BURST);
    yield;
  }
  yield* restAndReturn(contestant, alice, bob, rounds, sample);
  return bob;
}

async function* restAndReturn(
  contestant: Contestant,
  alice: Membership,
  bob: Membership,
  rounds: number,
  sample: Sample,
): AsyncGenerator<undefined, void> {
  await bob.storedBytes?.(); // a contestant without a store encodes what it would load
  for (let i = 0; i < rounds && bob.load !== undefined; i++) {
    await sample("load", async () => bob.load!());
    yield;
  }
  if (alice.groupInfo === undefined) return;
  const groupInfo = await sample("GroupInfo", async () => alice.groupInfo!());
  const dave = await contestant.person("dave");
  const joined = await sample("join by commit", async () => dave.joinByCommit!(groupInfo));
  await alice.follow!(joined.commit);
  await sample("join by commit, process", async () => bob.follow!(joined.commit));
  yield;
}

/** A group of so many members, of whom Alice made it and Bob came last. */
interface Gathered {
  readonly alice: Membership;
  readonly bob: Membership;
  /** Leaf index that the next newcomer gets. */
  readonly tree: number;
}

async function* gather(
  contestant: Contestant,
  { members, shape }: Setting,
  sample: Sample,
): AsyncGenerator<undefined, Gathered> {
  const founder = await contestant.person("alice");
  await founder.keyPackage();
  const alice = await sample("create a group", async () => founder.create());
  if (shape === "full") return { ...(yield* chain(contestant, alice, members)), tree: members };
  const people: Person[] = [];
  const keyPackages: Uint8Array[] = [];
  for (let i = 1; i < members; i++) {
    const next = await contestant.person(`member ${i}`);
    people.push(next);
    keyPackages.push(
      await (i <= 20 ? sample("key package", async () => next.keyPackage()) : next.keyPackage()),
    );
  }
  yield;
  const add = async (): Promise<{ welcome: Uint8Array }> => alice.add(keyPackages);
  const { welcome } = await (contestant.onlyAdds === true ? add() : sample("add all others at once", add));
  yield;
  let bob: Membership | undefined;
  for (const next of people.slice(contestant.onlyAdds === true ? -1 : -5)) {
    bob = await sample("join", async () => next.join(welcome));
    yield;
  }
  return { alice, bob: bob!, tree: members };
}

/** Nearly no parent stays blank: the newest member adds some more and makes a path, then the last of them does. */
async function* chain(
  contestant: Contestant,
  alice: Membership,
  members: number,
): AsyncGenerator<undefined, Omit<Gathered, "tree">> {
  const step = Math.max(1, Math.ceil(members / 64));
  let newest = alice;
  for (let size = 1; size < members;) {
    const count = Math.min(step, members - size);
    const joining: Person[] = [];
    const keyPackages: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      joining.push(await contestant.person(`member ${size + i}`));
      keyPackages.push(await joining[i]!.keyPackage());
    }
    const { commit, welcome } = await newest.add(keyPackages);
    if (newest !== alice) await alice.follow!(commit);
    newest = await joining[count - 1]!.join(welcome);
    await alice.follow!(await newest.update!());
    size += count;
    yield;
  }
  return { alice, bob: newest };
}

async function encryptMany(sender: Membership): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for (let i = 0; i < BURST; i++) messages.push(await sender.encrypt(TEXT));
  return messages;
}

/** Each five in reverse order: more than that OpenMLS does not take unless it is told to. */
function shuffled(messages: readonly Uint8Array[]): Uint8Array[] {
  return messages.map((_, i) => messages[i - (i % 5) + 4 - (i % 5)]!);
}

async function decryptMany(receiver: Membership, messages: readonly Uint8Array[]): Promise<void> {
  for (const message of messages) {
    const { length } = await receiver.decrypt(message);
    if (length !== TEXT.length) throw new Error("a message came out as another");
  }
}
