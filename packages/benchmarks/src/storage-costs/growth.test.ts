import { beforeAll, describe, expect, it } from "vitest";
import { growthProblems } from "./growth.ts";
import type { Measured } from "./growth.ts";
import { measureCosts } from "./measure.ts";
import type { Cost, Operation } from "./measure.ts";

const SIZES = [20, 100] as const;

describe.each([0, 5])("what is stored of a group that keeps %i past epochs", (pastEpochs) => {
  let measured: readonly Measured[] = [];
  beforeAll(async () => {
    measured = await Promise.all(
      SIZES.map(async (members) => ({ members, costs: await measureCosts(members, pastEpochs) })),
    );
  });

  it("grows with the members as little as it may", () => {
    expect(growthProblems(measured[0]!, measured[1]!)).toEqual([]);
  });

  it("is counted at all", () => {
    const { costs } = measured[1]!;
    expect(costs["join"].recordsWritten).toBeGreaterThan(2 * 100);
    expect(costs["join"].verifications).toBeGreaterThanOrEqual(100);
    expect(costs["load"].recordsRead).toBeGreaterThan(2 * 100);
    expect(costs["send"]).toMatchObject({ batches: 1, recordsWritten: 2 });
    expect(costs["receive"].expectations).toBeGreaterThan(0);
    expect(costs["merge an own commit"].deletes).toBeGreaterThan(0);
  });

  it.each<[Operation, Partial<Cost>, RegExp]>([
    ["send", { bytesWritten: 10_000 }, /send: depends on the number/],
    ["receive, first of a sender", { recordsWritten: 30 }, /too many records/],
    ["build a commit", { bytesWritten: 30_000 }, /too many bytes/],
    ["merge an own commit", { recordsWritten: 100 }, /too many records/],
    ["merge a received commit", { deletes: 100 }, /deletes too many/],
    ["merge a received commit", { recordsRead: 1 }, /reads records/],
    ["join", { bytesWritten: 5_000_000 }, /grows faster/],
    ["join", { batches: 2 }, /more than once/],
    ["load", { verifications: 100 }, /verifies signatures/],
    ["load", { hashes: 200 }, /hashes the tree/],
  ])("would be found to grow too fast: %s with %j", (operation, change, problem) => {
    const { members, costs } = measured[1]!;
    const worse = { members, costs: { ...costs, [operation]: { ...costs[operation], ...change } } };
    const problems = growthProblems(measured[0]!, worse);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});
