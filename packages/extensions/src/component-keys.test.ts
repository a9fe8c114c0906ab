import { decode, encode, opaque, struct, uint16 } from "@openmls-ts/mls-core";
import { bytesToHex, concatBytes, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { componentKeys, componentLabel } from "./component-keys.ts";
import { codePoints } from "./code-points.ts";
import { begin, company, restart } from "./testing/company.ts";
import { providers } from "./testing/providers.ts";

const [OWN, OTHER] = [0x8001, 0x8002];
const keys = componentKeys(OWN);
const others = componentKeys(OTHER);
const features = [keys, others];
const [content, context, secret] = [utf8("content"), utf8("context"), utf8("secret")];

describe("ComponentOperationLabel", () => {
  it("is the draft's struct, whose base label differs by ecosystem", () => {
    const codec = struct<{ base: Uint8Array; id: number; label: Uint8Array }>({
      base: opaque,
      id: uint16,
      label: opaque,
    });
    const expected = { base: utf8("MLS Component"), id: OWN, label: utf8("note") };
    expect(decode(codec, componentLabel(OWN, "note"))).toEqual(expected);
    expect(componentLabel(OWN, utf8("note"))).toEqual(encode(codec, expected));
    expect(bytesToHex(componentLabel(1, "a"))).toBe(`0d${bytesToHex(utf8("MLS Component"))}00010161`);
    const base = (preset: "openmls" | "mls-rs") => decode(codec, componentLabel(1, "a", preset)).base;
    expect(base("openmls")).toEqual(utf8("Application"));
    expect(base("mls-rs")).toEqual(utf8("MLS 1.0 Application"));
  });

  it("is not made of other things than an id and a label", () => {
    const usage = mlsError("ERR_MLS_USAGE");
    expect(() => componentLabel(0x1_0000, "a")).toThrow(usage);
    expect(() => componentLabel(1, 7 as unknown as string)).toThrow(usage);
    expect(() => componentKeys(-1)).toThrow(usage);
    expect(() => codePoints("nobody" as "wire")).toThrow(usage);
    expect(() => codePoints({ applicationPsk: 256 })).toThrow(usage);
    expect(() => codePoints({ baseLabel: 1 as unknown as string })).toThrow(usage);
    expect(codePoints({ preset: "mls-rs", appAck: 9 })).toMatchObject({ selfRemove: 0xf003, appAck: 9 });
  });
});

describe.each(providers())("keys of components with %s", (_, crypto) => {
  it("XC-01: a component signs under its own id, and verifies what others signed", async () => {
    const { alice, bob } = await company(["alice", "bob"], { crypto, features });
    await restart(alice, bob);
    const signature = await alice.group.use(keys, async (access) =>
      keys.sign(access, alice.signer, "note", content),
    );
    const verified = await bob.group.use(others, async (access) =>
      Promise.all([
        keys.verify(access, 0, "note", content, signature),
        others.verify(access, 0, "note", content, signature, OWN),
        others.verify(access, 0, "note", content, signature),
        keys.verify(access, 1, "note", content, signature),
        keys.verify(access, 0, "other", content, signature),
        access.verify(0, "note", content, signature), // nor does MLS itself take it
        access.verify(0, concatBytes(componentLabel(OWN, "note")), content, signature),
      ]),
    );
    expect(verified).toEqual([true, true, false, false, false, false, true]);
  });

  it("XC-01: only the component opens that something is sealed for; others may seal for it", async () => {
    const { alice, bob } = await company(["alice", "bob"], { crypto, features });
    const key = bob.group.members()[1]!.encryptionKey;
    const sealed = await alice.group.use(others, async (access) =>
      others.seal(access, key, "note", context, secret, OWN),
    );
    await restart(bob);
    const open = async (who: typeof keys, label = "note", about = context): Promise<Uint8Array> =>
      bob.group.use(who, async (access) => who.open(access, "leaf", label, about, sealed));
    expect(await open(keys)).toEqual(secret);
    const refused = mlsError("ERR_MLS_DECRYPTION");
    await expect(open(others)).rejects.toThrow(refused);
    await expect(open(keys, "other")).rejects.toThrow(refused);
    await expect(open(keys, "note", content)).rejects.toThrow(refused);
    const byAlice = alice.group.use(keys, async (access) =>
      keys.open(access, "leaf", "note", context, sealed),
    );
    await expect(byAlice).rejects.toThrow(refused);
  });

  it("XC-02: what is sealed to the group's external key, all members open, in that epoch alone", async () => {
    const { alice, bob } = await company(["alice", "bob"], { crypto, features });
    const sealed = await alice.group.use(keys, async (access) =>
      keys.seal(access, await access.externalPublicKey(), "note", context, secret),
    );
    await restart(alice, bob);
    const open = async ({ group }: typeof alice): Promise<Uint8Array> =>
      group.use(keys, async (access) => keys.open(access, "external", "note", context, sealed));
    expect([await open(alice), await open(bob)]).toEqual([secret, secret]);
    const { commit } = await alice.group.selfUpdate(alice.signer);
    await alice.group.mergePendingCommit();
    await begin(commit, bob);
    for (const member of [alice, bob]) {
      await expect(open(member)).rejects.toThrow(mlsError("ERR_MLS_DECRYPTION"));
    }
  });

  it("XC-04: any component id will do", async () => {
    const all = [0, 1, 0x7fff, 0xffff].map((id) => componentKeys(id));
    const { alice } = await company(["alice"], { crypto, features: all });
    for (const one of all) {
      const verified = alice.group.use(one, async (access) => {
        const signature = await one.sign(access, alice.signer, "a", content);
        return one.verify(access, 0, "a", content, signature);
      });
      expect(await verified).toBe(true);
    }
  });
});

describe("keys of components", () => {
  it("XC-03: the init_key of a KeyPackage is gone with the join, so nothing opens with it", async () => {
    const { bob } = await company(["alice", "bob"], { features });
    expect(bob.storage.entries().filter(({ key }) => key.table === "key_package")).toEqual([]);
  });
});
