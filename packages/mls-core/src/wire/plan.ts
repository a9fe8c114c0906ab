import type { CipherSuite } from "@openmls-ts/traits";
import type { Extension } from "./extension.ts";
import type { GroupContext } from "./group-context.ts";
import type { KeyPackageStruct } from "./key-package.ts";
import type { LeafNode } from "./leaf-node.ts";
import type { PreSharedKeyId } from "./psk-id.ts";
import type { Sender } from "./sender.ts";

/** What all proposals have: their code point (RFC 9420 §17.4). */
export interface AnyProposal {
  readonly proposalType: number;
}

/** A proposal with what is known about where it came from. */
export interface Queued<P extends AnyProposal = AnyProposal> {
  readonly proposal: P;
  readonly sender: Sender;
  /** The ProposalRef when it came in a message of its own; `undefined` when a commit holds it by value. */
  readonly reference: Uint8Array | undefined;
}

/** What capabilities list (RFC 9420 §7.2). */
export type SupportKind = "versions" | "cipherSuites" | "extensions" | "proposals" | "credentials";

/** Who works the commit out: its maker, a member, or somebody who only follows the public state. */
export type PlanSide = "sender" | "receiver" | "observer";

/**
 * One commit while its proposals are applied: the fork as it is now, and what may be done to it. Proposal types, the
 * RFC's own ones and those of features, know the group through this alone, so sender, receiver and observer come to the
 * same end. What is handed out is not to be changed.
 */
export interface Plan {
  readonly side: PlanSide;
  readonly suite: CipherSuite;
  /** The committer's leaf index; `undefined` for an external commit (RFC 9420 §12.4.3.2). */
  readonly committer: number | undefined;
  /** Of the epoch that the commit ends. */
  readonly groupContext: GroupContext;
  /** The proposals in the order of the commit. */
  readonly proposals: readonly Queued[];
  /** The GroupContext extensions as the plan has them now. */
  readonly extensions: readonly Extension[];
  /** The leaf at an index as the plan has it now. */
  leaf(leafIndex: number): LeafNode | undefined;
  /** Who has this signature key now. */
  leafBySignatureKey(key: Uint8Array): number | undefined;
  /** All leaves as the plan has them now. */
  leaves(): Iterable<readonly [leafIndex: number, LeafNode]>;
  /** Whether every member of the epoch that ends, less those who are removed, lists a type (RFC 9420 §12.2). */
  supportedByAll(kind: SupportKind, type: number): boolean;
  /** Replaces all GroupContext extensions; they are judged, and the members' support of them, at the end. */
  setExtensions(extensions: readonly Extension[]): void;
  /** Replaces the data of one GroupContext extension in its place, or appends it. */
  setExtension(extensionType: number, extensionData: Uint8Array): void;
  /** Puts a newcomer into the leftmost blank leaf; its KeyPackage is judged at the end. */
  addMember(keyPackage: KeyPackageStruct): void;
  /** Replaces a member's leaf by one of source update; it is judged at the end. */
  updateMember(leafIndex: number, leafNode: LeafNode): void;
  /**
   * Blanks a member's leaf.
   * @param left whether it was the member's own wish
   * @throws MlsError of rule valn0303 for the committer, valn0701 where there is nobody (RFC 9420 §12.1.3, 12.2)
   */
  removeMember(leafIndex: number, left?: boolean): void;
  /** Mixes a PSK into the key schedule. */
  injectPsk(psk: PreSharedKeyId): void;
  /** Ends the group after this commit, to be continued in another one. */
  reinitialize(proposal: AnyProposal): void;
  /** Takes the init_secret from a newcomer's KEM output. */
  initExternally(kemOutput: Uint8Array): void;
  /** Leaves something for the application and the feature, delivered with the commit and stored when it is merged. */
  effect(name: string, value: Uint8Array): void;
}
