import type { CredentialWithKey } from "@openmls-ts/mls-core";
import type { MlsProvider, Signer } from "@openmls-ts/traits";
import type { DeliveryService } from "./delivery-service.ts";
import type { ClientEvent } from "./events.ts";
import type { PoolOptions } from "./key-packages.ts";
import type { GroupState } from "./records.ts";
import type { Seams } from "./seams.ts";
import type { VerificationCode } from "./verification.ts";

/** What a client is made of. */
export interface ClientOptions {
  /** Over any store; the client's records lie in tables that begin with `client_`. */
  readonly provider: MlsProvider;
  readonly signer: Signer;
  /** Of a basic credential the identity is the user's name. */
  readonly identity: CredentialWithKey;
  readonly deliveryService: DeliveryService;
  /** Of groups that are made, and of key packages. Default: 1. */
  readonly cipherSuite?: number;
  readonly pool?: Partial<PoolOptions>;
  readonly seams?: Partial<Seams>;
}

/** A group as the application has it. */
export interface ClientGroup {
  readonly groupId: Uint8Array;
  readonly state: GroupState;
  readonly epoch: bigint;
  readonly members: readonly { readonly user: string; readonly device: Uint8Array }[];
}

/** The session of one device; see {@link openClient}. */
export interface Client {
  /** Of the identity. */
  readonly user: string;
  /** The device's address, 16 bytes. */
  readonly device: Uint8Array;
  /** Begins to work until {@link close}: reads, sends, commits, keeps key packages at the service. */
  start(): void;
  /** Ends the work after the step that is under way. */
  close(): Promise<void>;
  /** Makes a group of this device. It is known to the service as soon as that can be reached. @returns its id */
  createGroup(): Promise<Uint8Array>;
  /** All groups that the store knows of. */
  groups(): Promise<readonly ClientGroup[]>;
  /** @throws MlsError `ERR_MLS_GROUP_NOT_FOUND` */
  group(groupId: Uint8Array): Promise<ClientGroup>;
  /**
   * Puts a message on its way. It is in the store when this resolves, and sent as soon as it can be.
   * @throws MlsError `ERR_MLS_GROUP_INACTIVE` after a removal
   */
  send(groupId: Uint8Array, data: Uint8Array | string): Promise<void>;
  /** Wishes that all devices of users are members. */
  invite(groupId: Uint8Array, ...users: readonly string[]): Promise<void>;
  /** Wishes that the present devices of users are no members any more. */
  remove(groupId: Uint8Array, ...users: readonly string[]): Promise<void>;
  /** Wishes that this device has new keys. */
  rotateKeys(groupId: Uint8Array): Promise<void>;
  /** Wishes to be out: another member's commit does it. */
  leave(groupId: Uint8Array): Promise<void>;
  /** Joins from outside, by the id of a group whose service lets this device read its GroupInfo. */
  joinByLink(groupId: Uint8Array): Promise<void>;
  /** Comes back into a group that is stuck, by a commit from outside that takes the old leaf out. */
  resync(groupId: Uint8Array): Promise<void>;
  /** Codes for people to compare: equal exactly where two members are in one and the same epoch. */
  verificationCode(groupId: Uint8Array): Promise<VerificationCode>;
  /**
   * What happened, each once: what was not `done()` is given again to who asks under the same name.
   * @param consumer who asks; each has a place of its own. Default: `app`
   */
  events(consumer?: string): AsyncGenerator<ClientEvent, void>;
  /** One round of everything, for who has a loop of its own. @returns whether something was done that may lead to more */
  step(): Promise<boolean>;
}
