import { nodeCrypto } from "@openmls-ts/crypto-node";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../testing/client.ts";

describe("MlsGroup", () => {
  it.each([1, 2, 3, 4, 5, 6, 7])("suite %i: alice adds bob and charlie, everyone talks", async (suite) => {
    const crypto = nodeCrypto();
    const [alice, bob, charlie] = await Promise.all(
      ["alice", "bob", "charlie"].map(async (n) => client(n, crypto, suite)),
    );
    if (alice === undefined || bob === undefined || charlie === undefined) throw new Error();
    const a = await createGroup(alice);
    await a.addMembers(alice.signer, [await keyPackageOf(bob), await keyPackageOf(charlie)]);
    const { welcome } = await a.mergePendingCommit();
    const b = await joinFrom(bob, welcome);
    const c = await joinFrom(charlie, welcome);
    expect(b.epochAuthenticator).toEqual(a.epochAuthenticator);
    expect(c.epochAuthenticator).toEqual(a.epochAuthenticator);
    const message = await b.createMessage(bob.signer, utf8("hello"));
    for (const group of [a, c]) {
      const processed = await group.processMessage(message);
      expect(processed).toMatchObject({ kind: "application", data: utf8("hello") });
    }
    const { commit } = await b.selfUpdate(bob.signer);
    await b.mergePendingCommit();
    await follow(a, commit);
    await follow(c, commit);
    expect(b.epochAuthenticator).toEqual(a.epochAuthenticator);
    expect(c.epochAuthenticator).toEqual(a.epochAuthenticator);
    const removal = await a.removeMembers(alice.signer, [c.ownLeafIndex]);
    await a.mergePendingCommit();
    await follow(b, removal.commit);
    await follow(c, removal.commit);
    expect(c.isActive).toBe(false);
    expect(b.epochAuthenticator).toEqual(a.epochAuthenticator);
  });
});
