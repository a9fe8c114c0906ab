import { MlsError } from "@openmls-ts/traits";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakePool } from "./testing/fake-pool.ts";
import type { FakePool } from "./testing/fake-pool.ts";
import { inTransaction } from "./transaction.ts";

const settings = { locks: [3n, 5n], lockTimeout: 20, guard: "SELECT 1", check: () => undefined };
const BEGUN = [{ rows: [{ transaction: "77", backend: "9", guard: "1" }] }];
const LOST = new Error("Connection terminated unexpectedly");

function serverError(code: string): Error {
  return Object.assign(new Error("no"), { severity: "ERROR", code });
}

/** A server that answers `COMMIT` and the question after it as told. */
function server(commit: () => void, status: () => string | null = () => null): FakePool {
  return fakePool((text) => {
    if (text.startsWith("BEGIN")) {
      return BEGUN;
    }
    if (text === "COMMIT") {
      commit();
    }
    return { rows: text.includes("pg_xact_status") ? [{ status: status() }] : [] };
  });
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs it with all waiting taken out. */
async function run(pool: FakePool, action: () => Promise<void> = async () => undefined): Promise<unknown> {
  const done = inTransaction(pool, settings, action).then(
    () => "done",
    (error: unknown) => error,
  );
  await vi.runAllTimersAsync();
  const outcome = await done;
  expect(pool.listeners()).toBe(0);
  return outcome;
}

describe("a transaction", () => {
  it("takes its locks in order after it began, and gives its client back", async () => {
    const pool = server(() => undefined);
    await expect(run(pool)).resolves.toBe("done");
    expect(pool.queries[0]).toMatch(
      /^BEGIN ISOLATION LEVEL READ COMMITTED[^]*lock\(3\)[^]*lock\(5\)[^]*xact_id/,
    );
    expect(pool.queries[1]).toBe("COMMIT");
    expect(pool.released).toEqual([false]);
  });

  it("is rolled back after a conflict, on a client that others may have", async () => {
    const pool = server(() => undefined);
    const conflict = new MlsError("ERR_MLS_STORAGE_CONFLICT", "no");
    await expect(run(pool, async () => Promise.reject(conflict))).resolves.toBe(conflict);
    expect(pool.queries.slice(1)).toEqual(["ROLLBACK"]);
    expect(pool.released).toEqual([false]);
  });

  it.each([
    ["a deadlock", serverError("40P01"), [false, false]],
    ["a serialization failure", serverError("40001"), [false, false]],
    ["a connection that was dead", LOST, [true, false]],
  ])("is begun anew after %s", async (_, failure, released) => {
    let calls = 0;
    const pool = server(() => undefined);
    const action = async (): Promise<void> => {
      if (++calls === 1) {
        throw failure;
      }
    };
    await expect(run(pool, action)).resolves.toBe("done");
    expect(pool.released).toEqual(released);
  });

  it("gives up after three times, and at once for other errors", async () => {
    for (const [failure, times] of [
      [serverError("40P01"), 3],
      [LOST, 3],
      [serverError("23514"), 1],
    ] as const) {
      const pool = server(() => undefined);
      await expect(run(pool, async () => Promise.reject(failure))).resolves.toBe(failure);
      expect(pool.released).toHaveLength(times);
    }
  });
});

describe("a COMMIT", () => {
  it("that the server refused is told as it is", async () => {
    const failure = serverError("40001");
    let times = 0;
    const pool = server(() => {
      times++;
      throw failure;
    });
    await expect(run(pool)).resolves.toBe(failure);
    expect(times).toBe(3);
  });

  it.each([
    ["committed", ["committed"], "done"],
    ["in progress, then committed", ["in progress", "committed"], "done"],
    ["aborted", ["aborted"], { code: "ERR_MLS_STORAGE", details: { connectionLost: true } }],
    ["in progress for good", ["in progress"], { code: "ERR_MLS_STORAGE", details: { outcome: "unknown" } }],
    ["forgotten", [null], { code: "ERR_MLS_STORAGE", details: { outcome: "unknown" } }],
  ])("that was not answered and is %s is not done twice", async (_, statuses, wanted) => {
    let asked = 0;
    let commits = 0;
    const pool = server(
      () => {
        commits++;
        throw LOST;
      },
      () => statuses[Math.min(asked++, statuses.length - 1)] ?? null,
    );
    const outcome = await run(pool);
    if (typeof wanted === "string") {
      expect(outcome).toBe(wanted);
    } else {
      expect(outcome).toMatchObject(wanted);
    }
    expect(commits).toBe(1);
    expect(pool.released[0]).toBe(true);
    expect(pool.queries.filter((text) => text.includes("pg_xact_status"))).toHaveLength(asked);
  });

  it("whose fate nobody can be asked about is told as unknown", async () => {
    const pool = server(
      () => {
        throw LOST;
      },
      () => {
        throw LOST;
      },
    );
    await expect(run(pool)).resolves.toMatchObject({ details: { connectionLost: true, outcome: "unknown" } });
  });
});
