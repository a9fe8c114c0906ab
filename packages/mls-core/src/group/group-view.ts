import { deepCopy } from "@openmls-ts/traits";
import { type KeyPackage, keyPackageArgument, verifiedKeyPackage } from "../key-package/index.ts";
import { ProposalType, SenderType } from "../registry.ts";
import type { GroupStatus, PublicState } from "../store/index.ts";
import type { Extension, GroupContext, LeafNode } from "../wire/index.ts";
import { type GroupHandle, requireActive } from "./handle.ts";
import { checkProposal } from "./judge-proposals.ts";
import { type Member, memberOf, membersOf } from "./member.ts";
import { exportTree } from "./next-epoch.ts";
import type { ProposalRecord } from "./proposal-view.ts";
import { viewOf } from "./proposal-view.ts";

/** What members and observers see of a group alike. What it hands out are copies. */
export abstract class GroupView {
  /** @internal */
  protected readonly handle: Pick<GroupHandle<PublicState>, "env" | "records" | "state" | "read">;

  /** @internal */
  protected constructor(handle: Pick<GroupHandle<PublicState>, "env" | "records" | "state" | "read">) {
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

  /** What all members reach by the same commits (RFC 9420 §6.1). */
  get confirmationTag(): Uint8Array {
    return this.handle.state.epoch.confirmationTag.slice();
  }

  /** The extensions of the GroupContext. */
  get extensions(): readonly Extension[] {
    return this.groupContext.extensions;
  }

  /** Whether the group goes on here: false once this client is out of it, and after a ReInit. */
  get isActive(): boolean {
    return this.handle.state.status === "active";
  }

  /**
   * Where the group stands on this client. After `removed` and `deleted` nothing of it is left in memory or in the store
   * but who calls: neither late messages nor resumption PSKs; after `closed` the store has it.
   */
  get status(): GroupStatus {
    return this.handle.state.status;
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
    return this.handle.state.proposals.filter(({ byValue }) => !byValue).map(viewOf);
  }

  /**
   * Checks whether a KeyPackage could be added now, as a member's commit would be judged: by itself, beside the members, and
   * by the validator (RFC 9420 §10.1, 12.1.1).
   * @param keyPackage verified, or an MLSMessage
   * @returns it, verified
   * @throws MlsError `ERR_MLS_VALIDATION`, `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_CREDENTIAL_REJECTED`, …
   */
  async validateKeyPackageForAdd(keyPackage: KeyPackage | Uint8Array): Promise<KeyPackage> {
    const { env } = this.handle;
    const fields = keyPackageArgument(env.provider, "keyPackage", keyPackage);
    return this.handle.read(async (state) => {
      requireActive(state);
      const proposal = { proposalType: ProposalType.add, keyPackage: fields } as const;
      const sender = { senderType: SenderType.newMemberProposal } as const;
      await checkProposal(env, state.epoch, proposal, sender);
      return verifiedKeyPackage(env.suite, fields);
    });
  }

  /** The ratchet tree as encoded in the extension, for joiners who get it from elsewhere (RFC 9420 §12.4.3.3). */
  exportRatchetTree(): Uint8Array {
    return exportTree(this.handle.state.epoch);
  }
}
