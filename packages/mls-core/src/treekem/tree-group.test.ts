import { type CipherSuite } from "@openmls-ts/traits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SUITES, suiteOf } from "../testing/suites.ts";
import { TreeGroup } from "./testing/tree-group.ts";

async function play(
  suite: CipherSuite,
  actions: readonly (readonly [number, number, number])[],
): Promise<TreeGroup> {
  const group = await TreeGroup.create(suite);
  await group.commit(0, { adds: 5 });
  for (const [kind, pick, other] of actions) {
    const committer = group.member(pick);
    const others = [...group.members.keys()].filter((leafIndex) => leafIndex !== committer);
    const removes = others.length > 1 ? [others[other % others.length]!] : [];
    if (kind === 0) {
      await group.commit(committer, { removes });
    } else if (kind === 1) {
      await group.commit(committer, { adds: 1 + (other % 3), removes });
    } else if (kind === 2) {
      await group.commit(committer, { external: true });
    } else if (kind === 3) {
      await group.commit(committer, { updates: removes });
    } else if (kind === 4) {
      await group.commit(committer, { adds: 1 + (other % 4) });
    } else {
      await group.commit(committer);
    }
  }
  return group;
}

describe("a group's tree", () => {
  it("is agreed upon by everybody through random histories (trap13, trap16, trap17)", async () => {
    const suite = await suiteOf(1);
    const action = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat({ max: 99 }), fc.nat({ max: 99 }));
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 12 }), async (actions) => {
        expect((await play(suite, actions)).tree.memberCount).toBeGreaterThan(0);
      }),
      { numRuns: 12 },
    );
  });

  it.each(SUITES)("works in cipher suite %i", async (id) => {
    const group = await play(await suiteOf(id), [
      [5, 3, 0],
      [1, 1, 2],
      [2, 0, 0],
      [3, 2, 1],
    ]);
    expect(group.tree.memberCount).toBeGreaterThan(4);
  });

  it("survives the removal of its left half (trap13)", async () => {
    const group = await TreeGroup.create(await suiteOf(1));
    await group.commit(0, { adds: 7 });
    for (const committer of [6, 1, 4, 3]) {
      await group.commit(committer);
    }
    await group.commit(5, { removes: [0, 1, 2, 3] });
    await group.commit(7);
    await group.commit(4, { adds: 2 });
    await group.commit(1);
    expect(group.tree.memberCount).toBe(6);
  });

  it("lets a single member commit, alone and with newcomers (rfc45)", async () => {
    const group = await TreeGroup.create(await suiteOf(1));
    const alone = await group.send(0, {});
    expect([alone.path.nodes.length, alone.path.leafNode]).toEqual([
      0,
      expect.objectContaining({ parentHash: new Uint8Array() }),
    ]);
    const sent = await group.send(0, { adds: 1 });
    expect(sent.path.nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length)).toEqual([0]);
    await group.checkAgreement();
  });

  it("has fresh keys on the filtered direct path only (rfc42)", async () => {
    const group = await TreeGroup.create(await suiteOf(1));
    await group.commit(0, { adds: 7 });
    await group.commit(0, { removes: [2, 3] });
    expect(group.tree.filteredDirectPath(0).map(({ node }) => node)).toEqual([1, 7]);
    expect(group.tree.parentNode(3)).toBeUndefined();
    const before = [0, 1, 7].map((node) => group.tree.encryptionKey(node));
    await group.commit(0);
    for (const [at, node] of [0, 1, 7].entries()) {
      expect(group.tree.encryptionKey(node)).not.toEqual(before[at]);
    }
  });
});
