/** Where something was put: the same for the same bytes, however often they are sent. */
export interface Receipt {
  /** Place in the group's log. */
  readonly seq: bigint;
  /** Epoch of the group after it. */
  readonly epoch: bigint;
  /** Whether it was there before. */
  readonly duplicate: boolean;
}

/** What a service says of itself. */
export interface ServiceInfo {
  /** Seconds since 1970 by its clock. */
  readonly time: bigint;
  /** Longest application message or proposal, in bytes. */
  readonly maxMessage: number;
  /** Most entries of a page. */
  readonly maxPage: number;
}

/** A group that begins. */
export interface NewGroup {
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  /** Of epoch 0, for joins from outside. */
  readonly groupInfo?: Uint8Array;
}

/** A device whom a commit adds. */
export interface AddedDevice {
  readonly device: Uint8Array;
  readonly leafIndex: number;
  readonly keyPackageRef: Uint8Array;
}

/** A commit with everything that must become visible with it, or not at all (RFC 9750 §5). */
export interface CommitBundle {
  readonly groupId: Uint8Array;
  /** The cursor that it was made at: the log's last entry that its maker had processed. */
  readonly basis: bigint;
  readonly commit: Uint8Array;
  readonly welcome?: Uint8Array;
  /** Of the epoch that the commit begins, with the tree and external_pub. */
  readonly groupInfo?: Uint8Array;
  readonly added: readonly AddedDevice[];
  readonly removed: readonly Uint8Array[];
}

/** What an entry of the log is. */
export type EntryKind = "application" | "proposal" | "commit";

/** One entry of a group's log. Its bytes never change. */
export interface Entry {
  readonly seq: bigint;
  /** Epoch of the message. */
  readonly epoch: bigint;
  readonly kind: EntryKind;
  /** The device that sent it. */
  readonly sender: Uint8Array;
  /** Seconds since 1970 by the service's clock. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
}

/** Entries after a place. With the holes they cover everything up to `through`. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly holes: readonly {
    readonly from: bigint;
    readonly to: bigint;
    readonly why: "expired" | "not-member";
  }[];
  /** The last place that this page speaks of. */
  readonly through: bigint;
  /** The last place that this device may read. */
  readonly head: bigint;
  readonly epoch: bigint;
}

/** A Welcome that waits for a device. */
export interface MailItem {
  /** SHA-256 of the Welcome. */
  readonly hash: Uint8Array;
  readonly groupId: Uint8Array;
  /** Place of the commit that goes with it. */
  readonly seq: bigint;
  readonly welcome: Uint8Array;
}

/** A device of a user. */
export interface DeviceRecord {
  readonly device: Uint8Array;
  readonly user: string;
}

/** A request for key packages. The same id gives the same packages again. */
export interface Claim {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  readonly cipherSuite: number;
  readonly devices: readonly Uint8Array[];
}

/** What a claim gave for one device: a key package as an MLSMessage, or why not. */
export interface ClaimedKeyPackage {
  readonly device: Uint8Array;
  readonly keyPackage?: Uint8Array;
  readonly lastResort?: boolean;
  readonly missing?: "exhausted" | "unknown-device";
}

/** A key package that a service has of this device. */
export interface PublishedKeyPackage {
  readonly ref: Uint8Array;
  readonly cipherSuite: number;
  readonly lastResort: boolean;
  /** Seconds since 1970. */
  readonly notAfter: bigint;
}

/** News, which may be lost, doubled or wrong. */
export type Hint =
  | { readonly kind: "group"; readonly groupId: Uint8Array }
  | { readonly kind: "mail" }
  | { readonly kind: "everything" };

/**
 * What the client asks of a delivery service, for one device that is logged in. Any transport can stand behind it; the cases of
 * `deliveryServiceCases` say whether one keeps what is promised here. Every method may be called again after any failure.
 *
 * A failure is a {@link DeliveryError} with outcome `refused`, nothing was stored, now or earlier, for these bytes; or anything else,
 * which means that nobody knows.
 */
export interface DeliveryService {
  hello(): Promise<ServiceInfo>;
  /** Atomic: the group with its first member. Again by its creator: the same receipt; by another: `conflict`. */
  createGroup(group: NewGroup): Promise<Receipt>;
  /**
   * Atomic: the commit in the log, the epoch, who is a member, the Welcome in the mailbox of each newcomer, the GroupInfo. For each
   * epoch exactly one commit is taken. Known by the hash of the commit.
   * Refused: `conflict` when another commit ended the epoch, `not-allowed` for who is no member, unless it joins by it, `invalid` when
   * header, Welcome and lists do not fit, `too-large`, `unknown-group`.
   */
  commit(bundle: CommitBundle): Promise<Receipt>;
  /**
   * An application message or proposal of the present epoch. Known by its hash, looked for before the epoch is looked at.
   * Refused: `conflict` for another epoch, `not-allowed`, `invalid`, `too-large`, `unknown-group`.
   */
  send(groupId: Uint8Array, message: Uint8Array): Promise<Receipt>;
  /** One view of the log after a place, of what this device may see. Refused: `unknown-group`, for strangers too. */
  read(groupId: Uint8Array, after: bigint): Promise<Page>;
  /** The newest GroupInfo, for who wants to join from outside. Refused: `unknown-group`. */
  groupInfo(
    groupId: Uint8Array,
  ): Promise<{ readonly epoch: bigint; readonly seq: bigint; readonly groupInfo: Uint8Array }>;
  /** Groups with entries that this device has not acknowledged. */
  pending(): Promise<readonly { readonly groupId: Uint8Array; readonly head: bigint }[]>;
  /** Never goes back. */
  acknowledge(groupId: Uint8Array, seq: bigint): Promise<void>;
  mail(): Promise<readonly MailItem[]>;
  acknowledgeMail(hashes: readonly Uint8Array[]): Promise<void>;
  devices(user: string): Promise<readonly DeviceRecord[]>;
  /** MLSMessages of this device. @returns those that were refused */
  publishKeyPackages(
    keyPackages: readonly Uint8Array[],
  ): Promise<{ readonly refused: readonly { readonly index: number; readonly reason: string }[] }>;
  listKeyPackages(): Promise<readonly PublishedKeyPackage[]>;
  deleteKeyPackages(refs: readonly Uint8Array[]): Promise<void>;
  /** Atomic for each device: a package is given out once, the last resort when nothing else is left, an expired one never. */
  claimKeyPackages(claim: Claim): Promise<readonly ClaimedKeyPackage[]>;
  /** Takes this device off the group's list at once. */
  leave(groupId: Uint8Array): Promise<void>;
  /** News until it is closed. Nobody relies on them. */
  hints(listener: (hint: Hint) => void): { close(): void };
}

/** Why a service did not do something. */
export type DeliveryErrorCode =
  | "conflict"
  | "not-allowed"
  | "unknown-group"
  | "invalid"
  | "too-large"
  | "rate"
  | "unauthenticated"
  | "unavailable";

/** A failure of a delivery service. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly code: DeliveryErrorCode;
  /** `refused`: nothing was stored for these bytes. `unknown`: only the log can tell, or sending the same bytes again. */
  readonly outcome: "refused" | "unknown";
  /** Seconds to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    code: DeliveryErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfter?: number } = {},
  ) {
    super(`${code}: ${message}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.outcome = code === "unavailable" ? "unknown" : "refused";
    this.retryAfter = options.retryAfter;
  }
}

/** Whether something is certainly not stored, and why. Every foreign exception means that nobody knows. */
export function refusedBy(error: unknown): DeliveryErrorCode | undefined {
  return error instanceof DeliveryError && error.outcome === "refused" ? error.code : undefined;
}
