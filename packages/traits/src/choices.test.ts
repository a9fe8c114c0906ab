import { describe, expect, it } from "vitest";
import type { GroupRules } from "./commit-rules.ts";
import { rulesFrom } from "./commit-rules.ts";
import { identityOf } from "./identity.ts";
import type { Limits } from "./limits.ts";
import { DEFAULT_LIMITS, limitsFrom } from "./limits.ts";
import type { Clock } from "./provider.ts";
import { clockOf, systemClock } from "./provider.ts";
import { refusalOf, ruleOf } from "./verdict.ts";

const usage = (message: RegExp): Error =>
  expect.objectContaining({
    code: "ERR_MLS_USAGE",
    message: expect.stringMatching(message) as unknown,
  }) as Error;

describe("limits", () => {
  it("are the defaults but for what is given", () => {
    expect(limitsFrom()).toEqual(DEFAULT_LIMITS);
    expect(limitsFrom({})).toEqual(DEFAULT_LIMITS);
    const given = { maxLeaves: 8, maxMessageSize: undefined } as unknown as Partial<Limits>;
    expect(limitsFrom(given)).toEqual({ ...DEFAULT_LIMITS, maxLeaves: 8 });
    expect(limitsFrom({ maxLifetime: 0n, maxSkippedKeys: 0 })).toMatchObject({
      maxLifetime: 0n,
      maxSkippedKeys: 0,
    });
  });

  it.each([
    [{ maxMesageSize: 1 }, /^limits has no "maxMesageSize", only maxMessageSize,/],
    [{ maxMessageSize: Infinity }, /^limits.maxMessageSize is number Infinity/],
    [{ maxLeaves: -1 }, /^limits.maxLeaves is number -1/],
    [{ maxLeaves: 1.5 }, /^limits.maxLeaves is number 1.5/],
    [{ maxLeaves: null }, /^limits.maxLeaves is Null/],
    [{ maxLifetime: 60 }, /^limits.maxLifetime is number 60, expected bigint/],
    [null, /^limits is Null/],
  ])("are not %o", (given, message) => {
    expect(() => limitsFrom(given as Partial<Limits>)).toThrow(usage(message));
  });

  it("end a leaf's lifetime after a year and a day", () => {
    expect(DEFAULT_LIMITS.maxLifetime).toBe(31_622_400n);
  });
});

describe("rules of a group", () => {
  it("are the defaults but for what is given", async () => {
    expect(rulesFrom()).toEqual({
      handshake: "any",
      externalCommits: "allow",
      unlistedCipherSuite: "refuse",
    });
    class Rules implements GroupRules {
      readonly externalCommits = "no-resync";
      readonly #allowed = true;
      async allow(): Promise<boolean> {
        return this.#allowed;
      }
    }
    const rules = rulesFrom(new Rules());
    expect(rules.externalCommits).toBe("no-resync");
    expect(await rules.allow?.({} as never)).toBe(true);
  });

  it.each([
    [{ externalCommits: "never" }, /^rules.externalCommits is string, expected "allow" or/],
    [{ unlistedCipherSuite: true }, /^rules.unlistedCipherSuite is boolean/],
    [{ handshake: "mixed" }, /^rules.handshake is string, expected "any" or/],
    [{ allow: true }, /^rules.allow is boolean, expected function/],
    [{ allowed: true }, /^rules has no "allowed"/],
    [async () => true, /^rules is function/],
  ])("are not %o", (given, message) => {
    expect(() => rulesFrom(given as GroupRules)).toThrow(usage(message));
  });
});

describe("a verdict", () => {
  it("is yes by true and by { allowed: true } alone", () => {
    expect(refusalOf(true)).toBeUndefined();
    expect(refusalOf({ allowed: true, reason: "friend" })).toBeUndefined();
    for (const no of [false, undefined, null, 1, "true", {}, { allowed: 1 }, [true], Promise.resolve(true)]) {
      expect(refusalOf(no)).toBe("");
    }
    expect(refusalOf({ allowed: false, reason: "expelled" })).toBe("expelled");
    expect(refusalOf({ allowed: false, reason: 5 })).toBe("");
    expect(ruleOf({ allowed: false, rule: "rfc15" })).toBe("rfc15");
    expect([true, null, { allowed: false }, { rule: 5 }].map(ruleOf)).toEqual(Array(4).fill(undefined));
  });
});

describe("a clock", () => {
  it("tells seconds as a bigint", () => {
    expect(clockOf({}).now() - systemClock.now()).toBeLessThan(2n);
    expect(clockOf({ clock: { now: () => 7n } }).now()).toBe(7n);
  });

  it("is refused when it does not", () => {
    const clock = { now: () => Date.now() } as unknown as Clock;
    expect(() => clockOf({ clock }).now()).toThrow(usage(/^clock.now\(\) is number \d+, expected bigint/));
    for (const none of [null, {}, { now: 5n }]) {
      expect(() => clockOf({ clock: none as unknown as Clock })).toThrow(usage(/^clock.now is/));
    }
  });
});

describe("identityOf", () => {
  const identity = Uint8Array.of(1);
  const basic = { credentialType: 1, identity };

  it("finds the identity of whatever has a basic credential", () => {
    for (const bearer of [basic, { credential: basic }, { leafNode: { credential: basic } }]) {
      expect(identityOf(bearer)).toBe(identity);
    }
  });

  it("finds none in other credentials", () => {
    expect(identityOf({ credentialType: 2, certificates: [identity] })).toBeUndefined();
    expect(identityOf({ credentialType: 0xf000, identity })).toBeUndefined();
  });
});
