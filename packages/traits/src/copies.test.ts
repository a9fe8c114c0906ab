import { describe, expect, it } from "vitest";
import { deepCopy } from "./bytes.ts";
import { Secret } from "./secret.ts";

describe("deepCopy", () => {
  it("copies plain data all the way down", () => {
    const value = { a: [Uint8Array.of(1), { b: Uint8Array.of(2), c: undefined }], n: 3n, s: "text" };
    const copy = deepCopy(value);
    expect(copy).toEqual(value);
    (value.a[0] as Uint8Array).fill(0);
    (value.a[1] as { b: Uint8Array }).b.fill(0);
    expect(copy).toEqual({ a: [Uint8Array.of(1), { b: Uint8Array.of(2), c: undefined }], n: 3n, s: "text" });
  });

  it("makes plain arrays of Buffers", () => {
    const buffer = Buffer.from("bytes");
    const copy: Uint8Array = deepCopy<Uint8Array>(buffer);
    buffer.fill(0);
    expect(copy).toEqual(new Uint8Array([98, 121, 116, 101, 115]));
    expect(Buffer.isBuffer(copy)).toBe(false);
  });
});

describe("a Secret", () => {
  it("has clones of its own, also where a provider gave it a Buffer", () => {
    const secret = new Secret(Buffer.from("secret"));
    const clone = secret.clone();
    secret.wipe();
    expect(Buffer.from(clone.expose()).toString()).toBe("secret");
  });
});
