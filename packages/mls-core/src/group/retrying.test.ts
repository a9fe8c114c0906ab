import { nodeCrypto } from "@openmls-ts/crypto-node";
import { bytesToHex, MlsError, utf8 } from "@openmls-ts/traits";
import { describe, expect, it, vi } from "vitest";
import { MlsGroup, retrying } from "../index.ts";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";

const crypto = nodeCrypto();
const conflict = new MlsError("ERR_MLS_STORAGE_CONFLICT", "somebody else wrote");

/** Alice twice on one store, and Bob. */
async function twoWriters() {
  const [alice, bob] = [await client("alice", crypto), await client("bob", crypto)];
  const one = await createGroup(alice);
  await one.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const b = await joinFrom(bob, (await one.mergePendingCommit()).welcome);
  const two = (await MlsGroup.load(alice.provider, one.groupId))!;
  return { alice, one, two, b };
}

describe("two objects on one store", () => {
  it("send side by side, and nothing is lost or used twice", async () => {
    const { alice, one, two, b } = await twoWriters();
    const messages = await Promise.all(
      [one, two].flatMap((group, writer) =>
        Array.from({ length: 15 }, async (_, i) =>
          retrying(group, async () => group.createMessage(alice.signer, utf8(`${writer}-${i}`))),
        ),
      ),
    );
    expect(new Set(messages.map(bytesToHex)).size).toBe(30);
    const read = [];
    for (const message of messages) {
      const processed = await b.processMessage(message);
      read.push(processed.kind === "application" ? Buffer.from(processed.data).toString() : processed.kind);
    }
    expect(new Set(read)).toEqual(
      new Set([0, 1].flatMap((w) => Array.from({ length: 15 }, (_, i) => `${w}-${i}`))),
    );
  });

  it("commit in turn, each on top of the other's epoch", async () => {
    const { alice, one, two, b } = await twoWriters();
    for (const group of [one, two, one]) {
      const { commit } = await retrying(group, async () => group.selfUpdate(alice.signer));
      await group.mergePendingCommit();
      await follow(b, commit);
    }
    expect(one.epochAuthenticator).toEqual(b.epochAuthenticator);
  });

  it("of which one deleted the group", async () => {
    const { alice, one, two } = await twoWriters();
    await one.delete();
    await expect(
      retrying(two, async (group) => group.createMessage(alice.signer, utf8("x"))),
    ).rejects.toThrow(mlsError("ERR_MLS_GROUP_NOT_FOUND"));
  });
});

describe("retrying", () => {
  it("ends after so many attempts, with a reload between them", async () => {
    const busy = { reload: vi.fn(async () => undefined) };
    const work = vi.fn(async (_group: typeof busy) => Promise.reject(conflict));
    await expect(retrying(busy, work, { attempts: 3 })).rejects.toBe(conflict);
    expect([work.mock.calls, busy.reload.mock.calls.length]).toEqual([[[busy], [busy], [busy]], 2]);
    await expect(retrying(busy, work)).rejects.toBe(conflict);
    expect(work).toHaveBeenCalledTimes(103);
  });

  it("takes a reload that meets a conflict for an attempt", async () => {
    const reload = vi.fn(async () => undefined).mockRejectedValueOnce(conflict);
    const work = vi.fn(async () => 5).mockRejectedValueOnce(conflict);
    await expect(retrying({ reload }, work, { attempts: 3 })).resolves.toBe(5);
    expect([reload.mock.calls.length, work.mock.calls.length]).toEqual([2, 2]);
  });

  it("passes everything else on", async () => {
    const broken = { reload: vi.fn(async () => Promise.reject(new RangeError("no reload"))) };
    const other = new MlsError("ERR_MLS_STORAGE", "the disk is gone");
    await expect(retrying(broken, async () => Promise.reject(other))).rejects.toBe(other);
    expect(broken.reload).not.toHaveBeenCalled();
    await expect(retrying(broken, async () => Promise.reject(conflict))).rejects.toThrow("no reload");
    await expect(retrying(broken, async () => 5)).resolves.toBe(5);
  });

  const group = { reload: async (): Promise<void> => undefined };
  const operation = async (): Promise<number> => 1;

  it.each([
    [undefined, operation, {}, "group"],
    [{}, operation, {}, "group"],
    [group, undefined, {}, "operation"],
    [group, operation, { attempts: 0 }, "options.attempts"],
    [group, operation, { times: 1 }, "options.times"],
  ])("refuses arguments by name", async (given, work, options, argument) => {
    await expect(retrying(given as never, work as never, options as never)).rejects.toMatchObject({
      code: "ERR_MLS_USAGE",
      details: { argument },
    });
  });
});
