import { bytesToHex } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { Checker } from "./checker.ts";
import { attackTarget } from "./run.ts";
import { TARGETS } from "./targets/index.ts";

/** Attacks in a test; `pnpm fuzz` makes more. */
const ATTACKS: Readonly<Record<string, number>> = {
  decoders: 3000,
  read: 1000,
  messages: 300,
  insider: 60,
  welcome: 150,
  external: 100,
  forks: 100,
  records: 300,
  imports: 150,
  certificates: 500,
};

describe.each(TARGETS)("$name", (target) => {
  it("withstands attacks", async () => {
    const count = ATTACKS[target.name] ?? expect.unreachable("a target without a number");
    const { finding, attacks, calls, refusals } = await attackTarget(target, 9420, {
      more: (done) => done < count,
    });
    expect(finding).toBeUndefined();
    expect(attacks).toBe(count);
    // neither all nor nothing gets through; a validator's no is a result
    expect(refusals).toBeGreaterThan(target.name === "certificates" ? -1 : calls / 20);
    expect(refusals).toBeLessThan(calls);
  });

  it("is attacked in the same way for the same seed", async () => {
    const inputsOf = async (seed: number): Promise<string[]> => {
      const checker = new Checker();
      const inputs: string[] = [];
      const progress = (): void => void inputs.push(bytesToHex(checker.input));
      await attackTarget(target, seed, { more: (attacks) => attacks < 10, checker, progress });
      return inputs;
    };
    const inputs = await inputsOf(1);
    expect(await inputsOf(1)).toEqual(inputs);
    expect(await inputsOf(2)).not.toEqual(inputs);
  });
});
