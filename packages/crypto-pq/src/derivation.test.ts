import { createHash } from "node:crypto";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { MlsGroup } from "@openmls-ts/mls-core";
import { type CipherSuite, type CryptoProvider, utf8 } from "@openmls-ts/traits";
import { expect, it } from "vitest";
import { client, createGroup, follow, joinFrom, keyPackageOf } from "../../mls-core/src/testing/client.ts";
import { mlsError } from "../../mls-core/src/testing/suites.ts";
import { PQ_SUITE_IDS, type PqDerivation, postQuantumSuites } from "./index.ts";
import { nodeEngine } from "./node.ts";

const X_WING = 0x004d;
const ikm = Uint8Array.from({ length: 48 }, (_, at) => at);

function crypto(derivation?: PqDerivation): CryptoProvider {
  const more = derivation === undefined ? {} : { derivation };
  return nodeCrypto({ suites: postQuantumSuites({ ids: "openmls", engine: nodeEngine, ...more }) });
}

async function xWing(derivation?: PqDerivation): Promise<CipherSuite> {
  return crypto(derivation).cipherSuite(X_WING);
}

it("OpenMLS's suites derive key pairs as hpke-rs 0.7 does, which OpenMLS 0.9.0-rc.1 is built with", async () => {
  const { publicKey } = await (await xWing()).deriveKeyPair(ikm);
  // SHA-256 of what hpke-rs 0.7.0 with hpke-rs-libcrux 0.7.0 gives for the same input.
  const known = "d80f3d08bcda3ac566e0e850a571f617f2a96409f78f233fb7727ee2ec437beb";
  expect(createHash("sha256").update(publicKey).digest("hex")).toBe(known);
  expect(await (await xWing("shake256")).deriveKeyPair(ikm)).toMatchObject({ publicKey });
  expect(await (await xWing("labeled")).deriveKeyPair(ikm)).not.toMatchObject({ publicKey });
});

it("members who derive differently lose one another at the first commit with a path, and not before", async () => {
  const alice = await client("alice", crypto("labeled"), X_WING);
  const bob = await client("bob", crypto("shake256"), X_WING);
  const a = await createGroup(alice);
  await a
    .commit()
    .addMembers([await keyPackageOf(bob)])
    .build(alice.signer); // without a path
  const b = await joinFrom(bob, (await a.mergePendingCommit()).welcome);
  const message = await a.createMessage(alice.signer, utf8("hello"));
  expect(await b.processMessage(message)).toMatchObject({ data: utf8("hello") });
  const { commit } = await a.selfUpdate(alice.signer);
  await expect(b.processMessage(commit)).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc46"));
  expect(b.epoch).toBe(1n);
  const other = await createGroup(alice);
  await other.addMembers(alice.signer, [await keyPackageOf(bob)]); // with a path
  const joining = joinFrom(bob, (await other.mergePendingCommit()).welcome);
  await expect(joining).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc106"));
});

it.each(["labeled", "shake256"] as const)("a group in which all derive %s goes on", async (derivation) => {
  const suites = Object.values(PQ_SUITE_IDS.openmls);
  for (const suite of suites) {
    const [alice, bob] = await Promise.all(
      ["alice", "bob"].map(async (name) => client(name, crypto(derivation), suite)),
    );
    const a = await createGroup(alice!);
    await a.addMembers(alice!.signer, [await keyPackageOf(bob!)]);
    const b = await joinFrom(bob!, (await a.mergePendingCommit()).welcome);
    const { commit } = await b.selfUpdate(bob!.signer);
    await b.mergePendingCommit();
    await follow(a, commit);
    const again = await MlsGroup.load(alice!.provider, a.groupId);
    expect(again?.epochAuthenticator).toEqual(b.epochAuthenticator);
  }
});
