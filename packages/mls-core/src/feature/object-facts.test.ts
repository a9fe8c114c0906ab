import { describe, expect, it } from "vitest";
import { KeyPackage, MlsGroup } from "../index.ts";
import { isGrease } from "../registry.ts";
import { CRYPTO } from "../testing/cast.ts";
import { client } from "../testing/client.ts";
import type { Feature, ObjectFacts, ObjectPlace } from "./index.ts";

const [, crypto] = CRYPTO[0]!;

describe("what a feature knows when an object is made", () => {
  it.each([true, "capabilities", false] as const)("a GREASE value where it is wanted: %s", async (grease) => {
    const seen: [ObjectPlace, ObjectFacts][] = [];
    const watcher: Feature = {
      name: "watcher",
      objects: {
        extensionsFor: (place, facts) => {
          seen.push([place, facts]);
          return [];
        },
      },
    };
    const alice = await client("alice", crypto, 1, { features: [watcher] });
    const bob = await client("bob", crypto, 1, { features: [watcher] });
    const a = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, {
      cipherSuite: 1,
      config: { grease },
    });
    const keyPackage = await KeyPackage.builder()
      .grease(grease)
      .build(1, bob.provider, bob.signer, bob.credentialWithKey);
    await a.addMembers(alice.signer, [keyPackage]);
    await a.mergePendingCommit();
    await a.exportGroupInfo(alice.signer);
    const places = seen.map(([place]) => place);
    expect(new Set(places)).toEqual(
      new Set(["groupContext", "leafNode", "keyPackage", "welcome", "groupInfo"] satisfies ObjectPlace[]),
    );
    for (const [place, facts] of seen) {
      const given = facts.grease !== undefined;
      expect([place, given]).toEqual([place, grease === true && place !== "groupContext"]);
      if (facts.grease !== undefined) expect(isGrease(facts.grease)).toBe(true);
    }
  });
});
