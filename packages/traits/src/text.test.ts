import { describe, expect, it } from "vitest";
import { bytesToHex, bytesToKey } from "./bytes.ts";
import { hexToBytes, utf8 } from "./text.ts";

const usage = expect.objectContaining({ code: "ERR_MLS_USAGE" }) as Error;

describe("utf8", () => {
  it.each([
    "",
    "MLS 1.0 ",
    "é ü ß",
    "€ 漢字",
    "👩‍🚀𐍈",
    "\u0000\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}",
  ])("of %j is what TextEncoder gives", (text) => {
    expect(utf8(text)).toStrictEqual(new Uint8Array(new TextEncoder().encode(text)));
  });

  it("replaces lone surrogates", () => {
    for (const text of ["\ud800", "a\udc00b", "\udc00\ud800", "\ud83d", "\ud800\ud83d\ude00"]) {
      expect(utf8(text)).toStrictEqual(new Uint8Array(new TextEncoder().encode(text)));
    }
  });

  it("takes strings alone", () => {
    expect(() => utf8(5 as unknown as string)).toThrow(usage);
  });
});

describe("hexadecimal", () => {
  it("goes both ways", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(bytesToHex(all)).toBe(Buffer.from(all).toString("hex"));
    expect(hexToBytes(bytesToHex(all).toUpperCase())).toEqual(all);
  });

  it("is refused when it is not", () => {
    for (const text of ["0", "0g", "0x00", 5 as unknown as string]) {
      expect(() => hexToBytes(text)).toThrow(usage);
    }
  });
});

describe("keys of maps", () => {
  it("have a unit for each octet, however many", () => {
    for (const length of [0, 1, 4095, 4096, 4097, 100_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
      expect(bytesToKey(bytes)).toBe(Buffer.from(bytes).toString("latin1"));
    }
  });
});
