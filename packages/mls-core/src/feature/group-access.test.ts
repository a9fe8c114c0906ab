import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { encryptContext } from "../labels/index.ts";
import { pair, restart } from "../testing/pair.ts";
import { mlsError } from "../testing/suites.ts";
import type { Feature } from "./index.ts";

const notes: Feature = { name: "notes" };
const others: Feature = { name: "other notes" };
const id = utf8("id");

describe("what a feature gets of a group", () => {
  it("is its state, as all members have it", async () => {
    const two = await pair({ features: [notes] });
    const about = utf8("context");
    const [a, b] = await Promise.all(
      [two.a, two.b].map(async (group) =>
        group.use(notes, async (access) => ({
          context: access.groupContext,
          exported: access.exportSecret("notes", about, 32),
          leaf: access.leaf(1)?.signatureKey,
          own: access.ownLeafIndex,
        })),
      ),
    );
    expect(a!.context).toEqual(two.a.groupContext);
    expect(a).toEqual({ ...b, own: 0 });
    expect(b).toMatchObject({ own: 1, leaf: two.bob.signer.publicKey });
    expect(a!.exported).toEqual(two.b.exportSecret("notes", about, 32));
  });

  it("signs and verifies for members, and opens what is sealed to the own leaf", async () => {
    const two = await pair({ features: [notes] });
    const content = utf8("content");
    const signature = await two.a.use(notes, async (access) =>
      access.sign(two.alice.signer, "Note", content),
    );
    const [byAlice, byBob, byNobody, otherLabel] = await two.b.use(notes, async (access) =>
      Promise.all([
        access.verify(0, "Note", content, signature),
        access.verify(1, "Note", content, signature),
        access.verify(7, "Note", content, signature),
        access.verify(0, "Other", content, signature),
      ]),
    );
    expect([byAlice, byBob, byNobody, otherLabel]).toEqual([true, false, false, false]);
    const sealed = await two.a.use(notes, async (access) =>
      encryptContext(access.suite, "Note", content)(access.leaf(1)!.encryptionKey, utf8("for bob")),
    );
    const open = async (group: MlsGroup): Promise<Uint8Array> =>
      group.use(notes, async (access) => access.openWithLeafKey("Note", content, sealed));
    expect(await open(two.b)).toEqual(utf8("for bob"));
    await expect(open(two.a)).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
    await restart(two);
    expect(await open(two.b)).toEqual(utf8("for bob"));
  });

  it("is a store of its own that lives as long as the group", async () => {
    const two = await pair({ features: [notes, others] });
    const { alice } = two;
    const read = async (group: MlsGroup, feature: Feature): Promise<Uint8Array | undefined> =>
      group.use(feature, async ({ store }) => store.get(id));
    await two.a.use(notes, async ({ store }) => store.put(id, utf8("one")));
    const failed = two.a.use(notes, async ({ store }) => {
      store.put(id, utf8("two"));
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    await two.a.selfUpdate(alice.signer);
    await two.a.mergePendingCommit();
    await restart(two);
    expect(await read(two.a, notes)).toEqual(utf8("one"));
    expect(await read(two.a, others)).toBeUndefined();
    expect(await read(two.b, notes)).toBeUndefined();
    await two.a.use(notes, async ({ store }) => store.delete(id));
    expect(await read(two.a, notes)).toBeUndefined();
    await two.a.use(others, async ({ store }) => store.put(id, utf8("three")));
    await two.a.delete();
    expect(alice.storage.entries().filter(({ key }) => key.table === "feature")).toHaveLength(0);
  });

  it("waits for the group's other operations, and for the store", async () => {
    const two = await pair({ features: [notes] });
    const order: string[] = [];
    const first = two.a.use(notes, async ({ store }) => {
      await Promise.resolve();
      store.put(id, utf8("x"));
      order.push("first");
    });
    const second = two.a.use(notes, async ({ store }) => {
      order.push("second");
      expect(await store.get(id)).toEqual(utf8("x"));
    });
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
    const stale = await MlsGroup.load(two.alice.provider, two.a.groupId);
    await two.a.use(notes, async ({ store }) => store.put(id, utf8("y")));
    const late = stale!.use(notes, async ({ store }) => store.put(id, utf8("z")));
    await expect(late).rejects.toThrow(mlsError("ERR_MLS_STORAGE_CONFLICT"));
  });
});
