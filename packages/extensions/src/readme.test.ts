import { nodeCrypto } from "@openmls-ts/crypto-node";
import * as core from "@openmls-ts/mls-core";
import { concatBytes, equalBytes, utf8 } from "@openmls-ts/traits";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as extensions from "./index.ts";
import { company } from "./testing/company.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const samples = readme.split(/^## /m).flatMap((section) => {
  const name = /^`(\w+)`\n/.exec(section)?.[1];
  const code = /^```ts\n([^]*?)^```/m.exec(section)?.[1];
  return name === undefined || code === undefined ? [] : [[name, code] as const];
});

type Scope = Readonly<Record<string, unknown>>;
type Program = (...values: readonly unknown[]) => Promise<unknown>;

/** Runs a sample with what it may name; without `import`, as all of it is at hand. */
async function run(code: string, scope: Scope): Promise<unknown> {
  const AsyncFunction = Object.getPrototypeOf(async () => undefined) as { constructor: unknown };
  const make = AsyncFunction.constructor as new (...parts: readonly string[]) => Program;
  return new make(...Object.keys(scope), code)(...Object.values(scope));
}

const SHOWN: Readonly<Record<string, readonly unknown[][]>> = {
  componentKeys: [[true, "for all members"]],
  safeExporter: [[true, "ERR_MLS_SECRET_CONSUMED"]],
  appData: [["ba"], ["ba"]],
  appEphemeral: [
    [0x8001, 1],
    [5, 1],
  ],
  applicationPsk: [[0x8001]],
  safeAad: [[1]],
  wireFormats: [[1]],
  mediaTypes: [["image/png"]],
  multiCredentials: [[1]],
};

describe("the samples of the README", () => {
  it("are there, one for each of the features", () => {
    expect(samples.map(([name]) => name)).toEqual(Object.keys(SHOWN));
  });

  it.each(samples)("%s does what its comments say", async (name, code) => {
    const crypto = nodeCrypto();
    const shown: unknown[][] = [];
    const log = { log: (...values: unknown[]) => shown.push(values) };
    const scope = { ...core, ...extensions, concatBytes, equalBytes, utf8, crypto, console: log };
    const split = code.indexOf("\n\n");
    const [feature, use] = [code.slice(0, split), code.slice(split)];
    const names = Array.from(feature.matchAll(/^const (\w+)/gm), ([, made]) => made);
    const made = (await run(`${feature}\nreturn { ${names.join()} };`, scope)) as Scope;
    const features = Object.values(made).filter(
      (one): one is core.Feature => typeof one === "object" && one !== null && "name" in one,
    );
    expect(features).toHaveLength(1);
    const { alice, bob } = await company(["alice", "bob"], { features });
    await run(use, {
      ...scope,
      ...made,
      alices: alice.group,
      bobs: bob.group,
      alice: alice.signer,
      bob: bob.signer,
    });
    expect(shown).toEqual(SHOWN[name]);
  });
});
