import { bytesToHex } from "@openmls-ts/traits";
import type { StorageProvider } from "@openmls-ts/traits";
import type { Client } from "@openmls-ts/client";
import type { DeliveryService } from "@openmls-ts/client";
import { type Device, told, World } from "./world.ts";
import { MortalStorage, unreliable, type Weather } from "./faults.ts";

/** Something that is done wrong on purpose, to see whether it is noticed. */
export interface Mutant {
  readonly service?: (service: DeliveryService) => DeliveryService;
  readonly storage?: (storage: StorageProvider) => StorageProvider;
}

/** What one simulation came to. */
export interface Outcome {
  /** What was violated; empty if nothing was. */
  readonly violations: readonly string[];
  readonly entries: number;
  readonly epochs: number;
  readonly kills: number;
}

interface Actor {
  readonly device: Device;
  storage: MortalStorage;
  readonly weather: Weather;
}

const NAMES = ["alice", "bob", "carol", "dave", "erin"] as const;
const STEPS = 260;

/**
 * Plays a group of up to five people, whose processes are killed and whose network loses requests and answers, all of it by one seed;
 * then lets everybody come to rest and checks what was promised.
 */
export async function simulate(seed: number, mutant: Mutant = {}): Promise<Outcome> {
  const world = await World.create(seed, 5);
  const actors: Actor[] = [];
  let kills = 0;

  const open = async (actor: Actor): Promise<void> => {
    const inner = mutant.storage?.(actor.device.storage) ?? actor.device.storage;
    actor.storage = new MortalStorage(inner);
    const flaky = unreliable(actor.device.service, actor.weather, (limit) => world.below(limit));
    const service = mutant.service?.(flaky) ?? flaky;
    actor.device.client = await actor.device.open({ storage: actor.storage, service });
  };
  for (const name of NAMES) {
    const device = await world.device(name);
    const actor = {
      device,
      storage: new MortalStorage(device.storage),
      weather: { lost: 0, unanswered: 0, cut: false },
    };
    await open(actor);
    await device.client.step();
    actors.push(actor);
  }
  const [founder] = actors;
  const groupId = await founder!.device.client.createGroup();
  await world.settle(...actors.map(({ device }) => device));

  const sent: string[] = [];
  const attempt = async (work: (client: Client) => Promise<unknown>, actor: Actor): Promise<void> => {
    try {
      await work(actor.device.client);
    } catch {
      // dead, not a member, or cut off
    }
  };
  for (const { weather } of actors)
    Object.assign(weather, { lost: world.below(12), unanswered: world.below(12) });
  for (let step = 0; step < STEPS; step++) {
    const actor = actors[world.below(actors.length)]!;
    const other = NAMES[1 + world.below(NAMES.length - 1)]!;
    const choice = world.below(100);
    if (actor.storage.dead) {
      world.time += 20n; // the lease of the dead runs out
      await attempt(async () => open(actor), actor);
    } else if (choice < 60) {
      await attempt(async (client) => client.step(), actor);
    } else if (choice < 75) {
      const text = `${actor.device.user} ${step}`;
      await attempt(async (client) => client.send(groupId, text).then(() => sent.push(text)), actor);
    } else if (choice < 82) {
      await attempt(async (client) => client.invite(groupId, other), actor);
    } else if (choice < 85) {
      await attempt(async (client) => client.remove(groupId, other), actor);
    } else if (choice < 88) {
      await attempt(async (client) => client.rotateKeys(groupId), actor);
    } else if (choice < 89 && actor !== founder) {
      await attempt(async (client) => client.leave(groupId), actor);
    } else if (choice < 93) {
      actor.storage.dieAt(world.below(6), world.below(2) === 0);
      kills++;
    } else if (choice < 96) {
      actor.weather.cut = !actor.weather.cut && world.below(2) === 0;
    } else {
      world.time += BigInt(world.below(30));
    }
  }

  for (const actor of actors) {
    Object.assign(actor.weather, { lost: 0, unanswered: 0, cut: false });
    actor.storage.kill();
    world.time += 20n;
    await open(actor);
  }
  const violations: string[] = [];
  try {
    await world.settle(...actors.map(({ device }) => device));
  } catch (error) {
    violations.push(`I9 they come to no rest: ${String(error)}`);
  }
  violations.push(
    ...(await check(
      world,
      groupId,
      actors.map(({ device }) => device),
      sent,
    )),
  );
  const log = world.service.log(groupId);
  return {
    violations,
    entries: log.length,
    epochs: log.filter(({ kind }) => kind === "commit").length,
    kills,
  };
}

/** What was promised, at rest. */
async function check(
  world: World,
  groupId: Uint8Array,
  devices: readonly Device[],
  sent: readonly string[],
): Promise<string[]> {
  const violations: string[] = [];
  const log = world.service.log(groupId);
  const commits = log.filter(({ kind }) => kind === "commit").map(({ epoch }) => epoch);
  if (new Set(commits).size !== commits.length) violations.push("I1 two commits of one epoch");
  if (log.some(({ seq }, at) => seq !== BigInt(at + 1))) violations.push("I1 the log has a gap");

  const memberships = world.service.memberships(groupId);
  const lists = new Map<string, string[]>();
  const codes = new Set<string>();
  for (const device of devices) {
    const { client, user } = device;
    const events = await told(client);
    const messages = events.filter(({ kind }) => kind === "message").map(({ data }) => data);
    lists.set(user, messages);
    if (new Set(messages).size !== messages.length) violations.push(`I3 ${user} has a message twice`);
    const own = memberships.filter((one) => one.device === bytesToHex(client.device));
    const readable = log.filter(
      ({ seq, kind }) =>
        kind === "application" && own.some(({ joined, left }) => seq > joined && seq <= (left ?? seq)),
    );
    const unreadable = events.filter(({ kind }) => kind === "unreadable" || kind === "commit-rejected");
    if (unreadable.length > 0)
      violations.push(`I3 ${user} could not read: ${unreadable.map(({ reason }) => reason).join(", ")}`);
    const group = await client.group(groupId).catch(() => undefined);
    if (own.some(({ left }) => left === undefined) !== (group?.state === "active")) {
      violations.push(`I11 ${user} is ${group?.state ?? "no member"}, the service says otherwise`);
    }
    if (readable.length !== messages.length) {
      violations.push(`I3 ${user} has ${messages.length} of ${readable.length} messages`);
    }
    const notSent = events.filter(({ kind }) => kind === "not-sent").map(({ data }) => data);
    for (const text of sent.filter((one) => one.startsWith(`${user} `))) {
      const times =
        messages.filter((one) => one === text).length + notSent.filter((one) => one === text).length;
      if (times !== 1) violations.push(`G4 ${user}'s "${text}" ended ${times} times`);
    }
    const left = device.storage
      .entries()
      .filter(({ key }) => ["client_outbox", "client_intent"].includes(key.table));
    if (left.length > 0)
      violations.push(`I9 ${user} still has ${left.map(({ key }) => key.table).join(", ")}`);
    if (group?.state === "active") codes.add((await client.verificationCode(groupId)).digits);
  }
  if (codes.size > 1) violations.push("I8 members are in different epochs");
  const all = lists.get("alice") ?? [];
  for (const [user, list] of lists) {
    const places = list.map((text) => all.indexOf(text));
    if (places.some((place, i) => i > 0 && place <= places[i - 1]!)) {
      violations.push(`I3 ${user} has another order than alice`);
    }
  }
  return violations;
}
