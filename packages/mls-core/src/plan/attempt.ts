import {
  type CipherSuite,
  equalBytes,
  identityOf,
  isMlsError,
  MlsError,
  violation,
} from "@openmls-ts/traits";
import { checkPlacement } from "../extension/index.ts";
import { LeafNodeSource, PskType, ResumptionPskUsage } from "../registry.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import {
  type AnyProposal,
  type Extension,
  findExtension,
  type GroupContext,
  type KeyPackageStruct,
  type LeafNode,
  type Plan,
  type PlanSide,
  type PreSharedKeyId,
  type QueuedProposal,
  type ReInit,
  type SupportKind,
} from "../wire/index.ts";
import type { AffectedMember, CommitEffect, CommitPlan, PlanInput, RemovedMember } from "./plan-types.ts";

/** A leaf that the commit brings in, to be judged in the final tree. */
export interface NewLeaf extends AffectedMember {
  readonly source: LeafNodeSource;
  readonly by: QueuedProposal;
  /** The leaf in its place until now. */
  readonly replaced: LeafNode | undefined;
  readonly keyPackage?: KeyPackageStruct;
}

// What extensions of the GroupContext ask of leaves, and leaves of extensions.
export const ABOUT_SUPPORT: ReadonlySet<string | undefined> = new Set([
  "rfc115",
  "valn0103",
  "rfc85",
  "valn1001",
]);

/** Whether a leaf may still be judged by itself: it failed in nothing, or only in what it lacks. */
export function mayStand(error: MlsError | undefined): boolean {
  return error === undefined || ABOUT_SUPPORT.has(error.rule);
}

/** A list of proposals applied to a fork, and what of it failed. */
export class Attempt implements Plan {
  readonly side: PlanSide;
  readonly suite: CipherSuite;
  readonly committer: number | undefined;
  readonly groupContext: GroupContext;
  readonly proposals: readonly QueuedProposal[];
  readonly tree: RatchetTree;
  readonly added: (AffectedMember & { readonly keyPackage: KeyPackageStruct })[] = [];
  readonly updated: AffectedMember[] = [];
  readonly removed: RemovedMember[] = [];
  readonly newLeaves: NewLeaf[] = [];
  readonly psks: { readonly psk: PreSharedKeyId; readonly by: QueuedProposal }[] = [];
  readonly effects: CommitEffect[] = [];
  /** What cannot be committed: filled for a sender, who may leave it out; for others the first failure is thrown. */
  readonly failures: Map<QueuedProposal, MlsError> = new Map();
  /** What gives way to other proposals of the list. */
  readonly losers: Set<QueuedProposal> = new Set();
  /** Those of them that another proposal stands for: a sender leaves them out even where the caller asked. */
  readonly granted: Set<QueuedProposal> = new Set();
  /** The extension types that the commit sets, and by which proposal; `undefined` for a step of a feature. */
  settersOf: ReadonlyMap<number, QueuedProposal | undefined> = new Map();
  reinit: ReInit | undefined;
  kemOutput: Uint8Array | undefined;
  readonly #input: PlanInput;
  #extensions: readonly Extension[];
  #by: QueuedProposal | undefined;

  constructor(input: PlanInput, proposals: readonly QueuedProposal[]) {
    const { old, committer } = input;
    this.#input = input;
    this.side = input.side;
    this.suite = input.env.suite;
    this.committer = committer === "external" ? undefined : committer;
    this.groupContext = old.groupContext;
    this.proposals = proposals;
    this.tree = old.tree.fork();
    this.#extensions = old.groupContext.extensions;
  }

  get extensions(): readonly Extension[] {
    return this.#extensions;
  }

  /** Runs a judgement of one proposal, or of the whole, and notes whose fault it is if it fails. */
  async judge(by: QueuedProposal | undefined, work: () => void | Promise<void>): Promise<void> {
    this.#by = by;
    try {
      await work();
    } catch (error) {
      this.fail(by, error);
    }
  }

  /** Notes a failure. @throws it, unless it can be left out */
  fail(by: QueuedProposal | undefined, error: unknown): void {
    if (
      this.side !== "sender" ||
      by === undefined ||
      !isMlsError(error) ||
      error.code === "ERR_MLS_STORAGE" ||
      error.code === "ERR_MLS_ABORTED"
    ) {
      throw error;
    }
    const known = this.failures.get(by);
    // what is wrong with a received leaf by itself counts for more than what it lacks
    if (known === undefined || (by.reference !== undefined && ABOUT_SUPPORT.has(known.rule))) {
      this.failures.set(by, error);
    }
  }

  leaf(leafIndex: number): LeafNode | undefined {
    return this.tree.leaf(leafIndex);
  }

  leafBySignatureKey(key: Uint8Array): number | undefined {
    return this.tree.leafBySignatureKey(key);
  }

  leaves(): Iterable<readonly [leafIndex: number, LeafNode]> {
    return this.tree.members();
  }

  supportedByAll(kind: SupportKind, type: number): boolean {
    const { tree } = this.#input.old;
    const gone = this.removed.filter(({ leafIndex }) => tree.leaf(leafIndex) !== undefined);
    const goneSupport = gone.filter(
      ({ leafIndex }) => tree.leaf(leafIndex)?.capabilities[kind].includes(type) === true, // bounded: one look at each leaf
    );
    return tree.supportCount(kind, type) - goneSupport.length === tree.memberCount - gone.length;
  }

  setExtensions(extensions: readonly Extension[]): void {
    checkPlacement("groupContext", extensions, this.#input.env.features.extensions);
    for (const { type, protected: isProtected } of this.#input.env.features.extensions.values()) {
      const [before, after] = [this.#extensions, extensions].map((list) => findExtension(list, type));
      const same =
        before === undefined ? after === undefined : after !== undefined && equalBytes(before, after);
      if (!same && isProtected?.(this.groupContext, extensions) === true) {
        throw violation("trap44", `extension type ${type} is not for GroupContextExtensions to change`);
      }
    }
    this.settersOf = new Map(extensions.map(({ extensionType }) => [extensionType, this.#by]));
    this.#extensions = extensions;
  }

  setExtension(extensionType: number, extensionData: Uint8Array): void {
    const changed = { extensionType, extensionData };
    const at = this.#extensions.findIndex((entry) => entry.extensionType === extensionType);
    this.#extensions =
      at < 0
        ? [...this.#extensions, changed]
        : this.#extensions.map((entry, index) => (index === at ? changed : entry));
    this.settersOf = new Map([...this.settersOf, [extensionType, this.#by]]);
  }

  addMember(keyPackage: KeyPackageStruct): void {
    const { leafNode } = keyPackage;
    const member = { leafIndex: this.tree.addLeaf(leafNode), leafNode, identity: identityOf(leafNode) };
    this.added.push({ ...member, keyPackage });
    this.#bring({ ...member, replaced: undefined, source: LeafNodeSource.keyPackage, keyPackage });
  }

  updateMember(leafIndex: number, leafNode: LeafNode): void {
    const replaced = this.tree.leaf(leafIndex);
    const member = { leafIndex, leafNode, identity: identityOf(leafNode) };
    this.tree.updateLeaf(leafIndex, leafNode);
    this.updated.push(member);
    this.#bring({ ...member, replaced, source: LeafNodeSource.update });
  }

  removeMember(leafIndex: number, left = false): void {
    if (leafIndex === this.committer) {
      throw violation("valn0303", "the committer's own removal"); // RFC 9420 §12.2
    }
    const leafNode = this.tree.leaf(leafIndex);
    if (leafNode === undefined) {
      throw violation("valn0701", `a removal of leaf ${leafIndex}, which is blank`); // RFC 9420 §12.1.3
    }
    this.tree.removeLeaf(leafIndex);
    this.removed.push({ leafIndex, leafNode, identity: identityOf(leafNode), left, by: this.#current() });
  }

  // RFC 9420 §12.1.4
  injectPsk(psk: PreSharedKeyId): void {
    if (
      psk.pskType === PskType.resumption &&
      "usage" in psk &&
      psk.usage !== ResumptionPskUsage.application &&
      psk.usage !== this.#input.pskUsage
    ) {
      const rule = psk.usage === ResumptionPskUsage.reinit ? "valn0801" : "valn0802";
      throw violation(rule, "a resumption PSK of another usage");
    }
    this.psks.push({ psk, by: this.#current() });
  }

  reinitialize(proposal: AnyProposal): void {
    const reinit = proposal as ReInit;
    checkPlacement("groupContext", reinit.extensions, this.#input.env.features.extensions);
    if (this.side === "sender" && equalBytes(reinit.groupId, this.groupContext.groupId)) {
      throw new MlsError("ERR_MLS_USAGE", "a ReInit needs another group id: the old group is still there");
    }
    this.reinit = reinit;
  }

  initExternally(kemOutput: Uint8Array): void {
    this.kemOutput = kemOutput;
  }

  effect(name: string, value: Uint8Array): void {
    this.effects.push({ name, value: new Uint8Array(value) });
  }

  /** The plan that this attempt amounts to. */
  result(pathRequired: boolean): Omit<CommitPlan, "leftOut"> {
    const { proposals, tree, extensions, added, updated, removed, reinit, kemOutput, effects } = this;
    const { committer = tree.leftmostBlankLeaf() } = this;
    const external = this.committer === undefined;
    const psks = this.psks.map(({ psk }) => psk);
    return {
      proposals,
      tree,
      extensions,
      committer,
      external,
      added,
      updated,
      removed,
      psks,
      reinit,
      kemOutput,
      pathRequired,
      effects,
    };
  }

  #bring(leaf: Omit<NewLeaf, "by">): void {
    this.newLeaves.push({ ...leaf, by: this.#current() });
  }

  #current(): QueuedProposal {
    if (this.#by === undefined) {
      throw new MlsError("ERR_MLS_INTERNAL", "members change by proposals alone");
    }
    return this.#by;
  }
}
