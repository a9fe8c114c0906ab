import { describe, expect, it } from "vitest";
import { MlsGroup, PublicGroup, type WorkOptions, type WorkProgress } from "../index.ts";
import { CRYPTO } from "../testing/cast.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { pair } from "../testing/pair.ts";
import { mlsError } from "../testing/suites.ts";
import { recordsOf } from "../testing/world.ts";

const ABORTED = mlsError("ERR_MLS_ABORTED");

/** Gives work up at the first report of a task. */
function until(task: WorkProgress["task"]): WorkOptions & { readonly seen: string[] } {
  const controller = new AbortController();
  const seen: string[] = [];
  return {
    seen,
    signal: controller.signal,
    onProgress: (progress) => {
      seen.push(progress.task);
      if (progress.task === task) controller.abort();
    },
  };
}
const only = ({ signal, onProgress }: WorkOptions): WorkOptions => ({
  signal: signal!,
  onProgress: onProgress!,
});

describe.each(CRYPTO)("taking in a commit on %s", (_, crypto) => {
  it("can be given up in each of its parts, changes nothing then, and can be done later", async () => {
    const [alice, bob, carol] = [
      await client("alice", crypto),
      await client("bob", crypto),
      await client("carol", crypto),
    ];
    const group = await createGroup(alice, { handshake: "public" });
    await group.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const bobs = await joinFrom(bob, (await group.mergePendingCommit()).welcome);
    const seen = await PublicGroup.fromGroupInfo(carol.provider, await group.exportGroupInfo(alice.signer));
    const { commit } = await group.addMembers(alice.signer, [
      await keyPackageOf(await client("dave", crypto)),
    ]);
    for (const [who, observer] of [
      [bob, bobs],
      [carol, seen],
    ] as const) {
      const before = recordsOf(who);
      for (const task of ["leaves", "credentials", "path"] as const) {
        await expect(observer.processMessage(commit, only(until(task)))).rejects.toThrow(ABORTED);
      }
      expect(observer.epoch).toBe(1n);
      expect(recordsOf(who)).toEqual(before);
      const told = until("records");
      expect(await observer.processMessage(commit, only(told))).toMatchObject({ kind: "commit" });
      expect([...new Set(told.seen)]).toEqual(["leaves", "credentials", "path"]);
    }
    await follow(bobs, commit);
    await group.mergePendingCommit();
    expect(bobs.epochAuthenticator).toEqual(group.epochAuthenticator);
  });
});

describe("a message that is not wanted any more when its turn comes", () => {
  it("is not opened: its key is not spent", async () => {
    const two = await pair();
    const controller = new AbortController();
    const message = await two.a.createMessage(two.alice.signer, new Uint8Array(1));
    const first = two.b.selfUpdate(two.bob.signer); // what the message waits for
    const given = two.b.processMessage(message, { signal: controller.signal });
    controller.abort("closing");
    await first;
    await two.b.clearPendingCommit();
    await expect(given).rejects.toMatchObject({ code: "ERR_MLS_ABORTED", cause: "closing" });
    expect(await two.b.processMessage(message)).toMatchObject({ kind: "application" });
  });
});

describe("following and joining from outside", () => {
  it("can be given up, too", async () => {
    const two = await pair();
    const dave = await client("dave", two.alice.provider.crypto);
    const groupInfo = await two.a.exportGroupInfo(two.alice.signer);
    const before = recordsOf(dave);
    const { groupId } = two.a;
    await expect(
      PublicGroup.fromGroupInfo(dave.provider, groupInfo, undefined, only(until("leaves"))),
    ).rejects.toThrow(ABORTED);
    await expect(
      MlsGroup.externalCommitBuilder(dave.provider, groupInfo, undefined, only(until("leaves"))),
    ).rejects.toThrow(ABORTED);
    const builder = (await MlsGroup.externalCommitBuilder(dave.provider, groupInfo)).work(
      only(until("path")),
    );
    await expect(builder.build(dave.signer, dave.credentialWithKey)).rejects.toThrow(ABORTED);
    expect(recordsOf(dave)).toEqual(before);
    await PublicGroup.fromGroupInfo(dave.provider, groupInfo);
    await expect(PublicGroup.load(dave.provider, groupId, only(until("records")))).rejects.toThrow(ABORTED);
    expect((await PublicGroup.load(dave.provider, groupId))?.epoch).toBe(1n);
  });
});
