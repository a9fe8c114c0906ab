import { concatBytes, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { MlsGroup } from "../index.ts";
import { follow, keyPackageOf } from "../testing/client.ts";
import { pair } from "../testing/pair.ts";
import { mlsError } from "../testing/suites.ts";
import { FeatureSet } from "./feature-set.ts";
import type { Feature, FeatureExtension } from "./index.ts";

const TYPE = 0xf100;
const merge = (parts: readonly Uint8Array[]): Uint8Array => concatBytes(...parts);
const noLongerThan = (most: number) => (data: Uint8Array) => {
  if (data.length > most) throw new TypeError(`longer than ${most}`);
};
const part = (name: string, options: Partial<FeatureExtension> = {}): Feature => ({
  name,
  extensions: [{ type: TYPE, places: ["groupContext", "leafNode"], merge, ...options }],
  objects: {
    extensionsFor: (place) =>
      [{ extensionType: TYPE, extensionData: utf8(`${name}@${place} `) }].slice(
        place === "leafNode" || place === "groupContext" ? 0 : 1,
      ),
  },
});
const textOf = (list: readonly { readonly extensionData: Uint8Array }[] | undefined): string =>
  list?.map(({ extensionData }) => String.fromCharCode(...extensionData)).join("|") ?? "";

describe("an extension type that several features bring", () => {
  it("is one extension, of the caller's part and theirs", async () => {
    const two = await pair({ features: [part("a"), part("b")] });
    expect(textOf((await keyPackageOf(two.alice)).leafNode.extensions)).toContain("a@leafNode b@leafNode ");
    const { provider, signer, credentialWithKey } = two.alice;
    const extensions = [{ extensionType: TYPE, extensionData: utf8("mine ") }];
    const group = await MlsGroup.create(provider, signer, credentialWithKey, { cipherSuite: 1, extensions });
    expect(textOf(group.extensions)).toBe("mine a@groupContext b@groupContext ");
  });

  it("is checked by all, and stands where any says", () => {
    const [strict, lax] = [
      part("a", { check: noLongerThan(2), places: ["leafNode"] }),
      part("b", { check: noLongerThan(5), protected: () => true }),
    ];
    const entry = new FeatureSet([lax, strict]).extensions.get(TYPE)!;
    expect(() => entry.check?.(new Uint8Array(3))).toThrow("longer than 2");
    expect(() => entry.check?.(new Uint8Array(6))).toThrow("longer than 5");
    expect(entry.places).toEqual(["groupContext", "leafNode"]);
    expect(entry.protected?.({} as never, [])).toBe(true);
  });

  it("is not shared without their consent", () => {
    const { merge: _, ...alone } = part("b").extensions![0]!;
    const other: Feature = { name: "b", extensions: [alone] };
    expect(() => new FeatureSet([part("a"), other])).toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => new FeatureSet([other, part("a")])).toThrow(mlsError("ERR_MLS_USAGE"));
  });
});

describe("a plan step", () => {
  it("judges the leaf of a path, the own and that of others", async () => {
    const seen: string[] = [];
    const step: Feature = {
      name: "step",
      plan: [
        {
          order: Infinity,
          run: () => undefined,
          pathLeaf: (leaf) => {
            seen.push(`${leaf.leafIndex} ${leaf.own} ${Array.from(leaf.leaves()).length}`);
          },
        },
      ],
    };
    const two = await pair({ features: [step] });
    seen.length = 0;
    const { commit } = await two.b.selfUpdate(two.bob.signer);
    await follow(two.a, commit);
    expect(seen).toEqual(["1 true 2", "1 false 2"]);
  });
});
