import { MlsGroup, proposals } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type StorageRecord, utf8 } from "@openmls-ts/traits";
import { keyPackageOf } from "../core.ts";
import { Failure } from "../failure.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { people } from "../people.ts";
import type { Attack, Target } from "../target.ts";

/** A store whose records are damaged, and a group that is loaded from it and used. */
export const records: Target = {
  name: "records",
  length: 500,
  open: async (random, checker): Promise<Attack> => {
    const world = await people(random);
    const { alice, bob } = world;
    const fromBob = [
      await bob.group.createMessage(bob.signer, utf8("hi")),
      (await bob.group.selfUpdate(bob.signer)).commit,
    ];
    await alice.group.propose(alice.signer, proposals.update());
    await alice.group.addMembers(alice.signer, [await keyPackageOf(await world.newcomer("dave"))]);
    const all = alice.storage.entries();
    const values = all.map(({ value }) => value);
    const { groupId } = alice.group;
    return async () => {
      const at = random.int(all.length);
      const damaged = mutateBytes(random, values[at]!, values);
      const puts = all.map(({ key, value }, i): StorageRecord => ({
        key,
        value: i === at ? damaged : value,
      }));
      const storage = memoryStorage();
      await storage.write({ puts });
      checker.input = damaged;
      const provider = { ...alice.provider, storage };
      const loaded = await checker.call(async () => MlsGroup.load(provider, groupId));
      if (!loaded.ok) return false;
      const group = loaded.value;
      if (group === undefined) throw new Failure("outcome", "a damaged group is said to be none");
      await checker.call(async () => group.processMessage(fromBob[0]!));
      await checker.call(async () => group.processMessage(fromBob[1]!));
      await checker.call(async () => group.mergePendingCommit());
      await checker.call(async () => group.selfUpdate(alice.signer));
      await checker.call(async () => group.exportGroupInfo(alice.signer));
      await checker.call(() => group.members());
      return false;
    };
  },
};
