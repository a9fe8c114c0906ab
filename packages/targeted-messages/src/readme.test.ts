import { readFileSync } from "node:fs";
import { utf8 } from "@openmls-ts/traits";
import { expect, it } from "vitest";
import { company } from "../../extensions/src/testing/company.ts";
import { targetedMessages } from "./index.ts";

type Program = (...values: readonly unknown[]) => Promise<unknown>;

it("the README's sample does what it says", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, code = ""] = /^```ts\n([^]*?)^```$/m.exec(readme) ?? [];
  const AsyncFunction = Object.getPrototypeOf(async () => undefined) as { constructor: unknown };
  const make = AsyncFunction.constructor as new (...parts: readonly string[]) => Program;
  const { alice, bob } = await company(["alice", "bob"], { features: [targetedMessages()] });
  const shown: unknown[] = [];
  const console = { log: (...values: readonly unknown[]) => shown.push(...values) };
  const scope = { targetedMessages, utf8, alice, bob, console };
  await new make(...Object.keys(scope), code)(...Object.values(scope));
  expect(shown).toEqual([0, "for Bob alone"]);
});
