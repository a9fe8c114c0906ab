import { type MlsErrorCode } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, StagedWelcome, type WorkOptions, type WorkProgress } from "../index.ts";
import { CRYPTO } from "../testing/cast.ts";
import { type Client, client, createGroup, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const ABORTED = mlsError("ERR_MLS_ABORTED" satisfies MlsErrorCode);
const [, node] = CRYPTO[0]!;

/** Watches work, and gives it up at a task's first report beyond `done`. */
function watching(
  task?: string,
  done = 0,
): WorkOptions & { readonly seen: WorkProgress[]; readonly tasks: () => string[] } {
  const controller = new AbortController();
  const seen: WorkProgress[] = [];
  return {
    seen,
    tasks: () => [...new Set(seen.map((progress) => progress.task))],
    signal: controller.signal,
    onProgress: (progress) => {
      seen.push(progress);
      if (progress.task === task && progress.done >= done) controller.abort("enough");
    },
  };
}

const only = ({ signal, onProgress }: WorkOptions): WorkOptions => ({
  signal: signal!,
  onProgress: onProgress!,
});

/** That an operation is given up, and leaves the store as it was. */
async function expectGivenUp(who: Client, operation: Promise<unknown>): Promise<void> {
  const before = who.storage.entries();
  await expect(operation).rejects.toThrow(ABORTED);
  await expect(operation).rejects.toMatchObject({ cause: "enough" });
  expect(who.storage.entries()).toEqual(before);
}

function expectMonotonous(seen: readonly WorkProgress[]): void {
  for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total);
  for (const task of ["path", "welcome"]) {
    const steps = seen.filter((progress) => progress.task === task).map(({ done }) => done);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  }
}

describe.each(CRYPTO)("long work on %s", (name, crypto) => {
  const [many, far] = name === "noble" ? [5, 0] : [70, 64]; // more than one batch, where that is fast

  it("can be given up in each of its parts, and done later", async () => {
    const [alice, bob, carol] = await Promise.all(
      ["alice", "bob", "carol"].map(async (who) => client(who, crypto)),
    );
    const groupId = (await createGroup(alice!)).groupId;
    const group = async (): Promise<MlsGroup> => (await MlsGroup.load(alice!.provider, groupId))!;
    const crowd = await Promise.all(
      Array.from({ length: many }, async (_unused, i) => keyPackageOf(await client(`member ${i}`, crypto))),
    );
    const keyPackages = [await keyPackageOf(bob!), ...crowd];
    const add = async (work: WorkOptions): Promise<unknown> =>
      (await group()).addMembers(alice!.signer, keyPackages, only(work));
    for (const [task, done] of [
      ["leaves", 0],
      ["credentials", far],
      ["welcome", far],
    ] as const) {
      await expectGivenUp(alice!, add(watching(task, done)));
      expect((await group()).pendingCommit).toBeUndefined();
    }
    const adding = watching();
    await add(adding);
    expect(adding.tasks()).toEqual(["leaves", "credentials", "welcome"]);
    expectMonotonous(adding.seen);
    const { welcome } = await (await group()).mergePendingCommit();
    const join = async (work: WorkOptions): Promise<StagedWelcome> =>
      StagedWelcome.fromWelcome(bob!.provider, welcome!, only(work));
    for (const task of ["leaves", "credentials"]) await expectGivenUp(bob!, join(watching(task, far)));
    const joining = watching();
    await (await join(joining)).intoGroup();
    expect(joining.tasks()).toEqual(["leaves", "parents", "credentials"]);
    expect(joining.seen).toContainEqual({ task: "leaves", done: far, total: many + 2 });
    const update = async (work: WorkOptions): Promise<unknown> =>
      (await group()).selfUpdate(alice!.signer, undefined, undefined, only(work));
    await expectGivenUp(alice!, update(watching("path", 1)));
    const updating = watching();
    await update(updating);
    expectMonotonous(updating.seen);
    expect(updating.seen.filter(({ task }) => task === "path").pop()).toEqual({
      task: "path",
      done: many + 1,
      total: many + 1,
    });
    await (await group()).clearPendingCommit();
    const groupInfo = await (await group()).exportGroupInfo(alice!.signer);
    const { credentialWithKey } = carol!;
    const outside = async (work: WorkOptions): Promise<unknown> =>
      MlsGroup.joinByExternalCommit(carol!.provider, carol!.signer, {
        groupInfo,
        credentialWithKey,
        ...only(work),
      });
    for (const task of ["leaves", "credentials", "path"])
      await expectGivenUp(carol!, outside(watching(task, 0)));
    await outside(watching());
    await expectGivenUp(alice!, MlsGroup.load(alice!.provider, groupId, only(watching("records"))));
    const loading = watching();
    expect((await MlsGroup.load(alice!.provider, groupId, only(loading)))!.members()).toHaveLength(many + 2);
    expect(loading.seen.map(({ done }) => done)).toEqual([0, many + 2]);
  });
});

describe("long work", () => {
  it("that is not wanted from the start is not begun, and the group goes on", async () => {
    const [alice, bob] = [await client("alice", node), await client("bob", node)];
    const group = await createGroup(alice);
    await group.addMembers(alice.signer, [await keyPackageOf(bob)]);
    const { welcome } = await group.mergePendingCommit();
    const signal = { aborted: true, reason: "enough" };
    await expectGivenUp(bob, StagedWelcome.fromWelcome(bob.provider, welcome!, { signal }));
    await expectGivenUp(alice, group.commit().work({ signal }).forceSelfUpdate().build(alice.signer));
    await expectGivenUp(alice, MlsGroup.load(alice.provider, group.groupId, { signal }));
    const bobs = await joinFrom(bob, welcome);
    const { commit } = await group.selfUpdate(alice.signer);
    expect(await bobs.processMessage(commit)).toMatchObject({ kind: "commit" });
  });

  it("of one call is not that of the next: a signal is for the call that it was given to", async () => {
    const [alice, bob] = [await client("alice", node), await client("bob", node)];
    const group = await createGroup(alice);
    const work = new AbortController();
    await group.addMembers(alice.signer, [await keyPackageOf(bob)], { signal: work.signal });
    const { welcome } = await group.mergePendingCommit();
    const staged = await StagedWelcome.fromWelcome(bob.provider, welcome!, { signal: work.signal });
    work.abort();
    const bobs = await staged.intoGroup();
    await bobs.selfUpdate(bob.signer);
    await group.selfUpdate(alice.signer);
    expect(bobs.pendingCommit).toBeDefined();
  });

  it("does not mind what its listener does, and minds what is none", async () => {
    const alice = await client("alice", node);
    const group = await createGroup(alice);
    const listeners: readonly (() => unknown)[] = [
      () => {
        throw new Error("no screen");
      },
      async () => Promise.reject(new Error("later")),
    ];
    for (const onProgress of listeners) {
      await group.addMembers(alice.signer, [await keyPackageOf(await client("x", node))], {
        onProgress: onProgress,
      });
      await group.clearPendingCommit();
    }
    const usage = mlsError("ERR_MLS_USAGE");
    for (const options of [
      { signal: true },
      { signal: null },
      { signal: {} },
      { onProgress: 1 },
      { abort: 1 },
    ]) {
      const given = options as never;
      await expect(MlsGroup.load(alice.provider, group.groupId, given)).rejects.toThrow(usage);
      expect(() => group.commit().work(given)).toThrow(usage);
      await expect(StagedWelcome.fromWelcome(alice.provider, new Uint8Array(), given)).rejects.toThrow(usage);
    }
  });
});
