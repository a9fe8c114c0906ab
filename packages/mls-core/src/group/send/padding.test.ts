import { describe, expect, it } from "vitest";
import { varintSize } from "../../codec/index.ts";
import { cast, CRYPTO } from "../../testing/cast.ts";
import { paddingFor } from "./padding.ts";

/** What the length of an encrypted message shows: data with length prefix and padding. */
const shown = (size: number, padding: number | "padme"): number =>
  varintSize(size) + size + paddingFor(size, padding);

describe("rfc123: padding", () => {
  it("Padmé: as published, at most 12 % more, and never less", () => {
    expect([0, 1, 2, 3, 8, 9, 10, 100, 1000, 1025].map((size) => size + paddingFor(size, "padme"))).toEqual([
      0, 1, 2, 3, 8, 10, 10, 104, 1024, 1088,
    ]);
    for (let size = 1; size < 70_000; size += 1 + (size >> 6)) {
      const padding = paddingFor(size, "padme");
      expect(padding).toBeGreaterThanOrEqual(0);
      expect(padding).toBeLessThanOrEqual(0.12 * size + 3);
    }
    const lengths = new Set(Array.from({ length: 1 << 16 }, (_, size) => shown(size, "padme")));
    expect(lengths.size).toBeLessThan(200);
  });

  it("the length prefix of the data tells nothing either", () => {
    for (const block of [2, 32, 100, 1024]) {
      for (const at of [64, 16_384]) {
        const first = Math.floor((at - 1) / block) * block + 1;
        const bucket = Array.from({ length: block }, (_, i) => shown(first + i, block));
        expect(new Set(bucket).size).toBe(1);
      }
    }
    expect([0, 1].map((none) => paddingFor(77, none))).toEqual([0, 0]);
  });

  it.each(CRYPTO)("messages of about one size have one length on %s", async (_, crypto) => {
    const [alice, bob] = await cast(crypto, ["alice", "bob"], { config: { paddingSize: "padme" } });
    const lengths = new Set<number>();
    for (const size of [1025, 1040, 1088]) {
      const message = await alice!.say("x".repeat(size));
      lengths.add(message.length);
      expect(await bob!.hear(message)).toMatchObject({ data: new Uint8Array(size).fill(120) });
    }
    expect(lengths.size).toBe(1);
    expect((await alice!.group()).config.paddingSize).toBe("padme");
    await (await alice!.group()).setConfig({ paddingSize: 16 });
    expect((await alice!.group()).config.paddingSize).toBe(16);
  });
});
