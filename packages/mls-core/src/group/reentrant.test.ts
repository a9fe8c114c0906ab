import { AsyncLocalStorage } from "node:async_hooks";
import { isMlsError, type MlsProvider, type Signer, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup, proposals, PublicGroup } from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf, ownerOf } from "../testing/client.ts";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { mlsError } from "../testing/suites.ts";
import { stateOf } from "../testing/world.ts";

const crypto = nodeCrypto();
const text = utf8("hello");

/** What the application does inside a callback, and what came of it. */
class Intruder {
  act: (() => Promise<unknown>) | undefined;
  readonly seen: string[] = [];
  /** Whether the call comes after an await. */
  late = false;

  async intrude(): Promise<void> {
    const { act } = this;
    if (act === undefined) {
      return;
    }
    if (this.late) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    try {
      await act();
      this.seen.push("done");
    } catch (error) {
      this.seen.push(isMlsError(error) ? error.code : String(error));
      throw error;
    }
  }
}

async function scene(asyncContext?: MlsProvider["asyncContext"]) {
  const intruder = new Intruder();
  const intruding = async (): Promise<boolean> => {
    await intruder.intrude();
    return true;
  };
  const feature = { name: "intruder" };
  const alice = await client("alice", crypto, 1, {
    credentialValidator: { validate: intruding, isSuccessor: intruding },
    rules: { allow: intruding },
    features: [feature],
    ...(asyncContext === undefined ? {} : { asyncContext }),
  });
  const bob = await client("bob", crypto);
  const a = await createGroup(alice);
  await a.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome);
  const signer: Signer = {
    publicKey: alice.signer.publicKey,
    sign: async (message) => {
      await intruder.intrude();
      return alice.signer.sign(message);
    },
  };
  return { intruder, alice, bob, a, b, signer, feature };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** Operations whose callbacks are made to call the group. */
const OPERATIONS: Readonly<Record<string, (s: Scene) => Promise<() => Promise<unknown>>>> = {
  "a signer of a message":
    async ({ a, signer }) =>
    async () =>
      a.createMessage(signer, text),
  "a signer of a proposal":
    async ({ a, signer }) =>
    async () =>
      a.propose(signer, proposals.update()),
  "a signer of a commit":
    async ({ a, signer }) =>
    async () =>
      a.selfUpdate(signer),
  "a new signer":
    async ({ a, alice, signer }) =>
    async () =>
      a.selfUpdate(alice.signer, {}, signer),
  "a signer of a GroupInfo":
    async ({ a, signer }) =>
    async () =>
      a.exportGroupInfo(signer),
  "a signer of a branch": async ({ a, alice, bob, signer }) => {
    const keyPackages = [await keyPackageOf(bob)];
    return async () => a.branch({ ...ownerOf(alice), signer, keyPackages });
  },
  "a validator": async ({ a, b, bob }) => {
    const { commit } = await b.addMembers(bob.signer, [await keyPackageOf(await client("carol", crypto))]);
    return async () => a.processMessage(commit);
  },
  rules: async ({ a, b, bob }) => {
    const { commit } = await b.selfUpdate(bob.signer);
    return async () => a.processMessage(commit);
  },
  "a feature":
    async ({ a, feature, intruder }) =>
    async () =>
      a.use(feature, async () => intruder.intrude()),
};

const CALLS: Readonly<Record<string, (s: Scene) => Promise<unknown>>> = {
  createMessage: async ({ a, alice }) => a.createMessage(alice.signer, text),
  processMessage: async ({ a }) => a.processMessage(text),
  exportGroupInfo: async ({ a, alice }) => a.exportGroupInfo(alice.signer),
  clearPendingCommit: async ({ a }) => a.clearPendingCommit(),
  reload: async ({ a }) => a.reload(),
  close: async ({ a }) => a.close(),
};

const cases = Object.keys(OPERATIONS).flatMap((operation) => [
  { operation, late: false, context: false },
  { operation, late: true, context: true },
]);

describe("code of the application that calls the group which is waiting for it", () => {
  it.each(cases)("is told so: $operation (after an await: $late)", async ({ operation, late, context }) => {
    const s = await scene(context ? new AsyncLocalStorage() : undefined);
    const run = await OPERATIONS[operation]!(s);
    s.intruder.late = late;
    for (const call of Object.values(CALLS)) {
      const before = stateOf({ ...s.alice, group: s.a });
      s.intruder.seen.length = 0;
      s.intruder.act = async () => call(s);
      const failed: unknown = await run().then(
        () => undefined,
        (error: unknown) => error,
      );
      s.intruder.act = undefined;
      expect(s.intruder.seen).toEqual(["ERR_MLS_REENTRANT"]);
      expect(isMlsError(failed)).toBe(true);
      const causes = [failed, (failed as Error).cause];
      expect(causes).toContainEqual(mlsError("ERR_MLS_REENTRANT"));
      expect(stateOf({ ...s.alice, group: s.a })).toEqual(before);
    }
    await run(); // and the group goes on
    await s.a.clearPendingCommit();
  });

  it("is told so by two groups that wait for one another", async () => {
    const s = await scene(new AsyncLocalStorage());
    const other = await createGroup(s.alice);
    s.intruder.late = true;
    let depth = 0;
    s.intruder.act = async () => {
      depth++;
      return depth === 1 ? other.createMessage(s.signer, text) : s.a.createMessage(s.alice.signer, text);
    };
    await expect(s.a.createMessage(s.signer, text)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    expect(s.intruder.seen).toEqual(["ERR_MLS_REENTRANT", "ERR_MLS_USAGE"]);
    s.intruder.act = undefined;
    await s.a.createMessage(s.signer, text);
    await other.createMessage(s.signer, text);
  });

  it.each([false, true])("may call other groups, and this one later (context: %s)", async (context) => {
    const s = await scene(context ? new AsyncLocalStorage() : undefined);
    const other = await createGroup(s.alice);
    s.intruder.act = async () => other.createMessage(s.alice.signer, text);
    const [first, second] = await Promise.all([
      s.a.createMessage(s.signer, text),
      s.a.createMessage(s.alice.signer, text),
    ]);
    expect(s.intruder.seen).toEqual(["done"]);
    await s.b.processMessage(second);
    await s.b.processMessage(first);
    s.intruder.act = undefined;
    const { commit } = await s.b.selfUpdate(s.bob.signer);
    await follow(s.a, commit); // one operation after the other, from one caller
  });

  it("is told so by an observer's validator", async () => {
    const s = await scene();
    const watching = await client("server", crypto);
    let act: (() => Promise<unknown>) | undefined;
    const provider: MlsProvider = {
      ...watching.provider,
      credentialValidator: { validate: async () => act === undefined || (await act()) !== undefined },
    };
    const group = await MlsGroup.load(s.bob.provider, s.b.groupId);
    await group!.setConfig({ handshake: "public" });
    const seen = await PublicGroup.fromGroupInfo(provider, await group!.exportGroupInfo(s.bob.signer));
    const { commit } = await group!.addMembers(s.bob.signer, [
      await keyPackageOf(await client("carol", crypto)),
    ]);
    act = async () => seen.reload();
    await expect(seen.processMessage(commit)).rejects.toThrow(mlsError("ERR_MLS_CREDENTIAL_REJECTED"));
    act = undefined;
    expect((await seen.processMessage(commit)).kind).toBe("commit");
  });
});
