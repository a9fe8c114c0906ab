import { describe, expect, it } from "vitest";
import { type MlsErrorCode } from "@openmls-ts/traits";
import { MlsGroup, proposals } from "../index.ts";
import { follow } from "../testing/client.ts";
import { handleOf } from "../testing/inside.ts";
import { mlsError } from "../testing/suites.ts";
import { expectUnable, newWorld } from "../testing/world.ts";
import { mergeMember } from "./commit/merge.ts";
import { processMessage } from "./receive/process-message.ts";
import { openStagedCommit } from "./receive/staged-commit.ts";
import { Waiting } from "./proposal-view.ts";

describe("a handle that is of no use any more", () => {
  async function staged(config: { maxPastEpochs: number }): Promise<{
    readonly world: Awaited<ReturnType<typeof newWorld>>;
    readonly merge: () => Promise<void>;
  }> {
    const world = await newWorld({ config });
    const { commit } = await world.alice.group.selfUpdate(world.alice.signer);
    const processed = await world.bob.group.processMessage(commit);
    if (processed.kind !== "commit") {
      throw new Error("no commit");
    }
    return { world, merge: async () => world.bob.group.mergeStagedCommit(processed.stagedCommit) };
  }

  const inactive: MlsErrorCode = "ERR_MLS_GROUP_INACTIVE";

  it.each([0, 3])("merges nothing (%i past epochs)", async (maxPastEpochs) => {
    const { world, merge } = await staged({ maxPastEpochs });
    const records = world.bob.storage.entries();
    await world.bob.group.close();
    await expect(merge()).rejects.toThrow(mlsError(inactive));
    expect(world.bob.storage.entries()).toEqual(records);
  });

  it("merges nothing after its removal", async () => {
    const { world, merge } = await staged({ maxPastEpochs: 0 });
    const { charlie, bob } = world;
    const { commit } = await charlie.group.removeMembers(charlie.signer, [1]);
    await follow(bob.group, commit);
    await expect(merge()).rejects.toThrow(mlsError(inactive));
  });

  it.each(["removed", "deleted"] as const)(
    "shows no pending commit and no proposals once it is %s",
    async (how) => {
      const { alice, bob } = await newWorld();
      await bob.group.propose(bob.signer, proposals.remove(3));
      await bob.group.selfUpdate(bob.signer);
      if (how === "removed") {
        await follow(bob.group, (await alice.group.removeMembers(alice.signer, [1])).commit);
      } else {
        await bob.group.delete();
      }
      expect(bob.group.pendingCommit).toBeUndefined();
      expect(bob.group.pendingCommitMessage).toBeUndefined();
      expect(bob.group.knownProposals).toEqual([]);
    },
  );

  it("is deleted once, and stays so after its removal", async () => {
    const { alice, bob } = await newWorld();
    const { commit } = await alice.group.removeMembers(alice.signer, [1]);
    await follow(bob.group, commit);
    await bob.group.delete();
    await alice.group.delete();
    await alice.group.delete();
    expect(await MlsGroup.load(alice.provider, alice.group.groupId)).toBeUndefined();
  });

  it("erases the message keys of an epoch that is not kept", async () => {
    const { alice, bob } = await newWorld({ config: { maxPastEpochs: 0 } });
    const handle = await handleOf(bob);
    const { commit } = await alice.group.selfUpdate(alice.signer);
    const waiting = new Waiting(handle.env.limits);
    const processed = await handle.transact(async (state, transaction) =>
      processMessage(handle, state, transaction, commit, waiting),
    );
    if (processed instanceof Error || processed.kind !== "commit") {
      throw new Error("no commit");
    }
    const before = handle.state;
    await handle.transact(async (state, transaction) =>
      mergeMember(handle, state, transaction, openStagedCommit(processed.stagedCommit)),
    );
    expect(before.secretTree.all()).toEqual([]);
    expect(before.epoch.secrets.initSecret.length).toBe(0);
    expect(before.epoch.privateTree.entries()).toEqual([]);
    expect(handle.state.secretTree.all()).not.toEqual([]);
  });
});

describe("the echo of a commit of ours that is not pending here", () => {
  it.each(["private", "public"] as const)("is no ordinary echo (%s)", async (handshake) => {
    const { alice } = await newWorld({ config: { handshake } });
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.clearPendingCommit();
    await expectUnable(alice, async () => alice.group.processMessage(commit), "ERR_MLS_NO_PENDING_COMMIT");
  });
});
