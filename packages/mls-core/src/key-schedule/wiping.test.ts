import { bytesToHex, type CipherSuite, utf8 } from "@openmls-ts/traits";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PskType } from "../registry.ts";
import { isLeft, type Recorded, recordingSuite } from "../testing/recording-suite.ts";
import { altered, suiteOf } from "../testing/suites.ts";
import {
  EPOCH_SECRET_NAMES,
  epochFromJoiner,
  exportSecret,
  externalInitSender,
  externalPublicKey,
  joinerSecret,
  pskSecret,
  receiveExternalInit,
  welcomeSecretFromJoiner,
} from "./index.ts";

describe("the key schedule erases what it has used (rfc66, rfc67, trap33)", () => {
  let suite: CipherSuite;
  let recorded: Recorded[];
  const secret = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
  const names = (left: readonly Recorded[]): string[] => left.map(({ from }) => from);
  const psks = [1, 2, 3].map((fill) => ({
    id: { pskType: PskType.external, pskId: utf8("a"), pskNonce: secret(fill) },
    psk: secret(fill),
  }));

  beforeAll(async () => {
    ({ suite, recorded } = recordingSuite(await suiteOf(1)));
  });

  beforeEach(() => {
    recorded.length = 0;
  });

  /** The suite, failing at one call of a method. */
  function failing(method: "hkdfExpand" | "hkdfExtract", call: number): CipherSuite {
    let calls = 0;
    const work = suite[method].bind(suite) as (...given: unknown[]) => Uint8Array;
    return altered(suite, {
      [method]: (...given: unknown[]) => {
        if (++calls === call) {
          throw new RangeError("failed");
        }
        return work(...given);
      },
    });
  }

  it("the chain of PSKs, all but its end", () => {
    const chained = pskSecret(suite, psks);
    expect(recorded).toHaveLength(9);
    expect(recorded.filter(isLeft).map(({ bytes }) => bytes)).toEqual([chained]);
  });

  it.each([
    ["hkdfExpand", 2],
    ["hkdfExtract", 3],
    ["hkdfExtract", 4],
  ] as const)("the chain of PSKs when %s fails at call %i", (method, call) => {
    expect(() => pskSecret(failing(method, call), psks)).toThrow(RangeError);
    expect(names(recorded.filter(isLeft))).toEqual([]);
  });

  it("extracted secrets and the epoch_secret", () => {
    const joiner = joinerSecret(suite, secret(1), secret(2), secret(3));
    welcomeSecretFromJoiner(suite, joiner, secret(4)).wipe();
    const { welcomeSecret, epochSecrets } = epochFromJoiner(suite, joiner, secret(4), secret(5), [
      { name: "more", label: "more" },
    ]);
    const left = recorded.filter(isLeft);
    const kept = EPOCH_SECRET_NAMES.map((name) => bytesToHex(epochSecrets[name].expose()));
    expect(left).toHaveLength(EPOCH_SECRET_NAMES.length + 4); // joiner, welcome, encryption, more
    expect(left.map(({ bytes }) => bytesToHex(bytes))).toEqual(expect.arrayContaining(kept));
    expect(names(left)).not.toContain("hkdfExtract");
    expect(names(left)).not.toContain("hkdfExpand epoch");
    [joiner, welcomeSecret, epochSecrets].forEach((each) => {
      each.wipe();
    });
    expect(names(recorded.filter(isLeft))).toEqual([]);
  });

  it("extracted secrets when the expansion fails", () => {
    expect(() => joinerSecret(failing("hkdfExpand", 1), secret(1), secret(2), secret(3))).toThrow(RangeError);
    expect(() => welcomeSecretFromJoiner(failing("hkdfExpand", 1), secret(1), secret(2))).toThrow(RangeError);
    expect(() => epochFromJoiner(failing("hkdfExpand", 1), secret(1), secret(2), secret(3))).toThrow(
      RangeError,
    );
    expect(recorded).toHaveLength(3);
    expect(names(recorded.filter(isLeft))).toEqual([]);
  });

  it("what an exported secret is expanded from", () => {
    exportSecret(suite, secret(1), "x", secret(2), 8);
    expect(names(recorded.filter(isLeft))).toEqual(["hkdfExpand exported"]);
  });

  it("the external private key", async () => {
    const { kemOutput, initSecret } = await externalInitSender(
      suite,
      await externalPublicKey(suite, secret(1)),
    );
    const received = await receiveExternalInit(suite, secret(1), kemOutput);
    await expect(receiveExternalInit(suite, secret(1), kemOutput.subarray(1))).rejects.toThrow();
    expect(names(recorded)).toContain("deriveKeyPair");
    initSecret.wipe();
    received.wipe();
    expect(names(recorded.filter(isLeft))).toEqual([]);
  });
});
