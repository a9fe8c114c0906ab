import type { CryptoProvider } from "@openmls-ts/traits";
import { expect } from "vitest";
import { MlsGroup } from "../../index.ts";
import { PskType } from "../../registry.ts";
import type { Client } from "../client.ts";
import { attack } from "./attack.ts";
import { checkAgreement, checkGhosts, expectRefused, own, reloaded } from "./checks.ts";
import { commit, forbiddenQuestion, prepare, settle } from "./commits.ts";
import { doubles } from "./doubles.ts";
import { pollsFor, prepareJoin, settleJoin } from "./external.ts";
import { insider } from "./insider.ts";
import { Observer } from "./observer.ts";
import { extensionsFor, proposing, pskFor } from "./proposing.ts";
import type { CommitManner, History, Plays, Step, StepOf } from "./steps.ts";
import { read, say, twinsTalk } from "./talk.ts";
import { World } from "./world.ts";

const PLAIN: CommitManner = {
  by: 0,
  pending: true,
  path: true,
  echo: false,
  restart: false,
  chatty: false,
  first: true,
};

/** Commits of members, each with what it holds by value. */
const committing: Plays<"add" | "remove" | "update" | "psk" | "extensions" | "poll" | "clear" | "race"> = {
  add: async (world, step) => {
    const room = world.maxMembers - world.peers.length - world.book.invited.size;
    const add: Client[] = [];
    for (let i = 0; i < Math.min(step.count, room); i++) {
      add.push(await world.outsider(add.map(({ name }) => name)));
    }
    await commit(world, step, { add });
  },
  remove: async (world, step) => {
    const others = world.others(world.peer(step.by));
    const remove = new Set(
      step.who.map((pick) => others[pick % others.length]).filter((peer) => peer !== undefined),
    );
    await commit(world, step, { remove: [...remove].slice(0, Math.max(0, others.length - 1)) });
  },
  update: async (world, step) => {
    await commit(world, step, step.newKey ? { newSigner: await world.newSigner() } : {});
  },
  psk: async (world, step) => {
    const psk = await pskFor(world, step);
    // Newcomers have no resumption PSK of the group.
    const pending = step.pending && (psk.pskType === PskType.external || world.book.invited.size === 0);
    await commit(world, { ...step, pending }, { also: (builder) => builder.injectPsk(psk) });
  },
  extensions: async (world, step) => {
    const extensions = await extensionsFor(world, step);
    await commit(world, step, {
      extensions: true,
      also: (builder) => builder.groupContextExtensions(extensions),
    });
  },
  poll: async (world, step) => {
    const { question } = step;
    await commit(world, step, { question: question === forbiddenQuestion(world) ? question + 1 : question });
  },
  clear: async (world, step) => {
    const by = world.peer(step.by);
    const outsider = await world.outsider();
    await prepare(world, by, step, { add: world.peers.length < world.maxMembers ? [outsider] : [] });
    await by.group.clearPendingCommit();
    expect(by.group.pendingCommit).toBeUndefined();
    await by.group.clearPendingCommit();
  },
  race: async (world, step) => {
    const loser = world.peer(step.loser);
    const others = world.others(loser);
    const winner = others[step.winner % others.length];
    if (winner === undefined) {
      return;
    }
    const manner = { ...PLAIN, restart: step.restart };
    const lost = await prepare(world, loser, manner, { newSigner: await world.newSigner() });
    if (step.outsider && world.peers.length < world.maxMembers) {
      const joiner = await world.outsider();
      await settleJoin(world, joiner, await prepareJoin(world, joiner, winner));
    } else {
      const won = await prepare(world, winner, manner, {});
      await settle(world, winner, manner, won.result, won.expected);
    }
    world.wire.push({ bytes: lost.result.commit, from: loser.client.name, epoch: world.epoch - 1n });
    expect(loser.group.pendingCommit).toBeUndefined();
  },
};

/** Commits of those who are not, or no longer, in the group. */
const joining: Plays<"externalJoin" | "resync"> = {
  externalJoin: async (world, step) => {
    if (world.peers.length >= world.maxMembers) {
      return;
    }
    const joiner = await world.outsider();
    const via = world.peer(step.via);
    const psks = step.psk ? [await pskFor(world, { resumption: false, age: 0 })] : [];
    const proposals = step.polls ? pollsFor(world, via) : [];
    await settleJoin(world, joiner, await prepareJoin(world, joiner, via, { psks, proposals }));
  },
  resync: async (world, step) => {
    const who = world.peer(step.who);
    const others = world.others(who);
    const via = others[step.via % others.length];
    if (via === undefined) {
      return;
    }
    const signer = step.newKey ? await world.newSigner() : world.signer(who);
    const options = { signer, credentialWithKey: world.credential(who, signer), resync: world.leafOf(who) };
    const meanwhile = async (): Promise<void> =>
      commit(world, { ...PLAIN, by: world.peers.indexOf(via), pending: false }, {});
    world.leave(who);
    const before = own(who.group);
    if (step.old === "stale") {
      await meanwhile();
    } else if (step.old === "deleted") {
      await who.group.delete();
    }
    if (step.late) {
      const lost = await prepareJoin(world, who.client, via, options);
      await meanwhile();
      await lost.discard();
      await expect(lost.intoGroup()).rejects.toMatchObject({ code: "ERR_MLS_STALE_COMMIT" });
      expect(await MlsGroup.pendingExternalJoin(who.client.provider, world.groupId)).toBeUndefined();
    }
    const join = await prepareJoin(world, who.client, via, options);
    if (step.old !== "deleted") {
      expect(own(await reloaded(who))).toEqual(before); // the old group is there until the join is accepted
    }
    await settleJoin(world, who.client, join);
    if (step.old !== "deleted") {
      const stale = async (): Promise<void> => who.group.setConfig({ paddingSize: 64 });
      await expectRefused(who, stale, ["ERR_MLS_STORAGE_CONFLICT"]);
      await who.group.reload();
      expect(own(who.group)).toEqual(own(world.peers[world.peers.length - 1]!.group));
    }
  },
};

/** What is no commit. */
const talking: Plays<"send" | "deliver" | "restart" | "attack"> = {
  send: async (world, step) => {
    const by = world.peer(step.by);
    await say(world, by, step.count);
    if (step.restart) {
      by.group = await reloaded(by);
      await say(world, by, 1);
    }
  },
  deliver: async (world, step) => read(world, world.peer(step.to), step.order),
  restart: async (world, step) => {
    const peer = world.peer(step.who);
    peer.group = await reloaded(peer);
    const others = world.others(peer);
    if (others.length > 0) {
      await twinsTalk(world, peer, others[step.who % others.length]!);
      await twinsTalk(world, others[step.who % others.length]!, peer);
    }
  },
  attack: async (world, step) => attack(world, step.on, step.message, step.how),
};

const play: Plays<Step["kind"]> = {
  ...committing,
  ...joining,
  ...proposing,
  ...talking,
  ...doubles,
  ...insider,
};

/** Plays a history from the creation of its group, checking after each step what must hold at all times. */
export async function playHistory(
  crypto: CryptoProvider,
  suite: number,
  { members, open, steps }: History,
  maxMembers: number,
): Promise<World> {
  const world = new World(crypto, suite, maxMembers, open);
  const creator = await world.newClient();
  const config = world.configFor(0);
  const { provider, signer, credentialWithKey } = creator;
  const builder = MlsGroup.builder().cipherSuite(suite).config(config);
  const group = await builder.build(provider, signer, credentialWithKey);
  world.join(creator, config, group);
  if (open) {
    const groupInfo = await group.exportGroupInfo(signer);
    world.observer = await Observer.of(await world.newServer(), groupInfo, group.exportRatchetTree());
  }
  await play.add(world, { kind: "add", ...PLAIN, count: members - 1 });
  for (const [i, step] of steps.entries()) {
    await (play[step.kind] as (world: World, step: StepOf<Step["kind"]>) => Promise<void>)(world, step);
    await checkAgreement(world);
    await checkGhosts(world);
    await reloaded(world.peer(i));
    await world.observer?.check(world.peer(i).group, i % 3 === 0);
  }
  return world;
}
