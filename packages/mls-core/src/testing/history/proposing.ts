import { expect } from "vitest";
import { type Extension, proposals, proposeAsExternalSender, proposeToJoin } from "../../index.ts";
import { ProposalType, PskType, ResumptionPskUsage } from "../../registry.ts";
import {
  externalSendersExtension,
  externalSendersOf,
  type PreSharedKeyId,
  type Proposal,
  requiredCapabilitiesExtension,
} from "../../wire/index.ts";
import { keyPackageOf } from "../client.ts";
import type { Entry } from "./book.ts";
import { carryProposal } from "./carry.ts";
import { expectRefused } from "./checks.ts";
import { forbiddenQuestion } from "./commits.ts";
import { poll, pollsOf } from "./custom.ts";
import type { Plays } from "./steps.ts";
import type { Peer, World } from "./world.ts";

type Draft = Parameters<Peer["group"]["propose"]>[1];

async function propose(world: World, by: Peer, draft: Draft, entry: Omit<Entry, "sender">): Promise<void> {
  await carryProposal(world, await by.group.propose(world.signer(by), draft), entry, by);
}

/** The server proposes, where the group has named it. */
async function serverProposes(world: World, proposal: Proposal, entry: Omit<Entry, "sender">): Promise<void> {
  const { provider, signer } = world.server!;
  const target = { cipherSuite: world.suite, groupId: world.groupId, epoch: world.epoch };
  const message = await proposeAsExternalSender(provider, signer, target, 0, proposal);
  await carryProposal(world, { message }, entry);
}

/** Whether the group lets the server propose. */
function isServed(world: World): boolean {
  return externalSendersOf(world.peers[0]!.group.extensions) !== undefined;
}

/** Proposals that wait for a commit: who sends them, and how. */
export const proposing: Plays<
  | "proposeAdd"
  | "proposeRemove"
  | "proposeUpdate"
  | "proposePsk"
  | "proposeExtensions"
  | "proposePoll"
  | "changeMind"
> = {
  proposeAdd: async (world, step) => {
    if (world.peers.length + world.book.invited.size >= world.maxMembers) {
      return;
    }
    const client = await world.outsider();
    const keyPackage = await keyPackageOf(client);
    const entry = { kind: "add", who: client.name } as const;
    if (step.how === "newcomer") {
      const group = world.peer(step.by).group; // all that a target needs
      const message = await proposeToJoin(client.provider, client.signer, group, keyPackage);
      await carryProposal(world, { message }, entry);
    } else if (step.how === "server" && isServed(world)) {
      const add = { proposalType: ProposalType.add, keyPackage: keyPackage.fields };
      await serverProposes(world, add, entry);
    } else {
      await propose(world, world.peer(step.by), proposals.add(keyPackage), entry);
    }
  },
  proposeRemove: async (world, step) => {
    const who = world.peer(step.who);
    if (world.peers.length <= 2 || world.book.unwelcome.size > world.peers.length - 3) {
      return;
    }
    const removed = world.leafOf(who);
    const entry = { kind: "remove", who: who.client.name } as const;
    if (step.how === "server" && isServed(world)) {
      await serverProposes(world, { proposalType: ProposalType.remove, removed }, entry);
    } else {
      await propose(world, world.peer(step.by), proposals.remove(removed), entry);
    }
  },
  proposeUpdate: async (world, step) => {
    for (const by of new Set(step.by.map((pick) => world.peer(pick)))) {
      const newSigner = step.newKey ? await world.newSigner() : world.signer(by);
      const parameters = { credentialWithKey: world.credential(by, newSigner) };
      const entry = { kind: "update", who: by.client.name } as const;
      await propose(world, by, proposals.update(parameters, newSigner), entry);
    }
  },
  proposePsk: async (world, step) => {
    const psk = await pskFor(world, step);
    const kind = psk.pskType === PskType.resumption ? "resumption" : "psk";
    await propose(world, world.peer(step.by), proposals.psk(psk), { kind });
  },
  proposeExtensions: async (world, step) => {
    const draft = proposals.groupContextExtensions(await extensionsFor(world, step));
    await propose(world, world.peer(step.by), draft, { kind: "extensions" });
  },
  proposePoll: async (world, step) => {
    const by = world.peer(step.by);
    const { question } = step;
    const draft = poll.make(Uint8Array.of(question));
    const entry = { kind: "poll", question } as const;
    if (step.how === "server" && isServed(world)) {
      await serverProposes(world, draft, entry); // a server does not know what was asked before
      return;
    }
    const others = [...world.book.wantedBy(by.client.name).values()].map((known) => known.question);
    if (question !== forbiddenQuestion(world)) {
      await propose(world, by, draft, entry);
    } else if (others.every((other) => other === undefined || other === question)) {
      const again = async (): Promise<unknown> => by.group.propose(world.signer(by), draft);
      expect((await expectRefused(by, again)).rule).toBe("poll-again");
    }
  },
  changeMind: async (world, step) => {
    const by = world.peer(step.by);
    const { knownProposals } = by.group;
    const known = knownProposals[step.which % knownProposals.length];
    if (known === undefined) {
      expect(await by.group.removePendingProposal(new Uint8Array(32))).toBe(false);
      expect(await by.group.restorePendingProposal(new Uint8Array(32))).toBe(false);
      return;
    }
    const [first, second] = [step.back, !step.back];
    for (const wanted of step.twice ? [first, second] : [first]) {
      const choose = wanted ? "restorePendingProposal" : "removePendingProposal";
      expect(await by.group[choose](known)).toBe(true);
      world.book.want(by.client.name, world.book.references[step.which % knownProposals.length]!, wanted);
    }
  },
};

/** A PSK that every member has. */
export async function pskFor(
  world: World,
  choice: { readonly resumption: boolean; readonly age: number },
): Promise<PreSharedKeyId> {
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

/** All extensions of a GroupContext, with what polls alone may change. */
export async function extensionsFor(
  world: World,
  choice: { readonly senders: boolean; readonly required: boolean },
): Promise<Extension[]> {
  world.server ??= await world.newServer();
  const { credentialWithKey } = world.server;
  const required = { extensionTypes: [], proposalTypes: [poll.type], credentialTypes: [1, 0xf001] };
  return [
    ...(choice.senders ? [externalSendersExtension([credentialWithKey])] : []),
    ...(choice.required ? [requiredCapabilitiesExtension(required)] : []),
    ...pollsOf(world.peers[0]!.group.extensions),
  ];
}
