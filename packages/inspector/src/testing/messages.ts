import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, MlsGroup, proposals, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type MlsProvider, utf8 } from "@openmls-ts/traits";

const crypto = nodeCrypto();

async function person(name: string) {
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  const provider: MlsProvider = {
    crypto,
    storage: memoryStorage(),
    credentialValidator: { validate: async () => true },
  };
  const identity = { credential: basicCredential(utf8(name)), signatureKey: signer.publicKey };
  return { provider, signer, identity };
}

/** One message of each kind, and a tree with blank nodes and an unmerged leaf. */
export async function someMessages(): Promise<Readonly<Record<string, Uint8Array>>> {
  const [alice, bob, carol, dave, erin] = [
    await person("alice"),
    await person("bob"),
    await person("carol"),
    await person("dave"),
    await person("erin & co"),
  ];
  const keyPackage = async ({ provider, signer, identity }: typeof alice) =>
    (await KeyPackage.builder().build(1, provider, signer, identity)).toMessage();
  const group = await MlsGroup.create(alice.provider, alice.signer, alice.identity, {
    cipherSuite: 1,
    config: { handshake: "public", maxPastEpochs: 0 },
  });
  const kp = await keyPackage(bob);
  const { commit } = await group.addMembers(alice.signer, [
    kp,
    await keyPackage(carol),
    await keyPackage(dave),
  ]);
  const { welcome = new Uint8Array() } = await group.mergePendingCommit();
  const join = await StagedWelcome.fromWelcome(carol.provider, welcome, { config: { handshake: "public" } });
  const other = await join.intoGroup();
  const path = await other.selfUpdate(carol.signer);
  await other.mergePendingCommit();
  const followed = await group.processMessage(path.commit);
  if (followed.kind !== "commit") throw new Error(followed.kind);
  await group.mergeStagedCommit(followed.stagedCommit);
  await group.removeMembers(alice.signer, [1]);
  await group.mergePendingCommit();
  await group
    .commit()
    .addMembers([await keyPackage(erin)])
    .build(alice.signer);
  await group.mergePendingCommit();
  const application = await group.createMessage(alice.signer, utf8("hello"));
  const groupInfo = await group.exportGroupInfo(alice.signer);
  const proposal = (await group.propose(alice.signer, proposals.remove(3))).message;
  return {
    keyPackage: kp,
    commit,
    path: path.commit,
    welcome,
    application,
    groupInfo,
    proposal,
    tree: group.exportRatchetTree(),
  };
}
