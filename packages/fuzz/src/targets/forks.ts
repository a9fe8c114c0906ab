import { utf8 } from "@openmls-ts/traits";
import type { Checker } from "../checker.ts";
import { verdict } from "../checker.ts";
import { Failure } from "../failure.ts";
import { copyOf, expectAgreement, people, type Player, stateOf } from "../people.ts";
import type { Random } from "../random.ts";
import type { Attack, Target } from "../target.ts";

/** What a member sent, and from where. */
interface Sent {
  readonly bytes: Uint8Array;
  readonly from: Player;
  readonly before: string;
}

/** The epoch of a member, as nobody outside of it can know it. */
function epochOf({ group }: Player): string {
  return `${group.epoch} ${group.epochAuthenticator.join(".")}`;
}

async function commitOf(random: Random, checker: Checker, player: Player): Promise<Sent> {
  const before = epochOf(player);
  const { commit } = await checker.must("commit", async () => player.group.selfUpdate(player.signer));
  if (random.once(3)) {
    await checker.must("clear", async () => player.group.clearPendingCommit());
  } else {
    await checker.must("merge", async () => player.group.mergePendingCommit());
  }
  return { bytes: commit, from: player, before };
}

/** Takes a commit in if it is of this member's epoch; refuses it and stays as it is otherwise. */
async function deliver(checker: Checker, { bytes, from, before }: Sent, to: Player): Promise<void> {
  checker.input = bytes;
  const fits = epochOf(to) === before && to !== from;
  const outcome = await checker.call(
    async () => to.group.processMessage(bytes),
    () => stateOf(to),
  );
  if (!outcome.ok) {
    if (fits) throw new Failure("liveness", `a commit of the same epoch: ${verdict(outcome)}`);
    return;
  }
  const { value } = outcome;
  if (value.kind === "commit") {
    if (!fits) throw new Failure("forgery", "a commit of another fork was taken in");
    await checker.must("merge", async () => to.group.mergeStagedCommit(value.stagedCommit));
  }
}

/** Members who commit at once and hear of it in any order, so that the group falls apart; each part stays whole. */
export const forks: Target = {
  name: "forks",
  length: 40,
  open: async (random, checker): Promise<Attack> => {
    const world = await people(random);
    const players: Player[] = [world.alice, world.bob, world.charlie, world.mallory];
    let sent: Sent[] = [];
    return async () => {
      const at = random.int(players.length);
      const player = players[at]!;
      switch (random.int(5)) {
        case 0:
          sent.push(await commitOf(random, checker, player));
          sent = sent.slice(-8);
          break;
        case 1:
          players[at] = await copyOf(player);
          if (stateOf(players[at]) !== stateOf(player)) throw new Failure("state", "loading changed a group");
          sent = sent.map((one) => (one.from === player ? { ...one, from: players[at]! } : one));
          break;
        case 2: {
          const text = utf8("hello");
          const bytes = await checker.must("send", async () =>
            player.group.createMessage(player.signer, text),
          );
          checker.input = bytes;
          for (const reader of players.filter((one) => one !== player)) {
            const same = epochOf(reader) === epochOf(player);
            const read = await checker.call(
              async () => reader.group.processMessage(bytes),
              () => stateOf(reader),
            );
            if (same && !read.ok) throw new Failure("liveness", `a message: ${verdict(read)}`);
          }
          break;
        }
        default:
          if (sent.length > 0) await deliver(checker, random.pick(sent), player);
      }
      for (const one of players) {
        expectAgreement(players.filter((other) => epochOf(other) === epochOf(one)).map(({ group }) => group));
      }
      return false;
    };
  },
};
