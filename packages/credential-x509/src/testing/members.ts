import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import {
  type CredentialWithKey,
  KeyPackage,
  MlsGroup,
  StagedWelcome,
  x509Credential,
} from "@openmls-ts/mls-core";
import { memoryStorage, type MemoryStorage } from "@openmls-ts/storage-memory";
import type { CredentialValidator, CryptoProvider, MlsProvider } from "@openmls-ts/traits";
import { webcrypto } from "node:crypto";
import { x509Credentials } from "../index.ts";
import { ALGORITHMS, certify, memberExtensions, NOW, type Party } from "./authority.ts";

/** Lets everybody in: what an attacker runs. */
export const lax: CredentialValidator = {
  validate: async () => Promise.resolve(true),
  isSuccessor: async () => Promise.resolve(true),
};

/** One user whose signature key was certified. */
export interface User {
  readonly storage: MemoryStorage;
  readonly provider: MlsProvider;
  readonly signer: SignatureKeyPair;
  readonly credentialWithKey: CredentialWithKey;
}

/** Whom a user believes, and who certifies it. */
export interface UserChoice {
  readonly crypto: CryptoProvider;
  readonly suite: number;
  readonly authority: Party;
  readonly credentialValidator: CredentialValidator;
}

/** A credential for an e-mail address and the key of a signer. */
export async function credentialFor(
  authority: Party,
  email: string,
  { publicKey }: { readonly publicKey: Uint8Array },
  notAfter?: number,
): Promise<CredentialWithKey["credential"]> {
  const algorithm = publicKey.length === 32 ? ALGORITHMS.Ed25519 : ALGORITHMS["P-256"];
  const key = await webcrypto.subtle.importKey("raw", new Uint8Array(publicKey), algorithm, true, ["verify"]);
  const subject = { name: `CN=${email}`, keys: { publicKey: key } };
  const choice = { extensions: memberExtensions(email), ...(notAfter === undefined ? {} : { notAfter }) };
  return x509Credential([await certify(authority, subject, choice)]);
}

/** A user with a certified key. */
export async function user(
  email: string,
  { crypto, suite, authority, credentialValidator }: UserChoice,
): Promise<User> {
  const storage = memoryStorage();
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(suite));
  const credential = await credentialFor(authority, email, signer);
  const clock = { now: () => NOW };
  return {
    storage,
    provider: { crypto, storage, credentialValidator, clock, features: [x509Credentials()] },
    signer,
    credentialWithKey: { credential, signatureKey: signer.publicKey },
  };
}

/** A key package of a user. */
export async function keyPackageOf(who: User, suite: number): Promise<KeyPackage> {
  return KeyPackage.builder().build(suite, who.provider, who.signer, who.credentialWithKey);
}

/** The group of a user as its store has it, under the user's own or another judge of credentials. */
export async function reloaded(
  who: User,
  groupId: Uint8Array,
  credentialValidator: CredentialValidator = who.provider.credentialValidator,
): Promise<MlsGroup> {
  const group = await MlsGroup.load({ ...who.provider, credentialValidator }, groupId);
  if (group === undefined) {
    throw new Error("no such group");
  }
  return group;
}

/** Joins from a Welcome. */
export async function join(who: User, welcome: Uint8Array | undefined): Promise<MlsGroup> {
  return (await StagedWelcome.fromWelcome(who.provider, welcome ?? new Uint8Array())).intoGroup();
}
