import { deepCopy, equalBytes, MlsError, type MlsProvider } from "@openmls-ts/traits";
import {
  applyCommit,
  type CommitSummary,
  epochState,
  nextContext,
  type PublicEpoch,
  summarize,
} from "../commit/index.ts";
import { encode } from "../codec/index.ts";
import {
  type AuthenticatedContent,
  type Credential,
  decodeMlsMessage,
  type GroupContext,
  type Sender,
} from "../wire/index.ts";
import type { Environment } from "../environment.ts";
import { proposalRef } from "../protection/proposal-ref.ts";
import { checkSenderContent } from "../protection/sender-rules.ts";
import type { QueuedProposal } from "../proposal/index.ts";
import { ContentType, WireFormat } from "../registry.ts";
import { ratchetTree } from "../wire/index.ts";
import { authenticate } from "./authenticate.ts";
import { type Member, membersOf } from "./member.ts";
import { openGroupInfo } from "./open-group-info.ts";
import { loadPublicState, PublicStore } from "./public-store.ts";
import { OperationQueue } from "./queue.ts";
import { checkProposal } from "./proposal-store.ts";
import { resolveProposals } from "./resolve-commit.ts";

/** A commit that an observer has followed as far as one can without secrets. */
export interface StagedPublicCommit {
  readonly summary: CommitSummary;
  /** The epoch that merging begins. */
  readonly next: PublicEpoch;
  /** The epoch it follows. */
  readonly base: PublicEpoch;
}

/** What an observer makes of a message. */
export type ProcessedPublicMessage = {
  readonly sender: Sender;
  readonly credential: Credential;
  readonly authenticatedData: Uint8Array;
} & (
  | { readonly kind: "proposal"; readonly proposal: QueuedProposal & { readonly reference: Uint8Array } }
  | { readonly kind: "commit"; readonly stagedCommit: StagedPublicCommit }
);

/**
 * A group seen from outside, for a delivery service that checks what it passes on: follows public handshake messages,
 * verifies signatures, proposals, leaves and trees, and knows no secret. What only members can check, it takes on
 * trust: membership tags and confirmation tags.
 */
export class PublicGroup {
  readonly #env: Environment;
  readonly #store: PublicStore;
  readonly #queue = new OperationQueue();
  #epoch: PublicEpoch;
  #proposals: readonly QueuedProposal[];

  private constructor(
    env: Environment,
    store: PublicStore,
    epoch: PublicEpoch,
    proposals: readonly QueuedProposal[],
  ) {
    this.#env = env;
    this.#store = store;
    this.#epoch = epoch;
    this.#proposals = proposals;
  }

  /**
   * Starts following a group from a GroupInfo, which is verified like a joiner does (RFC 9420 §12.4.3), and stores it.
   * @param groupInfo an MLSMessage
   * @param encodedTree the ratchet tree, where the GroupInfo does not hold it
   * @throws MlsError
   */
  static async fromGroupInfo(
    provider: MlsProvider,
    groupInfo: Uint8Array,
    encodedTree?: Uint8Array,
  ): Promise<PublicGroup> {
    const { env, info, tree } = await openGroupInfo(provider, groupInfo, encodedTree);
    const { groupContext, confirmationTag } = info;
    const epoch = epochState(env.suite, { groupContext, tree, confirmationTag });
    const store = new PublicStore(env, groupContext.groupId);
    await store.write(epoch, undefined);
    return new PublicGroup(env, store, epoch, []);
  }

  /** Loads a group that this observer followed before; `undefined` when there is none. @throws MlsError */
  static async load(provider: MlsProvider, groupId: Uint8Array): Promise<PublicGroup | undefined> {
    const found = await loadPublicState(provider, groupId);
    return found === undefined
      ? undefined
      : new PublicGroup(found.env, found.store, found.epoch, found.proposals);
  }

  get groupContext(): GroupContext {
    return deepCopy(this.#epoch.groupContext);
  }

  /** The proposals that a commit may name. */
  get pendingProposals(): readonly QueuedProposal[] {
    return deepCopy(this.#proposals);
  }

  members(): Member[] {
    return membersOf(this.#epoch.tree);
  }

  /** The ratchet tree as encoded in the extension (RFC 9420 §12.4.3.3). */
  exportRatchetTree(): Uint8Array {
    return encode(ratchetTree, this.#epoch.tree.exportNodes());
  }

  /** Stops following the group and forgets it. */
  async delete(): Promise<void> {
    await this.#queue.run(async () => this.#store.erase());
  }

  /**
   * Checks a handshake message in the clear. A proposal is kept; a commit is only worked out.
   * @throws MlsError, `ERR_MLS_USAGE` for an encrypted message
   */
  async processMessage(bytes: Uint8Array): Promise<ProcessedPublicMessage> {
    return this.#queue.run(async () => this.#process(bytes));
  }

  /** Begins the epoch of a commit. @throws MlsError `ERR_MLS_STALE_COMMIT`, `ERR_MLS_STORAGE_CONFLICT` */
  async mergeCommit({ base, next }: StagedPublicCommit): Promise<void> {
    await this.#queue.run(async () => {
      if (base !== this.#epoch) {
        throw new MlsError("ERR_MLS_STALE_COMMIT", "the commit was staged for another epoch", {
          rule: "rfc122",
        });
      }
      await this.#store.write(next, base);
      this.#epoch = next;
      this.#proposals = [];
    });
  }

  async #process(bytes: Uint8Array): Promise<ProcessedPublicMessage> {
    const message = decodeMlsMessage(bytes, this.#env.limits.maxMessageSize);
    if (message.wireFormat !== WireFormat.mlsPublicMessage) {
      throw new MlsError("ERR_MLS_USAGE", "an observer reads public messages only");
    }
    const { content, auth } = message.publicMessage;
    const { groupContext, tree } = this.#epoch;
    if (!equalBytes(content.groupId, groupContext.groupId)) {
      throw new MlsError("ERR_MLS_WRONG_GROUP", "the message is for another group", { rule: "rfc23" });
    }
    if (content.epoch !== groupContext.epoch) {
      throw new MlsError("ERR_MLS_WRONG_EPOCH", `a message of epoch ${content.epoch}`, { rule: "rfc35" });
    }
    checkSenderContent(content);
    const authenticated: AuthenticatedContent = { wireFormat: message.wireFormat, content, auth };
    const view = { groupContext, leaf: (leafIndex: number) => tree.leaf(leafIndex) };
    const { credential } = await authenticate(this.#env, view, authenticated);
    const { sender, authenticatedData } = content;
    const info = { sender, credential, authenticatedData };
    switch (content.contentType) {
      case ContentType.application:
        throw new MlsError("ERR_MLS_VALIDATION", "application data in the clear", { rule: "rfc20" });
      case ContentType.proposal: {
        const reference = proposalRef(this.#env.suite, authenticated);
        const proposal = { proposal: content.proposal, sender, reference };
        await checkProposal({ env: this.#env, epoch: this.#epoch }, proposal);
        if (!this.#proposals.some((known) => equalBytes(known.reference!, reference))) {
          if (this.#proposals.length >= this.#env.limits.maxStoredProposals) {
            throw new MlsError("ERR_MLS_LIMIT", "too many proposals in one epoch");
          }
          await this.#store.addProposal(this.#proposals.length, proposal);
          this.#proposals = [...this.#proposals, proposal];
        }
        return deepCopy({ ...info, kind: "proposal", proposal });
      }
      case ContentType.commit: {
        const { maxProposalsPerCommit } = this.#env.limits;
        const list = resolveProposals(content.commit, sender, this.#proposals, maxProposalsPerCommit);
        const result = await applyCommit(this.#env, this.#epoch, { authenticated, list });
        const context = nextContext(this.#env, {
          provisional: result.provisional,
          interimBefore: this.#epoch.interimTranscriptHash,
          commit: { ...authenticated, signature: auth.signature },
        });
        const summary = summarize(list, result.applied, {
          epoch: context.epoch,
          sender,
          committer: result.committer,
          updatePathLeaf: result.commit.path?.leafNode,
          selfRemoved: false,
        });
        const { tree: nextTree, confirmationTag } = result;
        const next = epochState(this.#env.suite, { groupContext: context, tree: nextTree, confirmationTag });
        return { ...info, kind: "commit", stagedCommit: { summary, next, base: this.#epoch } };
      }
    }
  }
}
