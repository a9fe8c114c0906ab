import type { CipherSuite, HpkePsk, Signer } from "@openmls-ts/traits";
import type { GroupContext, LeafNode } from "../wire/index.ts";

/**
 * What a feature's own functions get of a group: `group.use(feature, …)`, and messages of its wire formats. Runs inside
 * the group's queue; what it changes is written in one batch before its result is handed out.
 */
export interface GroupAccess {
  readonly suite: CipherSuite;
  readonly groupContext: GroupContext;
  readonly ownLeafIndex: number;
  leaf(leafIndex: number): LeafNode | undefined;
  /** MLS-Exporter (RFC 9420 §8.5). @param length in bytes */
  exportSecret(label: string, context: Uint8Array, length: number): Uint8Array;
  /** SignWithLabel by this member's signer (RFC 9420 §5.1.2). @throws MlsError `ERR_MLS_USAGE` for somebody else's */
  sign(signer: Signer, label: string | Uint8Array, content: Uint8Array): Promise<Uint8Array>;
  /** VerifyWithLabel by a member's key. */
  verify(
    leafIndex: number,
    label: string | Uint8Array,
    content: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /** HPKE open with this member's leaf key (RFC 9420 §5.1.3). */
  openWithLeafKey(
    label: string | Uint8Array,
    context: Uint8Array,
    sealed: HpkeSealedMessage,
  ): Promise<Uint8Array>;
  /**
   * HPKE open with this member's leaf key under an info of the feature's own, which must not be that of another use of the
   * key: EncryptWithLabel's begins with its label (RFC 9420 §5.1.3).
   */
  hpkeOpenWithLeafKey(
    info: Uint8Array,
    aad: Uint8Array,
    sealed: HpkeSealedMessage,
    psk?: HpkePsk,
  ): Promise<Uint8Array>;
  /** EncryptWithLabel to any HPKE key of the suite (RFC 9420 §5.1.3). */
  seal(
    publicKey: Uint8Array,
    label: string | Uint8Array,
    context: Uint8Array,
    plaintext: Uint8Array,
  ): Promise<HpkeSealedMessage>;
  /** The external_pub of the epoch, whose private key all members have (RFC 9420 §8). */
  externalPublicKey(): Promise<Uint8Array>;
  /** HPKE open with the epoch's external_priv. */
  openWithExternalKey(
    label: string | Uint8Array,
    context: Uint8Array,
    sealed: HpkeSealedMessage,
  ): Promise<Uint8Array>;
  /** This epoch's record of one of the feature's secrets. */
  epochRecord(label: string): EpochRecord;
  /** Records of the group for this feature; they stay until the group is deleted. */
  readonly store: FeatureStore;
  /**
   * For a message of a past epoch: what `WireFormatEntry.keep` gave of it. There is no more of such an epoch than that, its
   * leaves and our leaf's key; the rest throws `ERR_MLS_USAGE`.
   */
  readonly kept?: Uint8Array;
}

/** What there is of an epoch that ends. */
export type EndingEpoch = Pick<GroupAccess, "suite" | "groupContext" | "exportSecret">;

/** An HPKE ciphertext, as {@link GroupAccess.seal} makes it. */
export interface HpkeSealedMessage {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** A record that dies with its epoch. */
export interface EpochRecord {
  /** A copy, or `undefined` once it was deleted or where the feature joined in the middle of an epoch. */
  get(): Uint8Array | undefined;
  /** Replaces it; durable before the operation's result is handed out. */
  set(value: Uint8Array): void;
}

/** What a message of a feature's wire format turned out to be. */
export interface FeatureMessage {
  /** Leaf index of the sender. */
  readonly sender: number;
  readonly value: unknown;
}

/** The records of one feature in one group, which join the batch of the operation. */
export interface FeatureStore {
  get(id: Uint8Array): Promise<Uint8Array | undefined>;
  put(id: Uint8Array, value: Uint8Array): void;
  delete(id: Uint8Array): void;
}
