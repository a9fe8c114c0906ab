import zlib from "node:zlib";
import { describe, expect, it } from "vitest";
import { crc32 } from "./crc32.ts";

describe("crc32", () => {
  it("is zlib's, for every length and from every beginning", () => {
    const bytes = Uint8Array.from({ length: 70 }, (_, i) => (i * 151 + 7) & 255);
    for (let length = 0; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      expect(crc32(part) >>> 0).toBe(zlib.crc32(part));
      expect(crc32(part, crc32(bytes)) >>> 0).toBe(zlib.crc32(part, zlib.crc32(bytes)));
    }
  });

  it("gives the check value of the catalogues", () => {
    expect(crc32(new TextEncoder().encode("123456789")) >>> 0).toBe(0xcbf43926);
  });
});
