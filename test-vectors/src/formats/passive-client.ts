import {
  importKeyPackage,
  type MlsGroup,
  MlsMessage,
  StagedWelcome,
  storeExternalPsk,
} from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import type { CipherSuite, MlsProvider } from "@openmls-ts/traits";
import { hex, holds, hpkePrivateKey, Mismatch, same, sameBytes, signaturePrivateKey } from "../check.ts";
import type { CaseContext, VectorFormat } from "../format.ts";
import { matchingHpkeKeys, matchingSignatureKeys } from "../key-pair.ts";

interface Epoch {
  readonly proposals: readonly string[];
  readonly commit: string;
  readonly epoch_authenticator: string;
}

interface PassiveClient {
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly Epoch[];
}

interface PassiveClientWithLinks extends PassiveClient {
  /** Our own addition: groups that the same client joins afterwards, linked to the first one (RFC 9420 §11.2, 11.3). */
  readonly linked_groups?: readonly (PassiveClient & { readonly cipher_suite: number })[];
}

/** A client that joins from a Welcome and follows, through the public API: StagedWelcome and MlsGroup. */
export const passiveClient: VectorFormat<PassiveClientWithLinks> = {
  name: "passive-client",
  fileName: /passive|welcome-join|external-join|external-proposals|^commit$/,
  keys: [
    "cipher_suite",
    "key_package",
    "init_priv",
    "encryption_priv",
    "welcome",
    "initial_epoch_authenticator",
    "epochs",
  ],
  run: async (vector, { crypto, suite }) => {
    const provider = providerFor(crypto, vector);
    await joinAndFollow(provider, suite, vector);
    for (const linked of vector.linked_groups ?? []) {
      await joinAndFollow(provider, await crypto.cipherSuite(linked.cipher_suite), linked);
    }
  },
};

async function joinAndFollow(
  provider: MlsProvider,
  suite: CipherSuite,
  vector: PassiveClient,
): Promise<void> {
  await publishKeyPackage(provider, suite, vector);
  for (const { psk_id, psk } of vector.external_psks) {
    await storeExternalPsk(provider.storage, hex(psk_id), hex(psk));
  }
  const group = await join(provider, vector);
  sameBytes("initial_epoch_authenticator", group.epochAuthenticator, vector.initial_epoch_authenticator);
  for (const [at, epoch] of vector.epochs.entries()) {
    await follow(group, `epochs[${at}]`, epoch, at === vector.epochs.length - 1);
  }
}

function providerFor(crypto: CaseContext["crypto"], { key_package }: PassiveClient): MlsProvider {
  const published = MlsMessage.read(hex(key_package));
  const made = published.kind === "keyPackage" ? published.leafNode : undefined;
  return {
    crypto,
    storage: memoryStorage(),
    // Whose credentials these are is not part of a vector.
    credentialValidator: { validate: async () => true, isSuccessor: async () => true },
    // Some of the key packages ended in 2024: the client lives when its own began.
    clock: { now: () => (made !== undefined && "lifetime" in made ? made.lifetime.notBefore : 0n) },
    // The suite 7 clients of mls-passive list suites 1 to 6 only.
    rules: { unlistedCipherSuite: "tolerate" },
    // Leaves of other implementations live for ever.
    limits: { maxLifetime: 0xffff_ffff_ffff_ffffn },
  };
}

/** The state of a client that made and published the KeyPackage: its private keys are in storage. */
async function publishKeyPackage(
  provider: MlsProvider,
  suite: CipherSuite,
  vector: PassiveClient,
): Promise<void> {
  const initPrivateKey = hpkePrivateKey(suite, vector.init_priv);
  const encryptionPrivateKey = hpkePrivateKey(suite, vector.encryption_priv);
  const keyPackage = await importKeyPackage(provider, hex(vector.key_package), {
    initPrivateKey,
    encryptionPrivateKey,
  });
  same("cipher suite of key_package", keyPackage.cipherSuite, suite.id);
  sameBytes("key_package, encoded again", keyPackage.toMessage(), vector.key_package);
  const { initKey, leafNode } = keyPackage.fields;
  const signatureKey = signaturePrivateKey(suite, vector.signature_priv);
  await matchingHpkeKeys("init_priv", suite, initPrivateKey, initKey);
  await matchingHpkeKeys("encryption_priv", suite, encryptionPrivateKey, leafNode.encryptionKey);
  await matchingSignatureKeys("signature_priv", suite, signatureKey, leafNode.signatureKey);
}

async function join(provider: MlsProvider, { welcome, ratchet_tree }: PassiveClient): Promise<MlsGroup> {
  const config = { resumptionPskEpochs: 1000 };
  const tree = typeof ratchet_tree === "string" ? { ratchetTree: hex(ratchet_tree) } : {};
  const staged = await StagedWelcome.fromWelcome(provider, hex(welcome), { config, ...tree });
  return staged.intoGroup();
}

async function follow(group: MlsGroup, what: string, epoch: Epoch, last: boolean): Promise<void> {
  for (const [at, bytes] of epoch.proposals.entries()) {
    const message = await group.processMessage(hex(bytes));
    if (message.kind !== "proposal") {
      throw new Mismatch(`${what}.proposals[${at}] is not a proposal: ${message.kind}`);
    }
    if (!message.stored) {
      await group.storePendingProposal(message);
    }
  }
  const message = await group.processMessage(hex(epoch.commit));
  if (message.kind !== "commit") {
    throw new Mismatch(`${what}.commit is not a commit: ${message.kind}`);
  }
  const { stagedCommit } = message;
  await group.mergeStagedCommit(stagedCommit);
  if (stagedCommit.selfRemoved) {
    holds(`${what} removes the client, and nothing follows`, last);
    return;
  }
  sameBytes(`${what}.epoch_authenticator`, group.epochAuthenticator, epoch.epoch_authenticator);
}
