// One scene for every runtime, on the packed packages: create, add, talk, update, remove, join from outside, reload.
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, equalBytes, utf8 } from "@openmls-ts/traits";

/** @param {boolean} holds @param {string} what must hold */
function check(holds, what) {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

/** Plays the scene in one suite; throws where it goes wrong. */
export async function play(crypto, suite, newStorage = async () => memoryStorage()) {
  const keys = new Map();
  const validate = async ({ identity, signaturePublicKey }) =>
    keys.get(bytesToHex(identity)) === bytesToHex(signaturePublicKey);
  const device = async (name) => {
    const storage = await newStorage(name);
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
    await signer.store(storage);
    keys.set(bytesToHex(utf8(name)), bytesToHex(signer.publicKey));
    const identity = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
    return { signer, identity, provider: { crypto, storage, credentialValidator: { validate } } };
  };
  const [alice, bob, carol] = [await device("Zoë"), await device("Bob"), await device("Carol")];
  const hears = async (group, commit) =>
    group.mergeStagedCommit((await group.processMessage(commit)).stagedCommit);
  const reads = async (group, message, text) =>
    check(equalBytes((await group.processMessage(message)).data, utf8(text)), `reads ${text}`);

  const alices = await MlsGroup.builder()
    .cipherSuite(suite)
    .build(alice.provider, alice.signer, alice.identity);
  const packages = [];
  for (const { provider, signer, identity } of [bob, carol]) {
    packages.push((await KeyPackage.builder().build(suite, provider, signer, identity)).toMessage());
  }
  await alices.addMembers(alice.signer, packages);
  const { welcome } = await alices.mergePendingCommit();
  const bobs = await (await StagedWelcome.fromWelcome(bob.provider, welcome)).intoGroup();
  const carols = await (await StagedWelcome.fromWelcome(carol.provider, welcome)).intoGroup();
  await reads(bobs, await alices.createMessage(alice.signer, utf8("Hello, Grüße, 👋")), "Hello, Grüße, 👋");

  const update = await bobs.selfUpdate(bob.signer);
  await bobs.mergePendingCommit();
  await hears(alices, update.commit);
  await hears(carols, update.commit);

  const removal = await alices.removeMembers(alice.signer, [carol.identity.credential]);
  await alices.mergePendingCommit();
  await hears(bobs, removal.commit);
  await hears(carols, removal.commit);
  check(!carols.isActive, "Carol is out");

  const groupInfo = await alices.exportGroupInfo(alice.signer);
  const credentialWithKey = carol.identity;
  const outside = await MlsGroup.joinByExternalCommit(carol.provider, carol.signer, {
    groupInfo,
    credentialWithKey,
  });
  await hears(alices, outside.commit);
  await hears(bobs, outside.commit);
  const carolsAgain = await outside.intoGroup();

  const reloaded = await MlsGroup.load(bob.provider, bobs.groupId);
  const signer = await SignatureKeyPair.load(
    bob.provider.storage,
    await crypto.cipherSuite(suite),
    bob.signer.publicKey,
  );
  const message = await reloaded.createMessage(signer, utf8("back"));
  await reads(alices, message, "back");
  await reads(carolsAgain, message, "back");
  check(equalBytes(carolsAgain.epochAuthenticator, alices.epochAuthenticator), "all agree");
}

/** Plays the scene in each suite that the provider claims (or those given), and says by `say` how each went. */
export async function playAll(say, crypto, { suites, storage, label = crypto.name } = {}) {
  for (const suite of suites ?? (await crypto.supportedCipherSuites())) {
    const started = Date.now();
    let error;
    try {
      await play(crypto, suite, storage);
    } catch (thrown) {
      error = `${thrown?.stack ?? thrown}`;
    }
    say(`@@ ${JSON.stringify({ label, suite, error, milliseconds: Date.now() - started })}`);
  }
}
