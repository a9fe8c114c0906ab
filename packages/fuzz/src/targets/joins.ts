import { MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import type { Checker } from "../checker.ts";
import { type Client, forgeGroupInfo, type ForgedGroupInfo, forgeWelcome, keyPackageOf } from "../core.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { mutateValue } from "../mutate-value.ts";
import { insideOf, people, recordsOf, stateOf } from "../people.ts";
import type { Random } from "../random.ts";
import type { Attack, Target } from "../target.ts";

/** What an insider changes about a GroupInfo and signs. */
function changes(random: Random): ForgedGroupInfo {
  const change = <T>(value: T): T => mutateValue(random, value);
  switch (random.int(4)) {
    case 0:
      return { nodes: change };
    case 1:
      return { context: change };
    case 2:
      return { info: change };
    default:
      return { nodes: change, context: change };
  }
}

function onCopy(client: Client): Client {
  const storage = client.storage.snapshot();
  return { ...client, storage, provider: { ...client.provider, storage } };
}

async function attempt(make: () => Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await make();
  } catch {
    return undefined; // the forger itself cannot put it together
  }
}

/** Joins by Welcome: damaged ones, and those of an insider who seals anything. */
export const welcomes: Target = {
  name: "welcome",
  length: 300,
  open: async (random, checker): Promise<Attack> => {
    const world = await people(random);
    const { mallory } = world;
    const dave = await world.newcomer("dave");
    const { fields } = await keyPackageOf(dave);
    const genuine = (await forgeWelcome(await insideOf(mallory), mallory.signer, [fields])).message;
    const tree = mallory.group.exportRatchetTree();
    return async () => {
      const bytes = await attempt(async () => {
        if (random.once(2)) return mutateBytes(random, genuine);
        const secrets = random.once(3) ? { secrets: <T>(one: T): T => mutateValue(random, one) } : {};
        const forged = { ...(random.once(4) ? {} : changes(random)), ...secrets };
        return (await forgeWelcome(await insideOf(mallory), mallory.signer, [fields], forged)).message;
      });
      if (bytes === undefined) return false;
      checker.input = bytes;
      const joiner = onCopy(dave);
      const options = random.once(4) ? { ratchetTree: mutateBytes(random, tree) } : {};
      const records = (): string => recordsOf(joiner.storage);
      const staged = await checker.call(
        async () => StagedWelcome.fromWelcome(joiner.provider, bytes, options),
        records,
      );
      if (!staged.ok) return false;
      const group = await checker.call(async () => staged.value.intoGroup(), records);
      if (group.ok) await useJoined(checker, joiner, group.value);
      return false;
    };
  },
};

/** That a group that was joined can be worked with and loaded. */
async function useJoined(checker: Checker, joiner: Client, group: MlsGroup): Promise<void> {
  const player = { ...joiner, group };
  await checker.call(async () => group.createMessage(joiner.signer, new Uint8Array(3)));
  await checker.call(
    async () => group.selfUpdate(joiner.signer),
    () => stateOf(player),
  );
  await checker.must("load", async () => MlsGroup.load(joiner.provider, group.groupId));
}

/** Joins by external commit, from a GroupInfo that is damaged, or signed by an insider. */
export const externalJoins: Target = {
  name: "external",
  length: 200,
  open: async (random, checker): Promise<Attack> => {
    const world = await people(random);
    const { alice, bob, mallory } = world;
    const dave = await world.newcomer("dave");
    const whole = await alice.group.exportGroupInfo(alice.signer);
    const bare = await alice.group.exportGroupInfo(alice.signer, { ratchetTree: false });
    const tree = alice.group.exportRatchetTree();
    return async () => {
      const bytes = await attempt(async () => {
        const kind = random.int(4);
        if (kind === 0) return bare;
        if (kind === 1) return mutateBytes(random, random.pick([whole, bare]));
        return forgeGroupInfo(await insideOf(mallory), mallory.signer, changes(random));
      });
      if (bytes === undefined) return false;
      checker.input = bytes;
      const joiner = onCopy(dave);
      const ratchetTree =
        bytes === bare ? { ratchetTree: random.once(3) ? tree : mutateBytes(random, tree) } : {};
      const joined = await checker.call(
        async () =>
          MlsGroup.joinByExternalCommit(joiner.provider, joiner.signer, {
            groupInfo: bytes,
            credentialWithKey: joiner.credentialWithKey,
            ...ratchetTree,
          }),
        () => recordsOf(joiner.storage),
      );
      if (joined.ok) {
        checker.input = joined.value.commit;
        await checker.call(
          async () => bob.group.processMessage(joined.value.commit),
          () => stateOf(bob),
        );
      }
      return false;
    };
  },
};
