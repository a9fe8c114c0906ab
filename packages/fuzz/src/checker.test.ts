import { MlsError, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { Checker } from "./checker.ts";
import { Failure } from "./failure.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { mutateValue } from "./mutate-value.ts";
import { expectAgreement, expectAlive, people, stateOf } from "./people.ts";
import { Random } from "./random.ts";
import { attackTarget } from "./run.ts";
import type { Target } from "./target.ts";
import { tryCoder } from "./targets/decoders.ts";

/** A target with one planted fault. */
function planted(attack: (checker: Checker) => Promise<unknown>): Target {
  return {
    name: "planted",
    length: 10,
    open: async (_, checker) =>
      Promise.resolve(async () => {
        await attack(checker);
        return false;
      }),
  };
}

async function findingOf(
  attack: (checker: Checker) => Promise<unknown>,
  checker = new Checker(),
): Promise<unknown> {
  const { finding } = await attackTarget(planted(attack), 1, { more: (attacks) => attacks < 3, checker });
  return finding?.kind;
}

const notAnError = "text" as unknown as Error;

const refuse = (): never => {
  throw new MlsError("ERR_MLS_DECODE", "no");
};

describe("what the checker catches", () => {
  it("lets results and refusals pass", async () => {
    const checker = new Checker();
    const fine = async (): Promise<void> => {
      await checker.call(
        () => 1,
        () => String(Math.random()),
      );
      await checker.call(refuse, () => "the same");
      await checker.call(async () => Promise.resolve().then(refuse));
    };
    expect(await findingOf(fine, checker)).toBeUndefined();
    expect([checker.calls, checker.refusals]).toEqual([9, 6]);
  });

  it.each<readonly [string, () => unknown]>([
    ["a TypeError", () => (undefined as unknown as Uint8Array).length],
    ["something thrown that is no error", async () => Promise.reject(notAnError)],
    ["an internal error", async () => Promise.reject(new MlsError("ERR_MLS_INTERNAL", "sizes differ"))],
    ["endless recursion", () => recurse(1)],
  ])("%s", async (_, work) => {
    expect(await findingOf(async (checker) => checker.call(work))).toBe("outcome");
  });

  const recurse = (n: number): number => recurse(n + 1) + 1;

  it("a refusal that changed memory", async () => {
    const memory = { epoch: 1 };
    const faulty = (): never => {
      memory.epoch += 1;
      return refuse();
    };
    expect(await findingOf(async (checker) => checker.call(faulty, () => `epoch ${memory.epoch}`))).toBe(
      "state",
    );
  });

  it("a refusal that changed the store", async () => {
    const { bob } = await people(new Random("store"));
    const faulty = async (): Promise<never> => {
      const key = { table: "proposal", owner: bob.group.groupId, id: Uint8Array.of(9) };
      await bob.storage.write({ puts: [{ key, value: utf8("left over") }] });
      return refuse();
    };
    expect(await findingOf(async (checker) => checker.call(faulty, () => stateOf(bob)))).toBe("state");
  });

  it("members who disagree", async () => {
    const { alice, bob } = await people(new Random("disagreement"));
    expect(() => expectAgreement([alice.group, bob.group])).not.toThrow();
    await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    expect(await findingOf(async () => expectAgreement([alice.group, bob.group]))).toBe("disagreement");
    expect(await findingOf(async (checker) => expectAlive(checker, alice, bob))).toBe("liveness");
  });

  it("a call that takes too long, or never ends", async () => {
    const busy = (): void => {
      const start = process.cpuUsage();
      for (let spent = 0; spent < 80_000;) spent = process.cpuUsage(start).user;
    };
    const checker = new Checker({ milliseconds: 20 });
    expect(await findingOf(async () => checker.call(busy), checker)).toBe("slow");
    expect(await findingOf(async () => checker.call(async () => new Promise(() => undefined)), checker)).toBe(
      "slow",
    );
  });

  it("a call that takes too much memory", async () => {
    const kept: Uint8Array[] = [];
    const greedy = (): number => kept.push(new Uint8Array(64 * 2 ** 20).fill(1));
    expect(
      await findingOf(async (checker) => checker.call(greedy), new Checker({ bytes: 32 * 2 ** 20 })),
    ).toBe("memory");
  });

  it("what is written in another way than it was read, and makes it small", async () => {
    const checker = new Checker();
    // reads two forms of zero
    const coder = {
      name: "number",
      read: (bytes: Uint8Array) => bytes.filter((byte) => byte !== 0x80),
      write: (bytes: Uint8Array) => bytes,
    };
    const bytes = Uint8Array.of(1, 2, 3, 0x80, 4, 5, 6, 7, 8, 9);
    expect(await findingOf(async () => tryCoder(checker, coder, bytes), checker)).toBe("encoding");
    expect(checker.input).toEqual(Uint8Array.of(0x80));
    await expect(tryCoder(checker, coder, Uint8Array.of(1, 2))).resolves.toBeUndefined();
  });

  it("reports the way back", async () => {
    const attack = async (checker: Checker): Promise<void> => {
      checker.input = Uint8Array.of(0xab);
      if (checker.calls === 12) throw new Failure("forgery", "taken in");
      await checker.call(() => 1);
    };
    const { finding } = await attackTarget(planted(attack), 5, { more: () => true });
    expect(finding).toEqual({
      target: "planted",
      seed: 5,
      session: 1,
      attack: 2,
      kind: "forgery",
      message: "taken in",
      input: "ab",
    });
  });
});

describe("mutations", () => {
  it("are the same for a seed, and change what they are given without touching it", () => {
    const value = { list: [1, 2, 3], bytes: utf8("some bytes"), inner: { epoch: 5n, flag: true } };
    const copy = structuredClone(value);
    const changed = Array.from({ length: 200 }, (_, seed) => mutateValue(new Random(seed), value));
    expect(value).toEqual(copy);
    expect(changed).toEqual(Array.from({ length: 200 }, (_, seed) => mutateValue(new Random(seed), value)));
    for (const field of ["list", "bytes", "inner"] as const) {
      expect(changed.some((one) => one[field] !== value[field])).toBe(true);
    }
    const sample = utf8("a sample of bytes");
    const mutants = Array.from({ length: 200 }, (_, seed) => mutateBytes(new Random(seed), sample));
    expect(sample).toEqual(utf8("a sample of bytes"));
    expect(new Set(mutants.map((one) => one.join())).size).toBeGreaterThan(150);
  });
});
