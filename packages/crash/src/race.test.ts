import { describe, expect, it } from "vitest";
import { race } from "./race/race.ts";
import { PLANTS } from "./race/records.ts";

describe("two processes on one SQLite file", { timeout: 120_000 }, () => {
  it("lose nothing, take nothing in twice and use no key twice, with `retrying` (trap52)", async () => {
    const { sent, received } = await race(150);
    expect(sent + received).toBe(300);
    expect(received).toBeGreaterThan(100);
  });

  it.each(PLANTS)("are found out when they treat their %s wrongly", async (plant) => {
    await expect(race(150, plant)).rejects.toThrow();
  });
});
