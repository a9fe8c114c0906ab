import { deepCopy, type Signer, signerArgument } from "@openmls-ts/traits";
import { checkSigner } from "../credential/index.ts";
import type { CommitSummary } from "../epoch/index.ts";
import { WireFormat } from "../registry.ts";
import type { MemberState, MergedCommit, MlsGroupConfig } from "../store/index.ts";
import { makeGroupInfo } from "../welcome/index.ts";
import { encodeMlsMessage, type LeafNode } from "../wire/index.ts";
import { checkJoinable } from "./commit/build-commit.ts";
import { type CommitBundle, type GroupInfoChoices, groupInfoArgument, released } from "./commit/results.ts";
import { GroupView } from "./group-view.ts";
import { type GroupHandle, requireActive } from "./handle.ts";
import { exportFrom, NextEpoch } from "./next-epoch.ts";
import { type ProposalRecord, viewOf } from "./proposal-view.ts";
import { ownLeafNode } from "./send/frame.ts";

/** What a member sees of its group beside what everybody does, and what it can export. */
export abstract class MemberView extends GroupView {
  /** @internal */
  declare protected readonly handle: GroupHandle<MemberState>;

  get config(): MlsGroupConfig {
    return this.handle.state.config;
  }

  get ownLeafIndex(): number {
    return this.handle.state.ownLeaf;
  }

  /** This client's leaf. */
  get ownLeafNode(): LeafNode {
    return deepCopy(ownLeafNode(this.handle.state));
  }

  /** Equal for all members of an epoch, different for every other state: for comparing out of band (RFC 9420 §8.7). */
  get epochAuthenticator(): Uint8Array {
    requireActive(this.handle.state, true);
    return this.handle.state.epoch.secrets.epochAuthenticator.expose().slice();
  }

  /** The proposals that the next commit takes in. */
  get pendingProposals(): readonly ProposalRecord[] {
    return this.handle.state.proposals.filter(({ wanted }) => wanted).map(viewOf);
  }

  /** What our pending commit does, if there is one. */
  get pendingCommit(): CommitSummary | undefined {
    return deepCopy(this.handle.state.pending?.staged.summary);
  }

  /** The epoch that our pending commit would begin, if there is one. */
  get pendingEpoch(): NextEpoch | undefined {
    const { pending } = this.handle.state;
    return pending === undefined ? undefined : new NextEpoch(() => pending.staged.next);
  }

  /** The bytes of our pending commit, to be sent again after a restart. */
  get pendingCommitMessage(): Uint8Array | undefined {
    return deepCopy(this.handle.state.pending?.message);
  }

  /**
   * Our pending commit with all that goes with it, for a service that takes them together or not at all. Give the Welcome
   * and the GroupInfo to nobody else before the commit is accepted (RFC 9420 §14).
   */
  get pendingCommitBundle(): CommitBundle | undefined {
    const { pending } = this.handle.state;
    return pending === undefined
      ? undefined
      : { commit: pending.message.slice(), ...released(pending.handout) };
  }

  /**
   * What our commit that began this epoch released, to be sent again after a crash; `undefined` when the epoch began
   * with somebody else's commit.
   */
  get lastMergedCommit(): MergedCommit | undefined {
    const { handout } = this.handle.state;
    return handout === undefined ? undefined : released(handout);
  }

  /**
   * A secret for use outside of MLS, the same for all members of the epoch (RFC 9420 §8.5).
   * @param label what it is for @param length in bytes, at most 255·Nh
   * @throws MlsError `ERR_MLS_USAGE`
   */
  exportSecret(label: string, context: Uint8Array, length: number): Uint8Array {
    const { state } = this.handle;
    requireActive(state, true);
    return exportFrom(state.epoch, label, context, length);
  }

  /**
   * A signed GroupInfo of the current epoch as an MLSMessage (RFC 9420 §12.4.3).
   * @param choices by default with the ratchet tree as configured, and with external_pub unless the rules refuse it
   * @throws MlsError `ERR_MLS_POLICY` for an external_pub that the rules refuse, `ERR_MLS_VALIDATION` for extensions that
   *   do not belong there or stand there already, `ERR_MLS_USAGE`
   */
  async exportGroupInfo(signer: Signer, choices?: Partial<GroupInfoChoices>): Promise<Uint8Array> {
    const signs = this.handle.signer(signerArgument(signer));
    const given = groupInfoArgument("choices", choices);
    return this.handle.read(async (state) => {
      const { env } = this.handle;
      const { epoch, ownLeaf, config } = state;
      requireActive(state);
      checkSigner(signs, ownLeafNode(state).signatureKey);
      const {
        externalPub = env.rules.externalCommits !== "refuse",
        ratchetTree = config.ratchetTreeExtension,
        extensions = [],
      } = given;
      if (externalPub) {
        checkJoinable(env);
      }
      const content = {
        ratchetTree,
        externalPub,
        extensions,
        grease: config.grease,
        place: "groupInfo",
      } as const;
      const groupInfo = await makeGroupInfo(env, signs, ownLeaf, epoch, content);
      return encodeMlsMessage({ wireFormat: WireFormat.mlsGroupInfo, groupInfo });
    });
  }
}
