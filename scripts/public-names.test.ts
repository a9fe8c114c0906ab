import { describe, expect, it } from "vitest";
import { publicNames } from "./public-names.ts";
import { workspace } from "./testing/workspace.ts";

describe("publicNames", () => {
  const names = publicNames(
    workspace({
      "packages/mls-core/package.json": JSON.stringify({
        exports: { ".": { "@openmls-ts/source": "./src/index.ts" } },
      }),
      "packages/mls-core/src/index.ts": `
        class Base { get inherited(): number { return 1; } private hidden = 2; protected kept = this.hidden; }
        export class Group extends Base { readonly field = 1; static load(): Group { return new Group(); } method(): void {} }
        export type Either = { readonly kind: "a"; readonly one: number } | { readonly kind: "b"; readonly two: number };
        export type Code = "ERR_ONE" | "ERR_TWO";
        export const table = { row: 1 } as const;
        interface Unseen { readonly x: number }
        export interface Seen extends Unseen { readonly y: number }`,
    }),
  );

  it.each([
    "Group",
    "Group#method",
    "Group#field",
    "Group#inherited",
    "Group.load",
    "Either#kind",
    "Either#one",
    "Either#two",
    "table.row",
    "Seen#x",
    "Seen#y",
  ])("knows %s", (name) => {
    expect(names.has(name)).toBe(true);
  });

  it.each([
    "Base",
    "Unseen",
    "Group#load",
    "Group.method",
    "Group#missing",
    "Group#hidden",
    "Group#kept",
    "Either#three",
    "table.column",
    "Group#method()",
    "",
  ])("does not know %s", (name) => {
    expect(names.has(name)).toBe(false);
  });

  it("lists the texts of a type", () => {
    expect(names.literalsOf("Code")).toEqual(["ERR_ONE", "ERR_TWO"]);
    expect(names.literalsOf("Group")).toEqual([]);
  });
});
