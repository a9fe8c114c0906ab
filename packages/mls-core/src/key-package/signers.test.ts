import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { type Signer, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { KeyPackage, MlsGroup, proposals, proposeAsExternalSender, proposeToJoin } from "../index.ts";
import { type Client, client, joinFrom, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import { expectUnable, type Player } from "../testing/world.ts";

const crypto = nodeCrypto();

/** r‖s of a DER-encoded ECDSA signature, as WebCrypto makes it. */
function fixedLength(der: Uint8Array): Uint8Array {
  const part = (at: number): Uint8Array => {
    const bytes = der.subarray(at + 2, at + 2 + der[at + 1]!);
    return Uint8Array.of(...new Uint8Array(Math.max(0, 32 - bytes.length)), ...bytes.slice(-32));
  };
  return Uint8Array.of(...part(2), ...part(4 + der[3]!));
}

/** Signers that say they have a key and sign in some other way. */
const BROKEN: readonly (readonly [string, number, (own: Signer) => Promise<Signer>])[] = [
  [
    "r‖s instead of DER",
    2,
    async (own) => ({ publicKey: own.publicKey, sign: async (tbs) => fixedLength(await own.sign(tbs)) }),
  ],
  [
    "another key",
    1,
    async (own) => {
      const other = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
      return { publicKey: own.publicKey, sign: async (tbs) => other.sign(tbs) };
    },
  ],
  [
    "other bytes",
    1,
    async (own) => ({ publicKey: own.publicKey, sign: async () => own.sign(utf8("something else")) }),
  ],
  ["nothing", 1, async (own) => ({ publicKey: own.publicKey, sign: async () => new Uint8Array() })],
];

async function members(suite: number): Promise<{ readonly alice: Player; readonly bob: Player }> {
  const [alice, bob] = [await client("alice", crypto, suite), await client("bob", crypto, suite)];
  const creation = { cipherSuite: suite };
  const group = await MlsGroup.create(alice.provider, alice.signer, alice.credentialWithKey, creation);
  await group.addMembers(alice.signer, [await keyPackageOf(bob)]);
  const { welcome } = await group.mergePendingCommit();
  return { alice: { ...alice, group }, bob: { ...bob, group: await joinFrom(bob, welcome) } };
}

describe("a signer whose signatures do not verify (RFC 9420 §5.1.2)", () => {
  it.each(BROKEN)("makes nothing of a member's: %s", async (_, suite, breakSigner) => {
    const { alice } = await members(suite);
    const { group } = alice;
    const signer = await breakSigner(alice.signer);
    const dave = await client("dave", crypto, suite);
    const keyPackage = await keyPackageOf(dave);
    const renewed = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
    const credentialWithKey = { ...alice.credentialWithKey, signatureKey: renewed.publicKey };
    const brokenNew = await breakSigner(renewed);
    for (const operation of [
      async () => group.createMessage(signer, utf8("hello")),
      async () => group.propose(signer, proposals.remove(1)),
      async () => group.propose(signer, proposals.update()),
      async () => group.propose(alice.signer, proposals.update({ credentialWithKey }, brokenNew)),
      async () => group.addMembers(signer, [keyPackage]),
      async () => group.commit().addMembers([keyPackage]).build(signer),
      async () => group.selfUpdate(signer),
      async () => group.selfUpdate(alice.signer, { credentialWithKey }, brokenNew),
      async () => group.exportGroupInfo(signer),
    ]) {
      await expectUnable(alice, operation, "ERR_MLS_USAGE");
    }
    await expect(group.createMessage(alice.signer, utf8("hello"))).resolves.toBeDefined();
  });

  it.each(BROKEN)("makes no key package, group, or join: %s", async (_, suite, breakSigner) => {
    const { alice } = await members(suite);
    const dave: Client = await client("dave", crypto, suite);
    const signer = await breakSigner(dave.signer);
    const { provider, credentialWithKey } = dave;
    const usage = mlsError("ERR_MLS_USAGE");
    const keyPackage = KeyPackage.builder().build(suite, provider, signer, credentialWithKey);
    await expect(keyPackage).rejects.toThrow(usage);
    const creation = { cipherSuite: suite };
    await expect(MlsGroup.create(provider, signer, credentialWithKey, creation)).rejects.toThrow(usage);
    const groupInfo = await alice.group.exportGroupInfo(alice.signer);
    const join = MlsGroup.joinByExternalCommit(provider, signer, { groupInfo, credentialWithKey });
    await expect(join).rejects.toThrow(usage);
    expect(dave.storage.entries()).toHaveLength(0);
  });

  it.each(BROKEN)("sends nothing from outside: %s", async (_, suite, breakSigner) => {
    const { alice } = await members(suite);
    const dave = await client("dave", crypto, suite);
    const signer = await breakSigner(dave.signer);
    const target = { cipherSuite: suite, groupId: alice.group.groupId, epoch: alice.group.epoch };
    const usage = mlsError("ERR_MLS_USAGE");
    const remove = proposeAsExternalSender(dave.provider, signer, target, 0, proposals.remove(1));
    await expect(remove).rejects.toThrow(usage);
    const join = proposeToJoin(dave.provider, signer, alice.group, await keyPackageOf(dave));
    await expect(join).rejects.toThrow(usage);
  });
});
