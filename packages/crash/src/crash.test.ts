import { describe, expect, it } from "vitest";
import { play } from "./play.ts";
import { PLANTS } from "./plants.ts";

describe("a client killed at its writes and between them", { timeout: 120_000 }, () => {
  it("has every message once, and hands each over once (trap27)", async () => {
    const { received, sent } = await play({ runs: 10, seed: 2 });
    expect(received).toBeGreaterThan(10);
    expect(sent).toBeGreaterThan(10);
  });

  it.each(PLANTS)("is found out when it treats its %s wrongly", async (plant) => {
    await expect(play({ runs: 40, seed: 2, plant })).rejects.toThrow(/^run \d+ of seed 2: /u);
  });
});
