import { Secret } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { Scratch } from "./scratch.ts";

const secret = (): Secret => new Secret(new Uint8Array(4).fill(7));

describe("Scratch (rfc66, trap33)", () => {
  it("erases what is temporary, and hands out the result", async () => {
    const [temporary, result] = [secret(), secret()];
    const returned = await Scratch.run(async (scratch) => {
      scratch.temporary(temporary);
      return scratch.result(result);
    });
    expect(temporary.length).toBe(0);
    expect(returned).toBe(result);
    expect(result.length).toBe(4);
  });

  it("erases everything when the computation fails, and passes the error on", async () => {
    const [temporary, result] = [secret(), secret()];
    const failed = Scratch.run(async (scratch) => {
      scratch.temporary(temporary);
      scratch.result(result);
      throw new RangeError("no");
    });
    await expect(failed).rejects.toThrow(RangeError);
    expect([temporary.length, result.length]).toEqual([0, 0]);
  });

  it("takes bytes as they are", async () => {
    const bytes = new Uint8Array(4).fill(7);
    await Scratch.run(async (scratch) => {
      expect(scratch.temporary(bytes)).toBe(bytes);
    });
    expect(bytes).toEqual(new Uint8Array(4));
  });
});
