import { bytesToHex, isMlsError } from "@openmls-ts/traits";
import { beforeAll, describe, expect, it } from "vitest";
import { type Field, formatInspection, inspect, type InspectOptions, STRUCTURE_NAMES } from "./index.ts";
import { someMessages } from "./testing/messages.ts";

let messages: Readonly<Record<string, Uint8Array>> = {};
beforeAll(async () => {
  messages = await someMessages();
});

const KINDS = ["keyPackage", "commit", "path", "welcome", "application", "groupInfo", "proposal", "tree"];

/** Every byte of a structure belongs to one of its innermost fields or is a length, a tag or a presence octet. */
function expectInPlace(field: Field): void {
  let at = field.offset;
  for (const child of field.children ?? []) {
    expect(child.offset).toBeGreaterThanOrEqual(at);
    expectInPlace(child);
    at = child.offset + child.length;
  }
  expect(at).toBeLessThanOrEqual(field.offset + field.length);
}

function find(field: Field, name: string): Field | undefined {
  if (field.name === name) return field;
  for (const child of field.children ?? []) {
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe("inspect", () => {
  it.each(KINDS)("describes every byte of: %s", (kind) => {
    const { root, problem, size } = inspect(messages[kind]!);
    expect(problem).toBeUndefined();
    expect(root.length).toBe(size);
    expectInPlace(root);
  });

  it("shows numbers by name, text in quotes, times, and the section of each structure", () => {
    const { root, kind } = inspect(messages["keyPackage"]!);
    expect(kind).toBe("MLSMessage");
    expect(find(root, "cipher_suite")).toMatchObject({
      value: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 = 1 (0x0001)",
    });
    expect(find(root, "identity")).toMatchObject({ value: '"bob"', note: "3 bytes" });
    expect(find(root, "leaf_node")).toMatchObject({ section: "RFC 9420 §7.2" });
    expect(find(root, "not_after")?.value).toMatch(/^\d+ \(20\d\d-\d\d-\d\dT/);
  });

  it("reads hexadecimal, base64, base64url and lines as the same bytes", () => {
    const bytes = messages["groupInfo"]!;
    const base64 = Buffer.from(bytes).toString("base64");
    const expected = inspect(bytes);
    for (const text of [
      bytesToHex(bytes),
      bytesToHex(bytes).toUpperCase(),
      base64,
      Buffer.from(bytes).toString("base64url"),
      `-----BEGIN MLS-----\n${base64.replace(/.{64}/g, "$&\r\n")}\n-----END MLS-----`,
    ]) {
      expect(inspect(text)).toEqual(expected);
    }
  });

  it("knows bare structures, and reads what it is told to", () => {
    const { root } = inspect(messages["keyPackage"]!);
    const bare = messages["keyPackage"]!.slice(4);
    expect(inspect(bare)).toMatchObject({ kind: "KeyPackage" });
    const { offset, length } = find(root, "leaf_node")!;
    const leaf = messages["keyPackage"]!.slice(offset, offset + length);
    expect(inspect(leaf, { as: "LeafNode" }).problem).toBeUndefined();
    expect(inspect(leaf, { as: "Welcome" }).problem).toBeDefined();
    expect(inspect(messages["tree"]!)).toMatchObject({ kind: "RatchetTree" });
  });

  it.each(KINDS)("says where it breaks off, of every truncation of: %s", (kind) => {
    const bytes = messages[kind]!;
    const as = kind === "tree" ? "RatchetTree" : "MLSMessage";
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 150)) {
      const { problem, root } = inspect(bytes.slice(0, length), { as });
      expect(problem?.offset).toBeLessThanOrEqual(length);
      expect(problem?.message).toMatch(/early|left|follow/);
      expectInPlace(root);
    }
  });

  it("never throws for changed bytes", () => {
    for (const kind of KINDS) {
      const bytes = messages[kind]!;
      for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 80)) {
        for (const octet of [0x00, 0xff, 0x40]) {
          const changed = bytes.slice();
          changed[at] = octet;
          expectInPlace(inspect(changed, { as: kind === "tree" ? "RatchetTree" : "MLSMessage" }).root);
        }
      }
    }
  });

  it("says what follows a complete structure, and names an unknown wire format", () => {
    const longer = new Uint8Array([...messages["keyPackage"]!, 1, 2]);
    expect(inspect(longer).problem).toMatchObject({ message: "2 bytes follow the complete structure" });
    const { root, problem } = inspect(Uint8Array.of(0, 1, 0, 6, 1, 2, 3));
    expect(problem).toBeUndefined();
    expect(find(root, "body")).toMatchObject({ value: "010203" });
    expect(inspect(Uint8Array.of(0, 2, 0, 1, 1), { as: "MLSMessage" }).problem?.message).toMatch(/version/);
  });

  it("costs as much as the input has bytes: a megabyte of the smallest elements", () => {
    const size = 1 << 20;
    const vector = new Uint8Array(size + 4); // blank nodes
    vector.set([0x80, size >> 16, (size >> 8) & 255, size & 255]);
    const { problem, root } = inspect(vector, { as: "RatchetTree" });
    expect(problem).toBeUndefined();
    expect(root.children?.[0]?.children?.length).toBeLessThanOrEqual(200_000);
    expect(root.children?.[0]?.value).toBe(String(size));
  });

  it.each([[undefined], [7], ["no text of bytes!"], [{}], [[1, 2]]])("refuses %j", (input) => {
    expect(() => inspect(input as string)).toThrow(
      expect.objectContaining({ code: "ERR_MLS_USAGE" }) as Error,
    );
  });

  it("refuses options that it does not know", () => {
    for (const options of [{ as: "Everything" }, "Welcome"]) {
      let thrown: unknown;
      try {
        inspect(new Uint8Array(), options as InspectOptions);
      } catch (error) {
        thrown = error;
      }
      expect(isMlsError(thrown, "ERR_MLS_USAGE")).toBe(true);
    }
    expect(STRUCTURE_NAMES).toContain("UpdatePath");
  });
});

describe("formatInspection", () => {
  it("writes a line a field, and where it breaks off", () => {
    const text = formatInspection(inspect(messages["commit"]!.slice(0, 60)));
    expect(text).toMatch(/^MLSMessage, 60 bytes\n {6}0 {6}2 {2}version: uint16 mls10/);
    expect(text.split("\n").at(-1)).toMatch(/^breaks off at byte \d+, in public_message\.content/);
  });

  it("leaves out what is deeper than asked for, and places", () => {
    const text = formatInspection(inspect(messages["keyPackage"]!), { depth: 1, places: false });
    expect(text.split("\n")).toEqual([
      expect.stringMatching(/^MLSMessage/),
      expect.stringMatching(/^version/),
      expect.stringMatching(/^wire_format/),
      expect.stringMatching(/^key_package: KeyPackage/),
      "  …",
    ]);
  });
});
