import {
  externalSendersExtension,
  proposals,
  type ProposalTarget,
  proposeAsExternalSender,
  proposeToJoin,
  requiredCapabilitiesExtension,
} from "@openmls-ts/mls-core";
import { type CipherSuite, utf8 } from "@openmls-ts/traits";
import { ProposalType, PskType, ResumptionPskUsage } from "../../../packages/mls-core/src/registry.ts";
import { Draw } from "./draw.ts";
import { History, keyPackagesOf } from "./history.ts";
import { newPerson, type Person, PRIVATE_EXTENSION } from "./person.ts";
import { type CaseSource, inTurn } from "./source.ts";

/** The passive-client format. The client is called wendy; she only watches. */

export async function cast<N extends string>(
  suite: CipherSuite,
  { crypto }: CaseSource,
  names: readonly N[],
): Promise<Record<N, Person>> {
  const people = await Promise.all(
    names.map(async (name) => [name, await newPerson(name, crypto, suite.id)] as const),
  );
  return Object.fromEntries(people) as Record<N, Person>;
}

async function plainWelcome(suite: CipherSuite, source: CaseSource): Promise<object> {
  const draw = new Draw(`plain welcome ${suite.id}`);
  const { alice, wendy } = await cast(suite, source, ["alice", "wendy"]);
  const history = await History.start(alice, draw);
  await history.watch(wendy, alice, (builder) => builder.forceSelfUpdate());
  return history.vector();
}

async function welcomeWithPsk(suite: CipherSuite, source: CaseSource): Promise<object> {
  const draw = new Draw(`welcome with psk ${suite.id}`);
  const { alice, bob, wendy } = await cast(suite, source, ["alice", "bob", "wendy"]);
  const history = await History.start(alice, draw, { config: { ratchetTreeExtension: false } });
  const psk = { pskType: PskType.external, pskId: draw.bytes(12) } as const;
  await history.sharePsk(psk.pskId, draw.bytes(32), [alice, bob]);
  const keyPackages = await keyPackagesOf([bob]);
  await history.commit(alice, (builder) => builder.addMembers(keyPackages), [bob]);
  await history.watch(wendy, bob, (builder) => builder.injectPsk(psk)); // no path
  return history.vector();
}

/** Joining alone: the tree in the Welcome or apart; with a path or without; with a PSK or without. */
export async function passiveWelcomeCases(suite: CipherSuite, source: CaseSource): Promise<object[]> {
  return Promise.all(inTurn(suite, [plainWelcome, welcomeWithPsk]).map(async (make) => make(suite, source)));
}

/** One commit of each kind, in PublicMessages for one half of the suites, in PrivateMessages for the other. */
export async function passiveCommitCases(suite: CipherSuite, source: CaseSource): Promise<object[]> {
  const draw = new Draw(`passive-client-handling-commit ${suite.id}`);
  const { alice, bob, carol, wendy } = await cast(suite, source, ["alice", "bob", "carol", "wendy"]);
  const history = await History.start(alice, draw, {
    config: { handshake: [1, 2, 4, 6].includes(suite.id) ? "public" : "private" },
  });
  const pskId = draw.bytes(8);
  await history.sharePsk(pskId, draw.bytes(24), [alice, bob, carol]);
  const first = await keyPackagesOf([bob]);
  await history.commit(alice, (builder) => builder.addMembers(first), [bob]);
  await history.watch(wendy, alice, (builder) => builder);

  await history.commit(bob); // empty
  const [carols] = await keyPackagesOf([carol]);
  await history.propose(alice, async (group, { signer }) => group.propose(signer, proposals.add(carols!)));
  await history.commit(bob, undefined, [carol]); // no path
  await history.propose(bob, async (group, { signer }) => group.propose(signer, proposals.update()));
  await history.commit(alice);
  await history.commit(carol, (builder) => builder.injectPsk({ pskType: PskType.external, pskId })); // no path
  await history.propose(alice, async (group, { signer }) =>
    group.propose(
      signer,
      proposals.groupContextExtensions([{ extensionType: PRIVATE_EXTENSION, extensionData: draw.bytes(5) }]),
    ),
  );
  const removed = history.group(carol).ownLeafIndex;
  await history.commit(bob, (builder) => builder.removeMembers([removed]));
  return [history.vector()];
}

/** Everything encrypted: rotation, PSKs of both kinds, authenticated data, proposals out of order and left out. */
async function privateHistory(suite: CipherSuite, source: CaseSource): Promise<object> {
  const draw = new Draw(`private handshakes ${suite.id}`);
  const { alice, bob, carol, wendy } = await cast(suite, source, ["alice", "bob", "carol", "wendy"]);
  const history = await History.start(alice, draw);
  const external = { pskType: PskType.external, pskId: draw.bytes(16) } as const;
  await history.sharePsk(external.pskId, draw.bytes(32), [alice, bob, carol]);
  const first = await keyPackagesOf([bob]);
  await history.commit(alice, (builder) => builder.addMembers(first).forceSelfUpdate(), [bob]);
  await history.watch(wendy, bob, (builder) => builder.forceSelfUpdate());

  await history.proposeRotation(bob);
  await history.propose(alice, async (group, { signer }) =>
    group.propose(signer, proposals.psk(external), { authenticatedData: utf8("from alice") }),
  );
  await history.commit(alice, (builder) => builder.authenticatedData(utf8("to all")));
  const carols = await keyPackagesOf([carol]);
  await history.commit(bob, (builder) => builder.addMembers(carols).injectPsk(external), [carol]); // no path
  const { groupId, epoch } = history.group(alice);
  const resumption = {
    pskType: PskType.resumption,
    usage: ResumptionPskUsage.application,
    pskGroupId: groupId,
    pskEpoch: epoch,
  } as const;
  await history.propose(alice, async (group, { signer }) => group.propose(signer, proposals.psk(external)));
  await history.propose(alice, async (group, { signer }) => group.propose(signer, proposals.psk(resumption)));
  await history.proposeRotation(carol);
  await history.commit(bob);
  await history.propose(alice, async (group, { signer }) => group.propose(signer, proposals.update()));
  await history.commitRotation(carol, (builder) => builder.includePendingProposals(false));
  const removed = history.group(bob).ownLeafIndex;
  await history.commit(carol, (builder) =>
    builder.removeMembers([removed]).injectPsk({ ...resumption, pskEpoch: epoch + 1n }),
  );
  return history.vector();
}

/** People outside of the group: external commits, an external sender, a newcomer that asks, a member that returns. */
async function openHistory(suite: CipherSuite, source: CaseSource): Promise<object> {
  const draw = new Draw(`open group ${suite.id}`);
  const people = await cast(suite, source, ["alice", "bob", "carol", "erin", "service", "wendy"]);
  const { alice, bob, carol, erin, service, wendy } = people;
  const senders = externalSendersExtension([service.credentialWithKey]);
  const history = await History.start(alice, draw, { extensions: [senders] });
  const target = (): ProposalTarget => {
    const { groupId, epoch } = history.group(alice);
    return { cipherSuite: suite.id, groupId, epoch };
  };
  const pskId = draw.bytes(10);
  await history.sharePsk(pskId, draw.bytes(20), [alice, bob, carol, erin]);
  await history.watch(wendy, alice, (builder) => builder);

  await history.joinFromOutside(bob, alice, { authenticatedData: utf8("it is me, bob") });
  const [carols, erins] = await keyPackagesOf([carol, erin]);
  const add = { proposalType: ProposalType.add, keyPackage: carols!.fields } as const;
  await history.proposeFromOutside(
    await proposeAsExternalSender(service.provider, service.signer, target(), 0, add),
  );
  await history.commit(alice, undefined, [carol]); // no path
  const required = requiredCapabilitiesExtension({
    extensionTypes: [PRIVATE_EXTENSION],
    proposalTypes: [],
    credentialTypes: [1],
  });
  await history.commit(carol, (builder) => builder.groupContextExtensions([required, senders]));
  await history.proposeFromOutside(await proposeToJoin(erin.provider, erin.signer, target(), erins!));
  const remove = { proposalType: ProposalType.remove, removed: history.group(carol).ownLeafIndex } as const;
  await history.proposeFromOutside(
    await proposeAsExternalSender(service.provider, service.signer, target(), 0, remove),
  );
  await history.commit(alice, undefined, [erin]);
  await history.joinFromOutside(bob, erin, { psks: [{ pskType: PskType.external, pskId }] });
  return history.vector();
}

export async function passiveHistoryCases(suite: CipherSuite, source: CaseSource): Promise<object[]> {
  return Promise.all(inTurn(suite, [privateHistory, openHistory]).map(async (make) => make(suite, source)));
}
