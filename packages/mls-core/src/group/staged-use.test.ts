import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { type Feature, type GroupAccess, MlsGroup, StagedWelcome } from "../index.ts";
import { pair } from "../testing/pair.ts";
import { client, keyPackageOf } from "../testing/client.ts";
import { CRYPTO } from "../testing/cast.ts";
import { mlsError } from "../testing/suites.ts";

const [, crypto] = CRYPTO[0]!;
const LABEL = "a secret of notes";
const notes: Feature = {
  name: "notes",
  epochSecrets: [{ label: LABEL, start: (secret) => new Uint8Array(secret) }],
};
const id = utf8("id");

async function invited() {
  const two = await pair({ features: [notes] });
  const carol = await client("carol", crypto, 1, { features: [notes] });
  await two.a.addMembers(two.alice.signer, [await keyPackageOf(carol)]);
  const { welcome } = await two.a.mergePendingCommit();
  return { ...two, carol, joining: await StagedWelcome.fromWelcome(carol.provider, welcome!) };
}

const look = async (access: GroupAccess) => ({
  epoch: access.groupContext.epoch,
  ownLeafIndex: access.ownLeafIndex,
  secret: access.epochRecord(LABEL).get(),
  exported: access.exportSecret("x", id, 8),
});

describe("a feature in a Welcome that is not joined yet", () => {
  it("has the epoch to join, and its changes are written by the join", async () => {
    const { a, joining, carol } = await invited();
    const before = carol.storage.entries();
    expect(await joining.use(notes, look)).toEqual({ ...(await a.use(notes, look)), ownLeafIndex: 2 });
    await joining.use(notes, async (access) => {
      access.epochRecord(LABEL).set(utf8("changed"));
      access.store.put(id, utf8("kept"));
      access.store.put(utf8("gone"), utf8("gone"));
    });
    await joining.use(notes, async ({ store }) => {
      expect(await store.get(id)).toEqual(utf8("kept"));
      store.delete(utf8("gone"));
    });
    expect(carol.storage.entries()).toEqual(before);
    await joining.intoGroup();
    const group = await MlsGroup.load(carol.provider, a.groupId);
    await group!.use(notes, async (access) => {
      expect(access.epochRecord(LABEL).get()).toEqual(utf8("changed"));
      expect(await access.store.get(id)).toEqual(utf8("kept"));
      expect(await access.store.get(utf8("gone"))).toBeUndefined();
    });
  });

  it("leaves nothing behind when it fails", async () => {
    const { joining } = await invited();
    const failing = joining.use(notes, async (access) => {
      access.epochRecord(LABEL).set(utf8("changed"));
      access.store.put(id, utf8("x"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    const after = await joining.use(notes, async (access) => [
      access.epochRecord(LABEL).get()?.length,
      await access.store.get(id),
    ]);
    expect(after).toEqual([32, undefined]);
  });

  it("is over with the Welcome, also one that ends meanwhile", async () => {
    const { joining } = await invited();
    const late = joining.use(notes, async (access) => {
      joining.discard();
      access.epochRecord(LABEL).set(utf8("x"));
    });
    await expect(late).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
    await expect(joining.use(notes, look)).rejects.toThrow(mlsError("ERR_MLS_STALE_COMMIT", "rfc122"));
  });

  it("is one of the provider's, and calls no other work while it runs", async () => {
    const { joining } = await invited();
    const other = joining.use({ name: "unknown" }, look);
    await expect(other).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    await expect(joining.use(notes, 1 as never)).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    const inside = joining.use(notes, async () => joining.use(notes, look));
    await expect(inside).rejects.toThrow(mlsError("ERR_MLS_REENTRANT"));
  });
});
