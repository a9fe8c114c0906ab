import { deepCopy } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import type { PublicState } from "../store/index.ts";
import { type Extension, type GroupContext, type LeafNode, ratchetTree } from "../wire/index.ts";
import type { GroupHandle } from "./handle.ts";
import { type Member, memberOf, membersOf } from "./member.ts";
import type { ProposalRecord } from "./proposal-view.ts";
import { viewOf } from "./proposal-view.ts";

/** What members and observers see of a group alike. What it hands out are copies. */
export abstract class GroupView {
  /** @internal */
  protected readonly handle: Pick<GroupHandle<PublicState>, "env" | "records" | "state">;

  /** @internal */
  protected constructor(handle: Pick<GroupHandle<PublicState>, "env" | "records" | "state">) {
    this.handle = handle;
  }

  get groupId(): Uint8Array {
    return deepCopy(this.handle.records.groupId);
  }

  /** The current epoch number. */
  get epoch(): bigint {
    return this.handle.state.epoch.groupContext.epoch;
  }

  /** Code point of the cipher suite. */
  get cipherSuite(): number {
    return this.handle.env.suite.id;
  }

  /** What all members agree on (RFC 9420 §8.1). */
  get groupContext(): GroupContext {
    return deepCopy(this.handle.state.epoch.groupContext);
  }

  /** The extensions of the GroupContext. */
  get extensions(): readonly Extension[] {
    return this.groupContext.extensions;
  }

  /** Whether the group goes on here: false once this client is out of it, and after a ReInit. */
  get isActive(): boolean {
    return this.handle.state.status === "active";
  }

  /** The members from left to right, this client included. */
  members(): Member[] {
    return membersOf(this.handle.state.epoch.tree);
  }

  /** The member at a leaf index, or `undefined`. */
  member(leafIndex: number): Member | undefined {
    const leaf = this.handle.state.epoch.tree.leaf(leafIndex);
    return leaf === undefined ? undefined : memberOf(leafIndex, leaf);
  }

  /** The leaf of a member, or `undefined`. */
  leafNode(leafIndex: number): LeafNode | undefined {
    return deepCopy(this.handle.state.epoch.tree.leaf(leafIndex));
  }

  /** The proposals of this epoch that a commit may name. */
  get knownProposals(): readonly ProposalRecord[] {
    return this.handle.state.proposals.map(viewOf);
  }

  /** The ratchet tree as encoded in the extension, for joiners who get it from elsewhere (RFC 9420 §12.4.3.3). */
  exportRatchetTree(): Uint8Array {
    return encode(ratchetTree, this.handle.state.epoch.tree.exportNodes());
  }
}
