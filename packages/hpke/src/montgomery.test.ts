import { describe, expect, it } from "vitest";
import { isLowOrderPoint } from "./montgomery.ts";

describe("isLowOrderPoint", () => {
  it("ignores the most significant bit of an X25519 key and leaves it where it is, also in a Buffer", () => {
    const key = Buffer.alloc(32);
    key[31] = 0x80;
    expect(isLowOrderPoint("X25519", key)).toBe(true);
    expect(key[31]).toBe(0x80);
  });

  it("knows no such points of other lengths or on other curves", () => {
    expect(isLowOrderPoint("X25519", new Uint8Array(31))).toBe(false);
    expect(isLowOrderPoint("P-256", new Uint8Array(65))).toBe(false);
  });
});
