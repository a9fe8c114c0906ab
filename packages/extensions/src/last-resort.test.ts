import { KeyPackage, KeyPackageIn, listKeyPackages, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { describe, expect, it } from "vitest";
import { lastResort, type LastResortForm } from "./last-resort.ts";
import { keyPackageOf, type Person, person } from "./testing/person.ts";

const feature = lastResort();

const marked = async ({ provider, signer, credentialWithKey }: Person): Promise<KeyPackage> =>
  KeyPackage.builder().markAsLastResort().grease(false).build(1, provider, signer, credentialWithKey);

/** A KeyPackage with extensions that its maker's library knows nothing about. */
async function withExtension(extensionType: number, ...data: number[]): Promise<KeyPackage> {
  const { provider, signer, credentialWithKey } = await person("somebody", []);
  return KeyPackage.builder()
    .capabilities({ extensions: [extensionType] })
    .extensions([{ extensionType, extensionData: Uint8Array.from(data) }])
    .build(1, provider, signer, credentialWithKey);
}

describe("the mark of a last resort", () => {
  it.each([
    [["component"], [6]],
    [["extension"], [10]],
    [
      ["component", "extension"],
      [6, 10],
    ],
  ] as const)("xl05: is written as %j, signed, and listed", async (write, types) => {
    const bob = await person("bob", [lastResort({ write: write as readonly LastResortForm[] })]);
    const keyPackage = await marked(bob);
    expect(keyPackage.fields.extensions.map(({ extensionType }) => extensionType)).toEqual(types);
    for (const type of types) {
      expect(keyPackage.leafNode.capabilities.extensions).toContain(type);
    }
    const { provider } = await person("alice", [feature]);
    const verified = await KeyPackageIn.fromMessage(keyPackage.toMessage()).validate(provider);
    expect(feature.isMarked(verified.fields)).toBe(true);
    expect(feature.isMarked((await keyPackageOf(bob)).fields)).toBe(false);
  });

  it("xl01: has no data", async () => {
    const { provider } = await person("alice", [feature]);
    const validate = async (keyPackage: KeyPackage): Promise<KeyPackage> =>
      KeyPackageIn.fromMessage(keyPackage.toMessage()).validate(provider);
    const violated = (rule: string): object => expect.objectContaining({ rule }) as object;
    await expect(validate(await withExtension(10, 1))).rejects.toEqual(violated("xl01"));
    await expect(validate(await withExtension(6, 4, 0, 4, 1, 9))).rejects.toEqual(violated("xl01"));
    await expect(validate(await withExtension(6, 6, 0, 4, 0, 0, 4, 0))).rejects.toEqual(violated("xd01"));
    await expect(validate(await withExtension(6, 9))).rejects.toMatchObject({ code: "ERR_MLS_DECODE" });
    const others = await validate(await withExtension(6, 7, 0, 1, 0, 0, 9, 1, 1)); // other components
    expect(feature.isMarked(others.fields)).toBe(false);
  });

  it("is one of two forms", () => {
    for (const write of [[], ["both"]] as unknown as LastResortForm[][]) {
      expect(() => lastResort({ write })).toThrow(
        expect.objectContaining({ code: "ERR_MLS_USAGE" }) as Error,
      );
    }
  });
});

describe("joining by a last resort", () => {
  /** Has a new group add somebody, who joins. */
  async function invited(bob: Person, keyPackage: KeyPackage): Promise<MlsGroup> {
    const { provider, signer, credentialWithKey } = await person("alice", [feature]);
    const group = await MlsGroup.create(provider, signer, credentialWithKey, { cipherSuite: 1 });
    await group.addMembers(signer, [keyPackage.toMessage()]);
    const { welcome } = await group.mergePendingCommit();
    return (await StagedWelcome.fromWelcome(bob.provider, welcome!)).intoGroup();
  }

  it("xl02: keeps its private keys, and those of no other", async () => {
    const bob = await person("bob", [feature]);
    const [last, once] = [await marked(bob), await keyPackageOf(bob)];
    expect(await listKeyPackages(bob.provider)).toHaveLength(2);
    await invited(bob, once);
    await expect(invited(bob, once)).rejects.toMatchObject({ code: "ERR_MLS_NO_MATCHING_KEY_PACKAGE" });
    await invited(bob, last);
    expect((await invited(bob, last)).members()).toHaveLength(2);
    const left = await listKeyPackages(bob.provider);
    expect(left).toMatchObject([{ reusable: true, ref: last.ref }]);
  });
});
