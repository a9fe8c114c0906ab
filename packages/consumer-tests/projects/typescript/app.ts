// What an application says, checked by every compiler with every declaration of every package (skipLibCheck: false).
import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import type { Trace } from "@openmls-ts/traits";
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { x509Validator } from "@openmls-ts/credential-x509";
import { selfRemove } from "@openmls-ts/extensions";
import { compareReports } from "@openmls-ts/fork-resolution";
import { basicCredential, KeyPackage, MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import * as conformance from "@openmls-ts/conformance";
import * as hpke from "@openmls-ts/hpke";
import * as observability from "@openmls-ts/observability";
import { encryptedStorage } from "@openmls-ts/storage-encrypted";
import { memoryStorage } from "@openmls-ts/storage-memory";
import * as postgres from "@openmls-ts/storage-postgres";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import * as bun from "@openmls-ts/storage-sqlite/bun";
import * as expo from "@openmls-ts/storage-sqlite/expo";
import * as node from "@openmls-ts/storage-sqlite/node";
import { isMlsError, type CredentialSubject, type MlsProvider, utf8 } from "@openmls-ts/traits";

export const all: readonly unknown[] = [
  nodeCrypto,
  webCrypto,
  x509Validator,
  selfRemove,
  compareReports,
  conformance,
  hpke,
  observability,
  encryptedStorage,
  postgres,
  sqliteStorage,
  bun,
  expo,
  node,
];

const trace: Trace | undefined = undefined;
const provider: MlsProvider = {
  crypto: nobleCrypto(),
  storage: memoryStorage(),
  credentialValidator: { validate: async ({ identity }: CredentialSubject) => identity?.length === 5 },
  ...(trace === undefined ? {} : { trace }),
};

export async function talk(): Promise<string | undefined> {
  const signer = await SignatureKeyPair.generate(await provider.crypto.cipherSuite(1));
  const identity = { credential: basicCredential(utf8("Alice")), signatureKey: signer.publicKey };
  const keyPackage: KeyPackage = await KeyPackage.builder().build(1, provider, signer, identity);
  const group: MlsGroup = await MlsGroup.builder().cipherSuite(1).build(provider, signer, identity);
  const { commit } = await group.addMembers(signer, [keyPackage]);
  try {
    const received = await group.processMessage(commit);
    if (received.kind === "application") return String(received.data.length);
    const { welcome } = await group.mergePendingCommit();
    return welcome === undefined
      ? undefined
      : String((await StagedWelcome.fromWelcome(provider, welcome)).sender);
  } catch (error) {
    return isMlsError(error, "ERR_MLS_WRONG_EPOCH") ? error.message : undefined;
  }
}
