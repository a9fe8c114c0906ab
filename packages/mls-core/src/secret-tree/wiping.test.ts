import { Secret } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { isLeft, recordingSuite } from "../testing/recording-suite.ts";
import { Draft } from "./draft.ts";
import { SecretTree } from "./index.ts";
import { Plan } from "./plan.ts";
import { RecordSet } from "./record-set.ts";
import { LIMITS, ROOT_SECRET, suite } from "./testing/trees.ts";

const ID = Uint8Array.of(1);
const OTHER = Uint8Array.of(2);
const ZERO = new Uint8Array(4);
const value = (): Uint8Array => new Uint8Array(4).fill(7);

describe("message keys in memory (rfc66, trap33)", () => {
  it("are erased when a record is replaced, deleted or forgotten", () => {
    const records = new RecordSet();
    const [first, second] = [value(), value()];
    records.load({ id: ID, value: first });
    records.load({ id: OTHER, value: second });
    const [replaced, forgotten] = [records.get(ID)!, records.get(OTHER)!];
    records.apply({ puts: [{ id: ID, value: first }], deletes: [] });
    records.forget(OTHER);
    const deleted = records.get(ID)!;
    expect(deleted).toEqual(value());
    records.apply({ puts: [], deletes: [ID] });
    expect([replaced, deleted, forgotten]).toEqual([ZERO, ZERO, ZERO]);
    expect([first, second]).toEqual([value(), value()]); // copied
  });

  it("are erased when a draft changes its mind, and the records below it are not", () => {
    const records = new RecordSet();
    records.load({ id: ID, value: value() });
    const draft = new Draft(records);
    const [first, second] = [value(), value()];
    draft.put(ID, first);
    draft.put(ID, second);
    expect(first).toEqual(ZERO);
    draft.delete(ID);
    expect(second).toEqual(ZERO);
    expect(draft.has(ID)).toBe(false);
    expect(records.get(ID)).toEqual(value());
  });

  it("are erased when a plan fails half-way", () => {
    const records = new RecordSet();
    const half = value();
    const plan = new Plan(records, (draft) => {
      draft.put(ID, half);
      throw new RangeError("failed");
    });
    expect(() => plan.run()).toThrow(RangeError);
    expect(half).toEqual(ZERO);
  });

  it("are erased when a plan is worked out again", () => {
    const { suite: watched, recorded } = recordingSuite(suite);
    const tree = SecretTree.create(watched, 4, new Secret(ROOT_SECRET.slice()), LIMITS);
    const planned = tree.peek(1, "application", 2);
    const before = planned.changes.puts.map((put) => put.value);
    const other = tree.take(3, "application");
    tree.apply(other);
    other.wipe();
    recorded.length = 0;
    const after = planned.changes.puts.map((put) => put.value);
    expect(before.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(after.some((bytes) => bytes.some((byte) => byte !== 0))).toBe(true);
    planned.wipe();
    expect(recorded.length).toBeGreaterThan(5);
    expect(recorded.filter(isLeft)).toEqual([]);
  });
});
