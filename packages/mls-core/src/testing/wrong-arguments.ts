import { isMlsError, utf8 } from "@openmls-ts/traits";
import { expect, it } from "vitest";
import { newWorld, stateOf, type World } from "./world.ts";

const bytes = utf8("bytes");

/** What callers without types pass where something else belongs. */
const WRONG: Readonly<Record<string, unknown>> = {
  string: "hello",
  "empty string": "",
  "array of numbers": [104, 300, -1],
  ArrayBuffer: bytes.buffer,
  DataView: new DataView(bytes.buffer),
  Uint16Array: new Uint16Array([104, 101]),
  undefined,
  null: null,
  number: 5,
  fraction: 1.5,
  negative: -1,
  bigint: 5n,
  boolean: true,
  "empty object": {},
  "object of strangers": { stranger: 1 },
  promise: Promise.resolve(bytes),
  function: () => bytes,
  bytes,
  "misspelt word": "Public",
};

/** What is right, or means the default, for an argument of a kind. */
const RIGHT = {
  bytes: ["bytes"],
  "bytes or nothing": ["bytes", "undefined"],
  signer: [],
  "signer or nothing": ["undefined"],
  object: [],
  "object or nothing": ["undefined"],
  options: ["undefined", "empty object"],
  list: [],
  "list or nothing": ["undefined"],
  number: ["number"],
  "number or nothing": ["number", "undefined"],
  bigint: ["bigint"],
  "word or nothing": ["undefined"],
  boolean: ["boolean", "undefined"],
  "boolean or options": ["boolean", "undefined", "empty object"],
  text: ["string", "misspelt word", "empty string"],
  function: ["function"],
  keyPackage: ["bytes"],
} as const;

type Call = (all: World, wrong: never) => unknown;
export type WrongCase = readonly [argument: string, kind: keyof typeof RIGHT, call: Call];

/** By method: its arguments, of what kind each is, and a call with something else there. */
export type WrongCalls = Readonly<Record<string, readonly WrongCase[]>>;

/** For each argument a test that everything else is refused by its name, and changes nothing. */
export function itRefusesByName(calls: WrongCalls): void {
  const cases = Object.entries(calls).flatMap(([method, list]) =>
    list.map(([argument, kind, call]) => ({ method, argument, kind, call })),
  );
  it.each(cases)("$method: $argument ($kind)", async ({ argument, kind, call }) => {
    const all = await newWorld();
    const before = stateOf(all.alice);
    const missed: string[] = [];
    for (const [what, value] of Object.entries(WRONG)) {
      if ((RIGHT[kind] as readonly string[]).includes(what)) {
        continue;
      }
      const outcome: unknown = await (async () => call(all, value as never))().then(
        () => "nothing",
        (error: unknown) => error,
      );
      if (!isMlsError(outcome, "ERR_MLS_USAGE")) {
        missed.push(`${what}: ${isMlsError(outcome) ? outcome.code : String(outcome)}`);
        continue;
      }
      const { argument: named } = (outcome.details ?? {}) as { readonly argument?: string };
      if (!argument.split("|").some((name) => `${named ?? ""} ${outcome.message}`.includes(name))) {
        missed.push(`${what}: ${outcome.message}`);
      }
    }
    expect(missed).toEqual([]);
    expect(stateOf(all.alice)).toEqual(before);
  });
}
