import type { CryptoProvider } from "@openmls-ts/traits";
import { expect } from "vitest";
import {
  MlsGroup,
  proposals,
  proposeAsExternalSender,
  proposeToJoin,
  PskType,
  ResumptionPskUsage,
} from "../../index.ts";
import {
  type Extension,
  externalSendersExtension,
  externalSendersOf,
  type PreSharedKeyId,
  requiredCapabilitiesExtension,
} from "../../wire/index.ts";
import { keyPackageOf } from "../client.ts";
import { ProposalType } from "../../registry.ts";
import { attack } from "./attack.ts";
import { carryProposal } from "./carry.ts";
import { checkAgreement, checkGhosts, reloaded } from "./checks.ts";
import { commit, outcome, prepare, settle } from "./commits.ts";
import { prepareJoin, settleJoin } from "./external.ts";
import type { CommitManner, History, Step } from "./steps.ts";
import { read, say, twinsTalk } from "./talk.ts";
import { type Peer, World } from "./world.ts";

type Play = {
  readonly [K in Step["kind"]]: (world: World, step: Extract<Step, { kind: K }>) => Promise<void>;
};

const PLAIN: CommitManner = {
  by: 0,
  pending: true,
  path: true,
  echo: false,
  restart: false,
  chatty: false,
  first: true,
};

const play: Play = {
  add: async (world, step) => {
    const room = world.maxMembers - world.peers.length - world.expected.add.size;
    const clients = [];
    for (let i = 0; i < Math.min(step.count, room); i++) {
      const client = await world.outsider();
      world.invite(client); // so that the next one is another
      clients.push(client);
    }
    clients.forEach(({ name }) => world.expected.add.delete(name));
    const pending = step.pending && !world.expected.resumption; // newcomers have no resumption PSK
    await commit(world, { ...step, pending }, { add: clients });
  },
  remove: async (world, step) => {
    const by = world.peer(step.by);
    const others = world.others(by);
    const remove = new Set(
      step.who.map((pick) => others[pick % others.length]).filter((peer) => peer !== undefined),
    );
    await commit(world, canInclude(world, step), {
      remove: [...remove].slice(0, Math.max(0, others.length - 1)),
    });
  },
  update: async (world, step) => {
    await commit(world, canInclude(world, step), step.newKey ? { newSigner: await world.newSigner() } : {});
  },
  psk: async (world, step) => {
    const psk = await pskFor(world, step);
    const pending = step.pending && (psk.pskType === PskType.external || world.expected.add.size === 0);
    await commit(world, canInclude(world, { ...step, pending }), {
      also: (builder) => builder.injectPsk(psk),
    });
  },
  extensions: async (world, step) => {
    const extensions = await extensionsFor(world, step);
    await commit(world, canInclude(world, step), {
      also: (builder) => builder.groupContextExtensions(extensions),
    });
  },
  clear: async (world, step) => {
    const by = world.peer(step.by);
    const outsider = await world.outsider();
    await prepare(world, by, canInclude(world, step), {
      add: world.peers.length < world.maxMembers ? [outsider] : [],
    });
    await by.group.clearPendingCommit();
    expect(by.group.pendingCommit).toBeUndefined();
    await by.group.clearPendingCommit();
  },
  proposeAdd: async (world, step) => {
    if (world.peers.length + world.expected.add.size >= world.maxMembers) {
      return;
    }
    const client = await world.outsider();
    const keyPackage = await keyPackageOf(client);
    const by = world.peer(step.by);
    const target = { cipherSuite: world.suite, groupId: world.groupId, epoch: world.epoch };
    if (step.how === "newcomer") {
      await carryProposal(world, await proposeToJoin(client.provider, client.signer, target, keyPackage));
    } else if (step.how === "server" && isServed(world)) {
      const { provider, signer } = world.server!;
      const add = { proposalType: ProposalType.add, keyPackage: keyPackage.fields };
      await carryProposal(world, await proposeAsExternalSender(provider, signer, target, 0, add));
    } else {
      const { message } = await by.group.propose(world.signer(by), proposals.add(keyPackage));
      await carryProposal(world, message, by);
    }
    world.invite(client);
  },
  proposeRemove: async (world, step) => {
    const by = world.peer(step.by);
    const who = world.peer(step.who);
    if (world.peers.length <= 2 || world.expected.remove.size > world.peers.length - 3) {
      return;
    }
    const removed = world.leafOf(who);
    if (step.how === "server" && isServed(world)) {
      const target = { cipherSuite: world.suite, groupId: world.groupId, epoch: world.epoch };
      const remove = { proposalType: ProposalType.remove, removed };
      const { provider, signer } = world.server!;
      await carryProposal(world, await proposeAsExternalSender(provider, signer, target, 0, remove));
    } else {
      const { message } = await by.group.propose(world.signer(by), proposals.remove(removed));
      await carryProposal(world, message, by);
    }
    world.expected.remove.add(who.client.name);
  },
  proposeUpdate: async (world, step) => {
    for (const by of new Set(step.by.map((pick) => world.peer(pick)))) {
      const signer = world.signer(by);
      const newSigner = step.newKey ? await world.newSigner() : signer;
      const parameters = { credentialWithKey: world.credential(by, newSigner) };
      const { message } = await by.group.propose(signer, proposals.update(parameters, newSigner));
      await carryProposal(world, message, by);
    }
  },
  proposePsk: async (world, step) => {
    const by = world.peer(step.by);
    const psk = await pskFor(world, step);
    const { message } = await by.group.propose(world.signer(by), proposals.psk(psk));
    await carryProposal(world, message, by);
    world.expected.resumption ||= psk.pskType === PskType.resumption;
  },
  proposeExtensions: async (world, step) => {
    const by = world.peer(step.by);
    const extensions = await extensionsFor(world, step);
    const { message } = await by.group.propose(
      world.signer(by),
      proposals.groupContextExtensions(extensions),
    );
    await carryProposal(world, message, by);
  },
  dropProposal: async (world, step) => {
    const by = world.peer(step.by);
    const { pendingProposals } = by.group;
    // Only what leaves the rest of the plan as it is: an Update, which its sender then makes in vain.
    const updates = pendingProposals.filter(({ proposal }) => proposal.proposalType === ProposalType.update);
    const reference = updates[step.which % updates.length]?.reference;
    if (reference === undefined) {
      expect(await by.group.removePendingProposal(new Uint8Array(32))).toBe(false);
      return;
    }
    for (const { group } of world.peers) {
      expect(await group.removePendingProposal(reference)).toBe(true);
    }
  },
  externalJoin: async (world, step) => {
    if (world.peers.length >= world.maxMembers) {
      return;
    }
    const joiner = await world.outsider();
    const psks = step.psk ? [await pskFor(world, { resumption: false, age: 0 })] : [];
    const join = await prepareJoin(world, joiner, world.peer(step.via), { psks });
    await settleJoin(world, joiner, join);
  },
  resync: async (world, step) => {
    const who = world.peer(step.who);
    const others = world.others(who);
    const via = others[step.via % others.length];
    if (via === undefined) {
      return;
    }
    const signer = step.newKey ? await world.newSigner() : world.signer(who);
    const credentialWithKey = world.credential(who, signer);
    const resync = world.leafOf(who);
    await who.group.delete();
    world.leave(who);
    const join = await prepareJoin(world, who.client, via, { signer, credentialWithKey, resync });
    await settleJoin(world, who.client, join);
  },
  race: async (world, step) => {
    const loser = world.peer(step.loser);
    const others = world.others(loser);
    const winner = others[step.winner % others.length];
    if (winner === undefined) {
      return;
    }
    const manner = canInclude(world, { ...PLAIN, restart: step.restart });
    const lost = await prepare(world, loser, manner, { newSigner: await world.newSigner() });
    if (step.outsider && world.peers.length < world.maxMembers) {
      const joiner = await world.outsider();
      await settleJoin(world, joiner, await prepareJoin(world, joiner, winner));
    } else {
      const expected = outcome(world, winner, manner, {});
      const invited = new Map(world.invited);
      const won = await prepare(world, winner, manner, {});
      await settle(world, winner, manner, won, expected, invited);
    }
    world.wire.push({ bytes: lost.commit, from: loser.client.name, epoch: world.epoch - 1n });
    expect(loser.group.pendingCommit).toBeUndefined();
  },
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

/** Whether the pending proposals may be committed: newcomers have no resumption PSK of the group. */
function canInclude<T extends CommitManner>(world: World, manner: T): T {
  const clash = world.expected.resumption && world.expected.add.size > 0;
  return clash ? { ...manner, pending: false } : manner;
}

/** Whether the group lets the server propose. */
function isServed(world: World): boolean {
  return externalSendersOf(world.peers[0]!.group.extensions) !== undefined;
}

async function pskFor(world: World, choice: { resumption: boolean; age: number }): Promise<PreSharedKeyId> {
  const suite = await world.crypto.cipherSuite(world.suite);
  const pskNonce = suite.randomBytes(suite.params.kdf.hashLength);
  if (!choice.resumption) {
    const recent = world.psks[world.psks.length - 1 - (choice.age % 4)];
    return { pskType: PskType.external, pskId: recent?.id ?? (await world.newPsk()), pskNonce };
  }
  // An epoch that every member has seen and still remembers (RFC 9420 §8.6).
  const { epoch } = world;
  const kept = (peer: Peer): bigint => epoch - BigInt(peer.group.config.resumptionPskEpochs) + 1n;
  const oldest = world.peers.flatMap((peer) => [peer.since, kept(peer)]).reduce((a, b) => (a > b ? a : b));
  const pskEpoch = oldest + (BigInt(choice.age) % (epoch - oldest + 1n));
  const usage = ResumptionPskUsage.application;
  return { pskType: PskType.resumption, usage, pskGroupId: world.groupId, pskEpoch, pskNonce };
}

async function extensionsFor(
  world: World,
  choice: { readonly senders: boolean; readonly required: boolean },
): Promise<Extension[]> {
  world.server ??= await world.newServer();
  const required = { extensionTypes: [], proposalTypes: [], credentialTypes: [1] };
  return [
    ...(choice.senders ? [externalSendersExtension([world.server.credentialWithKey])] : []),
    ...(choice.required ? [requiredCapabilitiesExtension(required)] : []),
  ];
}

/** Plays a history from the creation of its group, checking after each step what must hold at all times. */
export async function playHistory(
  crypto: CryptoProvider,
  suite: number,
  { members, steps }: History,
  maxMembers: number,
): Promise<World> {
  const world = new World(crypto, suite, maxMembers);
  const creator = await world.newClient();
  const config = world.configFor(0);
  const { provider, signer, credentialWithKey } = creator;
  const builder = MlsGroup.builder().cipherSuite(suite).config(config);
  world.join(creator, config, await builder.build(provider, signer, credentialWithKey));
  await play.add(world, { kind: "add", ...PLAIN, count: members - 1 });
  for (const [i, step] of steps.entries()) {
    await (play[step.kind] as (world: World, step: Step) => Promise<void>)(world, step);
    await checkAgreement(world);
    await checkGhosts(world);
    await reloaded(world.peer(i));
  }
  return world;
}
