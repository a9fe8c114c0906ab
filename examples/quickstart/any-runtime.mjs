// Plain JavaScript on the built packages, for runtimes that read no TypeScript:
//
//   npm run build && node examples/quickstart/any-runtime.mjs [noble|node|webcrypto]
//
// A group of two in every suite of the provider: joins, updates, talks, and agrees. Throws where it does not.
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, equalBytes, utf8 } from "@openmls-ts/traits";

const providers = {
  noble: async () => (await import("@openmls-ts/crypto-noble")).nobleCrypto(),
  node: async () => (await import("@openmls-ts/crypto-node")).nodeCrypto(),
  webcrypto: async () => (await import("@openmls-ts/crypto-webcrypto")).webCrypto(),
};
const crypto = await providers[globalThis.process?.argv[2] ?? "noble"]();

for (const id of await crypto.supportedCipherSuites()) {
  const keys = new Map();
  const device = async (name) => {
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(id));
    keys.set(bytesToHex(utf8(name)), bytesToHex(signer.publicKey));
    const credentialValidator = {
      validate: async ({ identity, signaturePublicKey }) =>
        keys.get(bytesToHex(identity)) === bytesToHex(signaturePublicKey),
    };
    return {
      signer,
      identity: { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey },
      provider: { crypto, storage: memoryStorage(), credentialValidator },
    };
  };
  const alice = await device("Alice");
  const bob = await device("Bob");
  const keyPackage = await KeyPackage.builder().build(id, bob.provider, bob.signer, bob.identity);
  const alices = await MlsGroup.builder().cipherSuite(id).build(alice.provider, alice.signer, alice.identity);
  await alices.addMembers(alice.signer, [keyPackage]);
  const { welcome } = await alices.mergePendingCommit();
  const bobs = await (await StagedWelcome.fromWelcome(bob.provider, welcome)).intoGroup();
  const { commit } = await bobs.selfUpdate(bob.signer);
  await bobs.mergePendingCommit();
  await alices.mergeStagedCommit((await alices.processMessage(commit)).stagedCommit);
  const { data } = await bobs.processMessage(await alices.createMessage(alice.signer, utf8("Hello Bob")));
  if (
    !equalBytes(data, utf8("Hello Bob")) ||
    !equalBytes(alices.epochAuthenticator, bobs.epochAuthenticator)
  ) {
    throw new Error(`suite ${id}: Alice and Bob do not agree`);
  }
  console.log(`${crypto.name}, suite ${id}: ok`);
}
