import type { CipherSuite, CredentialSubject, Verdict } from "@openmls-ts/traits";
import type { Codec } from "../codec/index.ts";
import type {
  CustomProposal,
  Extension,
  GroupContext,
  KeyPackageStruct,
  LeafNode,
  Plan,
  ProposalEntry,
} from "../wire/index.ts";
import type { ExtensionEntry } from "../extension/index.ts";
import type { EndingEpoch, FeatureMessage, FeatureStore, GroupAccess } from "./group-access.ts";

/**
 * What an application adds to the protocol: listed once in `MlsProvider.features`, the same for all who share a group.
 * Everything about proposals, plan, PSKs and authenticated data decides what a commit means, so two members whose
 * features differ in it lose one another; capabilities keep them apart (RFC 9420 §7.2, 13).
 */
export interface Feature {
  /** Unique in a provider; names its records, effects and errors. */
  readonly name: string;
  /** New proposal types. `defineProposal` makes an entry. */
  readonly proposals?: readonly ProposalEntry<CustomProposal>[];
  /** Steps that see the whole plan, beside what single proposals do. */
  readonly plan?: readonly PlanStep[];
  /** New extension types, and where they may stand. */
  readonly extensions?: readonly FeatureExtension[];
  /** New credential types. Their content is the inside of an `opaque<V>`. */
  readonly credentials?: readonly CredentialEntry[];
  /** New PSK types (RFC 9420 §8.4). */
  readonly psks?: readonly PskEntry[];
  /** Further secrets of every epoch (RFC 9420 §8). */
  readonly epochSecrets?: readonly EpochSecretEntry[];
  /** New kinds of message (RFC 9420 §17.2). */
  readonly wireFormats?: readonly WireFormatEntry[];
  /** A structure of authenticated_data; at most one of a group's features is active. */
  readonly authenticatedData?: ContentCoder;
  /** A structure of application_data; at most one of a group's features is active. */
  readonly applicationData?: ContentCoder;
  /** What it adds to this client's own objects. */
  readonly objects?: ObjectHooks;
  /** How `leave` asks for this client's removal, while all members support that proposal type. */
  readonly leaving?: () => CustomProposal;
}

/** A step of the plan of its own, among the proposals by its order. */
export interface PlanStep {
  /** See `ProposalOrder`; `Infinity` for the end, when all leaves and extensions have been judged. */
  readonly order: number;
  /** Throws to refuse the commit. Deterministic: nothing but the plan may decide. */
  run(plan: Plan): void | Promise<void>;
  /** Judges the leaf of the commit's path, which the plan has not; in an external commit the newcomer's. */
  pathLeaf?(leaf: PathLeaf): void;
}

/** The committer's new leaf. */
export interface PathLeaf {
  readonly leafNode: LeafNode;
  readonly leafIndex: number;
  /** Of the GroupContext that the commit leads to. */
  readonly extensions: readonly Extension[];
  /** Whether it is our own. */
  readonly own: boolean;
  /** The others, and the committer's before. */
  leaves(): Iterable<readonly [leafIndex: number, LeafNode]>;
}

/** An extension type (RFC 9420 §13.4). Listed among capabilities. */
export interface FeatureExtension extends ExtensionEntry {
  /**
   * Whether a GroupContextExtensions proposal may not touch it: its data are the feature's alone.
   * @param context of the epoch that ends @param proposed what the proposal would put in place of its extensions
   */
  readonly protected?: (context: GroupContext, proposed: readonly Extension[]) => boolean;
  /**
   * Several features may bring a type if each has this: what they, and the caller, put into one object becomes one
   * extension. Their checks all apply. @throws MlsError for data that contradict one another
   */
  readonly merge?: (parts: readonly Uint8Array[]) => Uint8Array;
}

/** A credential type (RFC 9420 §5.3, 13.3). Listed among capabilities. */
export interface CredentialEntry {
  readonly type: number;
  /** Judged before the application's validator is asked. @throws MlsError for malformed content */
  check?(content: Uint8Array): void;
  /** Judged in the place of the application's validator. */
  validate?(content: Uint8Array, subject: CredentialSubject): Promise<Verdict>;
}

/** A PSK type (RFC 9420 §8.4). */
export interface PskEntry {
  readonly type: number;
  /** What stands between psktype and psk_nonce. */
  readonly body: Codec<unknown>;
  /** The secret, which the library wipes; `undefined` if it is not at hand. */
  find(body: Uint8Array, store: Pick<FeatureStore, "get">): Promise<Uint8Array | undefined>;
}

/** A secret beside those of RFC 9420 §8, table 4: DeriveSecret(epoch_secret, label). */
export interface EpochSecretEntry {
  /** Without the prefix `MLS 1.0 `; names its record. */
  readonly label: string;
  /** The first record of an epoch, from its secret, which is wiped afterwards. The record dies with the epoch. */
  readonly start: (secret: Uint8Array, suite: CipherSuite) => Uint8Array;
}

/** A wire format (RFC 9420 §6, 17.2). */
export interface WireFormatEntry {
  readonly wireFormat: number;
  /** For whom a message is, without a group. @throws MlsError for a malformed body */
  header(body: Uint8Array): { readonly groupId: Uint8Array; readonly epoch: bigint };
  /** Takes a message in. Runs in the group's queue; what it stores is written before its outcome is handed out. */
  process(body: Uint8Array, group: GroupAccess): Promise<FeatureMessage>;
  /**
   * What messages of an epoch need when it has ended. It is kept, with our leaf's private key of that epoch, while the group keeps
   * the epoch, and costs as much forward secrecy. Default: messages of past epochs are refused.
   */
  keep?(epoch: EndingEpoch): Uint8Array;
}

/** A structure inside opaque bytes, by the GroupContext of the message's epoch. */
export interface ContentCoder {
  active(context: GroupContext): boolean;
  /** @throws MlsError for what a receiver would refuse */
  check(bytes: Uint8Array, context: GroupContext): void;
  /** What stands for nothing, where a caller gives no authenticated data. Default: no bytes. */
  readonly nothing?: Uint8Array;
}

/** What a feature adds to objects that this client makes. */
export interface ObjectHooks {
  /** Beside the types that follow from the entries. */
  readonly capabilities?: FeatureCapabilities;
  /** Extensions for an object of this client; their types must be among the entries. */
  extensionsFor?(place: ObjectPlace, facts: ObjectFacts): readonly Extension[];
  /** Whether a KeyPackage may be used more than once, so that its keys stay after a join (RFC 9420 §16.8). */
  reusable?(keyPackage: KeyPackageStruct): boolean;
}

/** Types to list among capabilities. */
export interface FeatureCapabilities {
  readonly extensions?: readonly number[];
  readonly proposals?: readonly number[];
  readonly credentials?: readonly number[];
}

/** Which object an extension is for; a GroupInfo inside a Welcome, or published for external joins. */
export type ObjectPlace = "keyPackage" | "leafNode" | "groupContext" | "welcome" | "groupInfo";

/** What is known when an object is made. */
export interface ObjectFacts {
  readonly cipherSuite: number;
  readonly groupId?: Uint8Array;
  /** Of a KeyPackage: asked to serve as the last resort. */
  readonly lastResort?: boolean;
  /**
   * A random value of those reserved by RFC 9420 §13.5, where the object is to carry GREASE: for lists and entries inside the
   * feature's extensions. The same for all features, absent for a GroupContext.
   */
  readonly grease?: number;
}
