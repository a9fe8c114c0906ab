import { nodeCrypto } from "@openmls-ts/crypto-node";
import {
  basicCredential,
  type Credential,
  customCredential,
  customCredentials,
  type Feature,
  KeyPackage,
  MlsGroup,
} from "@openmls-ts/mls-core";
import { bytesToHex, type CryptoProvider, type MlsErrorCode, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { type Client, client, follow, joinFrom } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { bindCredential, type CredentialBinding, multiCredentials } from "./multi-credential.ts";
import { providers } from "./testing/providers.ts";

const V = "ERR_MLS_VALIDATION";

/** An authentication service that knows some names, and features with it. */
function world(crypto: CryptoProvider) {
  const judged: string[] = [];
  const feature = multiCredentials({
    crypto,
    validator: {
      validate: async ({ identity = utf8("nobody"), signaturePublicKey }) => {
        const name = String.fromCharCode(...identity);
        judged.push(`${name} ${bytesToHex(signaturePublicKey).slice(0, 8)}`);
        return Promise.resolve(name === "mallory" ? { allowed: false, reason: "no such name" } : true);
      },
    },
  });
  const person = async (name: string, features: readonly Feature[] = [feature]): Promise<Client> =>
    client(name, crypto, 1, { features });
  /** A binding for a client's key, by a key of a suite. */
  const bind = async (of: Client, name: string, suite = 1, key?: Uint8Array): Promise<CredentialBinding> => {
    const [own, identity] = [await crypto.cipherSuite(suite), basicCredential(utf8(name))];
    return bindCredential(
      own,
      identity,
      (await client(name, crypto, suite)).signer,
      key ?? of.signer.publicKey,
    );
  };
  const keyPackage = async (of: Client, credential: Credential): Promise<KeyPackage> =>
    KeyPackage.builder().build(1, of.provider, of.signer, { credential, signatureKey: of.signer.publicKey });
  const group = async (of: Client): Promise<MlsGroup> =>
    MlsGroup.create(of.provider, of.signer, of.credentialWithKey, { cipherSuite: 1 });
  return { judged, feature, person, bind, keyPackage, group };
}

describe.each(providers())("multi-credentials with %s", (_, crypto) => {
  it.each(["multi", "weakMulti"] as const)(
    "XT-01 XT-02 XT-03: a member of several names, signed by keys of several suites (%s)",
    async (kind) => {
      const { judged, feature, person, bind, keyPackage, group } = world(crypto);
      const [alice, bob] = [await person("alice"), await person("bob")];
      const bindings = [await bind(bob, "bob@chat"), await bind(bob, "bob@work", 2)];
      const credential = feature[kind](bindings);
      const alices = await group(alice);
      await alices.addMembers(alice.signer, [await keyPackage(bob, credential)]);
      const { welcome } = await alices.mergePendingCommit();
      const bobs = await joinFrom(bob, welcome);
      expect(judged).toEqual(
        expect.arrayContaining(
          bindings.map(
            ({ credentialKey }, at) =>
              `${at === 0 ? "bob@chat" : "bob@work"} ${bytesToHex(credentialKey).slice(0, 8)}`,
          ),
        ),
      );
      const loaded = (await MlsGroup.load(alice.provider, alices.groupId))!;
      expect(feature.read(loaded.members()[1]!.credential)).toEqual(bindings);
      const { commit } = await bobs.selfUpdate(bob.signer); // the leaf of a path has it too
      await bobs.mergePendingCommit();
      await follow(loaded, commit);
      expect(loaded.epochAuthenticator).toEqual(bobs.epochAuthenticator);
    },
  );
});

describe("a multi-credential", () => {
  const crypto = nodeCrypto();
  const cases: [string, (tools: ReturnType<typeof world>, bob: Client) => Promise<CredentialBinding[]>][] = [
    ["a name that is refused", async ({ bind }, bob) => [await bind(bob, "bob"), await bind(bob, "mallory")]],
    [
      "a binding of another leaf's key",
      async ({ bind }, bob) => [await bind(bob, "bob", 1, new Uint8Array(32))],
    ],
    [
      "a broken signature",
      async ({ bind }, bob) => [{ ...(await bind(bob, "bob")), signature: new Uint8Array(64) }],
    ],
    ["no signature", async ({ bind }, bob) => [{ ...(await bind(bob, "bob")), signature: new Uint8Array() }]],
    [
      "another credential than was signed",
      async ({ bind }, bob) => [{ ...(await bind(bob, "bob")), credential: basicCredential(utf8("eve")) }],
    ],
  ];
  it.each(cases)("XT-03: with %s is refused", async (_, make) => {
    for (const kind of ["multi", "weakMulti"] as const) {
      const tools = world(crypto);
      const [alice, bob] = [await tools.person("alice"), await tools.person("bob")];
      const credential = tools.feature[kind](await make(tools, bob));
      const keyPackage = await tools.keyPackage(bob, credential);
      const alices = await tools.group(alice);
      const add = alices.addMembers(alice.signer, [keyPackage]);
      await expect(add).rejects.toMatchObject({ code: "ERR_MLS_CREDENTIAL_REJECTED" satisfies MlsErrorCode });
    }
  });

  it("XT-01 XT-02: of a suite or type that this client does not know", async () => {
    const { feature, person, bind, keyPackage, group } = world(crypto);
    const [alice, bob] = [await person("alice"), await person("bob")];
    const strange = { ...(await bind(bob, "bob")), cipherSuite: 0xf123 };
    const odd = { ...(await bind(bob, "bob")), credential: customCredential(0xf001, utf8("x")) };
    for (const binding of [strange, odd]) {
      const alices = await group(alice);
      const strict = await keyPackage(bob, feature.multi([await bind(bob, "bob"), binding]));
      await expect(alices.addMembers(alice.signer, [strict])).rejects.toMatchObject({
        code: expect.stringMatching(/VALIDATION|CREDENTIAL_REJECTED/) as string,
      });
      const weak = await keyPackage(bob, feature.weakMulti([await bind(bob, "bob"), binding]));
      await alices.addMembers(alice.signer, [weak]);
    }
  });

  it("XT-01 XT-02: every member must support all, or one, of the bindings", async () => {
    const { feature, person, bind, keyPackage, group } = world(crypto);
    const wide: Feature = customCredentials(0xf001, {
      validate: async () => Promise.resolve(true),
    });
    const broad = multiCredentials({
      crypto,
      validator: { validate: async () => Promise.resolve(true) },
      credentialTypes: [1, 2, 0xf001],
    });
    const features = [broad, wide];
    const [alice, bob] = [await person("alice", features), await person("bob", features)];
    const carol = await person("carol", [feature]); // who does not list 0xf001
    const suite = await crypto.cipherSuite(1);
    const { signer: own } = await client("x", crypto, 1);
    const odd = await bindCredential(suite, customCredential(0xf001, utf8("x")), own, bob.signer.publicKey);
    const bindings = [odd, await bind(bob, "bob")];
    const carols = await keyPackage(carol, carol.credentialWithKey.credential);
    const tries = [
      [broad.multi(bindings), "xt01"],
      [broad.weakMulti([odd]), "xt02"],
      [broad.weakMulti(bindings), undefined],
    ] as const;
    for (const [credential, rule] of tries) {
      const alices = await group(alice);
      await alices.addMembers(alice.signer, [await keyPackage(bob, credential)]);
      await alices.mergePendingCommit();
      const add = alices.addMembers(alice.signer, [carols]);
      if (rule === undefined) {
        await add;
      } else {
        await expect(add).rejects.toThrow(mlsError(V, rule));
      }
    }
  });

  it("is made of bindings, and read from what it is", async () => {
    const { feature, person, bind, keyPackage } = world(crypto);
    const bob = await person("bob");
    const binding = await bind(bob, "bob");
    expect(feature.read(feature.multi([binding]))).toEqual([binding]);
    expect(feature.read(basicCredential(utf8("bob")))).toBeUndefined();
    expect(() => feature.multi([])).toThrow(mlsError("ERR_MLS_DECODE", "xt01"));
    const bad = customCredential(3, utf8("rubbish"));
    expect(() => feature.read(bad)).toThrow(mlsError("ERR_MLS_DECODE"));
    await expect(
      keyPackage(bob, bad).then(async (made) =>
        world(crypto)
          .group(await person("a"))
          .then(async (g) => g.addMembers(bob.signer, [made])),
      ),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_MLS_/) as string });
    const suite = await crypto.cipherSuite(1);
    const liar = { publicKey: binding.credentialKey, sign: async () => Promise.resolve(new Uint8Array(64)) };
    const bound = bindCredential(suite, binding.credential, liar, bob.signer.publicKey);
    await expect(bound).rejects.toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => multiCredentials({} as never)).toThrow(mlsError("ERR_MLS_USAGE"));
    expect(() => multiCredentials({ crypto } as never)).toThrow(mlsError("ERR_MLS_USAGE"));
  });
});
