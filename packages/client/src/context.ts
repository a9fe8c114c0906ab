import type { Credential, CredentialWithKey, LeafNode, Member } from "@openmls-ts/mls-core";
import {
  bytesToHex,
  type CipherSuite,
  equalBytes,
  identityOf,
  type MlsProvider,
  type Signer,
} from "@openmls-ts/traits";
import { addressOf } from "./address.ts";
import type { DeliveryService, DeviceRecord } from "./delivery-service.ts";
import type { Seams } from "./seams.ts";

/** What all parts of a client share. */
export interface Context {
  readonly provider: MlsProvider;
  readonly signer: Signer;
  readonly identity: CredentialWithKey;
  readonly cipherSuite: number;
  /** One with SHA-256, for addresses and hashes of the log. */
  readonly suite: CipherSuite;
  readonly service: DeliveryService;
  readonly seams: Seams;
  readonly own: DeviceRecord;
  /** Tells those who wait for events that there are some. */
  readonly notify: () => void;
}

/** The user of a credential: the identity of a basic one as text, else its content in hexadecimal. */
export function userOf(credential: Credential): string {
  const identity = identityOf(credential);
  if (identity === undefined) return "";
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(identity);
  } catch {
    return bytesToHex(identity);
  }
}

/** A member as this client names it. */
export function deviceOf(
  { suite }: Context,
  leaf: Pick<LeafNode, "signatureKey" | "credential"> | Member,
): DeviceRecord {
  return { device: addressOf(suite, leaf.signatureKey), user: userOf(leaf.credential) };
}

/** Whether it is this client's own. */
export function isOwn({ own }: Context, device: Uint8Array): boolean {
  return equalBytes(own.device, device);
}
