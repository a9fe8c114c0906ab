import { describe, expect, it } from "vitest";
import { checkPublicTypes } from "./check-public-types.ts";
import { workspace } from "./testing/workspace.ts";

function manifest(...subpaths: string[]): string {
  const entry = (subpath: string): [string, unknown] => [
    subpath === "" ? "." : `./${subpath}`,
    { "@openmls-ts/source": `./src/${subpath === "" ? "index" : subpath}.ts` },
  ];
  return JSON.stringify({ exports: Object.fromEntries(["", ...subpaths].map(entry)) });
}

function inCore(files: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = { "packages/mls-core/package.json": manifest() };
  for (const [file, text] of Object.entries(files)) all[`packages/mls-core/src/${file}`] = text;
  return workspace(all);
}

describe("checkPublicTypes", () => {
  it("accepts a package whose signatures name exported types, its own and the language's", () => {
    const root = inCore({
      "index.ts": `export { f, type A } from "./a.ts";\nexport type { B as Renamed } from "./b.ts";`,
      "a.ts": `import type { B } from "./b.ts";
        export interface A<T> { readonly bs: ReadonlyMap<string, B>; readonly t: T }
        export function f<T>(a: A<T>): Promise<Uint8Array> { throw new Error(String(a)); }`,
      "b.ts": `export interface B { readonly a: import("./a.ts").A<B> }`,
    });
    expect(checkPublicTypes(root)).toEqual([]);
  });

  it("reports what a parameter, a result, a base and a member name, and what those name in turn", () => {
    const root = inCore({
      "index.ts": `export { C, f } from "./c.ts";`,
      "c.ts": `import type { Options, Result } from "./types.ts";
        class Base { readonly deep: Deep | undefined; }
        interface Deep { readonly x: number }
        export class C extends Base { get(): Result[] { return []; } }
        export const f = (_options?: Options): void => {};`,
      "types.ts": `export interface Options { readonly a: number }\nexport type Result = { readonly b: number };`,
    });
    expect(checkPublicTypes(root)).toEqual([
      "mls-core: Base (packages/mls-core/src/c.ts) is named by C and exported nowhere",
      "mls-core: Deep (packages/mls-core/src/c.ts) is named by Base and exported nowhere",
      "mls-core: Options (packages/mls-core/src/types.ts) is named by f and exported nowhere",
      "mls-core: Result (packages/mls-core/src/types.ts) is named by C and exported nowhere",
    ]);
  });

  it("follows typeof to the shape of a constant", () => {
    const root = inCore({
      "index.ts": `export type { Table } from "./table.ts";`,
      "table.ts": `interface Row { readonly id: number }
        const rows = { one: { id: 1 } as Row, two: { id: 2 } } as const;
        export type Table = typeof rows;`,
    });
    expect(checkPublicTypes(root)).toEqual([
      "mls-core: Row (packages/mls-core/src/table.ts) is named by rows and exported nowhere",
    ]);
  });

  it("leaves alone what a declaration file hides", () => {
    const root = inCore({
      "index.ts": `interface State { readonly x: number }
        export class Group {
          readonly #state: State;
          private old: State | undefined;
          private constructor(state: State) { this.#state = state; }
          static create(): Group { const state: State = { x: 1 }; return new Group(state); }
          private read(): State { return this.old ?? this.#state; }
        }`,
    });
    expect(checkPublicTypes(root)).toEqual([]);
  });

  it("asks the package that declares a type for the name, through any entry of it", () => {
    const root = workspace({
      "packages/traits/package.json": manifest("extra"),
      "packages/traits/src/index.ts": `import type { Hidden } from "./hidden.ts";
        export interface Open { readonly x: number }
        export type { Hidden };`,
      "packages/traits/src/extra.ts": `export type { More } from "./hidden.ts";`,
      "packages/traits/src/hidden.ts": `export interface Hidden { readonly x: Deep }
        export interface Deep { readonly x: More }
        export interface More { readonly x: number }`,
      "packages/mls-core/package.json": manifest(),
      "packages/mls-core/src/index.ts": `import type { Hidden, Open } from "@openmls-ts/traits";
        import type { More } from "@openmls-ts/traits/extra";
        export interface All { readonly a: Hidden; readonly b: Open; readonly c: More }`,
    });
    expect(checkPublicTypes(root)).toEqual([
      "traits: Deep (packages/traits/src/hidden.ts) is named by Hidden and exported nowhere",
    ]);
  });
});
