import { MlsError, type Signer, wipe } from "@openmls-ts/traits";
import { encode } from "../../codec/index.ts";
import { checkSigner } from "../../credential/index.ts";
import { makeCommit, type MadeCommit, wipeEpoch } from "../../epoch/index.ts";
import type { Environment } from "../../feature/index.ts";
import { makeKeyPackageRef } from "../../labels/index.ts";
import type { LeftOut } from "../../plan/index.ts";
import { ProposalType, type ResumptionPskUsage, SenderType, WireFormat } from "../../registry.ts";
import {
  type AlsoWrite,
  encodePending,
  type Handout,
  type MemberState,
  type PendingCommit,
  wipePending,
  writeGroupRecord,
  writeHandout,
} from "../../store/index.ts";
import {
  encodeMlsMessage,
  type Extension,
  type GroupInfo,
  isProposal,
  keyPackageStruct,
  type Proposal,
  type QueuedProposal,
} from "../../wire/index.ts";
import { createWelcome, makeGroupInfo } from "../../welcome/index.ts";
import type { Watch } from "../../work.ts";
import { requireActive, type Transaction } from "../handle.ts";
import { newSecretTree } from "../receive/process-message.ts";
import { type LeafNodeParameters, type ProposalDraft, resolveDraft } from "../send/drafts.ts";
import {
  authenticatedDataFor,
  checkContent,
  handshakeFormat,
  ownLeafNode,
  protect,
  type Room,
} from "../send/frame.ts";
import { changedLeaf } from "../send/propose.ts";
import type { CommitResult, GroupInfoChoices } from "./results.ts";

/** What a caller may choose about a commit. */
export interface CommitChoices {
  /** Proposals that the commit holds by value. */
  readonly proposals?: readonly ProposalDraft[];
  /** Which of the wanted proposals are committed too. Default: all (RFC 9420 §12.4). */
  readonly pending?: (proposal: QueuedProposal) => boolean;
  /** A path even where none is required. */
  readonly forcePath?: boolean;
  readonly leafNodeParameters?: LeafNodeParameters | undefined;
  /** The signer of a new signature key, with its credential in `leafNodeParameters`. */
  readonly newSigner?: Signer | undefined;
  readonly authenticatedData?: Uint8Array;
  /** Of what a GroupInfo for external joins is made as well. Default: none is. */
  readonly groupInfo?: Partial<GroupInfoChoices> | undefined;
  readonly welcomeExtensions?: readonly Extension[];
  readonly pskUsage?: ResumptionPskUsage;
  /** Records of the application for the same batch. */
  readonly alsoWrite?: AlsoWrite<CommitResult>;
  readonly watch?: Watch | undefined;
}

/** A commit of ours with what could not be taken in. */
export interface BuiltCommit {
  readonly pending: PendingCommit;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Makes a commit of ours and stores it as pending before its bytes are returned (RFC 9420 §12.4.1, 14).
 * @throws MlsError `ERR_MLS_PENDING_COMMIT` while another one waits
 */
export async function buildCommit(
  room: Room,
  state: MemberState,
  transaction: Transaction<MemberState>,
  signer: Signer,
  choices: CommitChoices,
): Promise<BuiltCommit> {
  requireActive(state);
  if (state.pending !== undefined) {
    throw new MlsError("ERR_MLS_PENDING_COMMIT", "merge or clear the pending commit first");
  }
  const { records } = room;
  const env = { ...room.env, watch: choices.watch };
  const { epoch, ownLeaf, config } = state;
  const { groupInfo: published, welcomeExtensions = [] } = choices;
  const authenticatedData = authenticatedDataFor(env, epoch.groupContext, choices.authenticatedData);
  checkSigner(signer, ownLeafNode(state).signatureKey);
  checkContent(env, epoch.groupContext, { authenticatedData });
  const externalPub = published !== undefined && published.externalPub !== false;
  if (externalPub) {
    checkJoinable(env);
  }
  const newSigner = choices.newSigner ?? signer;
  const parameters = choices.leafNodeParameters ?? {};
  // Replacing the leaf's content takes a path, whatever the proposals ask for (trap24).
  const changesLeaf = Object.keys(parameters).length > 0 || newSigner !== signer;
  const made = await makeCommit(env, {
    old: epoch,
    proposals: listOf(room, state, choices),
    committer: ownLeaf,
    pskUsage: choices.pskUsage,
    privateTree: () => epoch.privateTree.fork(),
    initSecret: epoch.secrets.initSecret,
    wireFormat: handshakeFormat(room, state),
    authenticatedData,
    forcePath: choices.forcePath === true || changesLeaf || state.pathlessGivenUp || state.restored !== "no",
    leaf: await changedLeaf(room, state, parameters),
    signer,
    newSigner,
  });
  try {
    const info = async (place: "welcome" | "groupInfo"): Promise<GroupInfo> =>
      makeGroupInfo(env, newSigner, ownLeaf, made.next, {
        ratchetTree:
          (place === "groupInfo" ? published?.ratchetTree : undefined) ?? config.ratchetTreeExtension,
        externalPub,
        extensions: place === "welcome" ? welcomeExtensions : (published?.extensions ?? []),
        grease: config.grease,
        place,
      });
    const welcome =
      made.newcomers.length > 0 ? await welcomeMessage(env, made, await info("welcome")) : undefined;
    const groupInfo =
      published !== undefined
        ? encodeMlsMessage({ wireFormat: WireFormat.mlsGroupInfo, groupInfo: await info("groupInfo") })
        : undefined;
    const tooLong = [welcome, groupInfo].find(
      (bytes) => bytes !== undefined && bytes.length > env.limits.maxMessageSize,
    );
    if (tooLong !== undefined) {
      throw new MlsError("ERR_MLS_LIMIT", `a Welcome or GroupInfo of ${tooLong.length} bytes is too long`);
    }
    const message = await protect(room, state, transaction, made.authenticated);
    const handout: Handout = {
      commitHash: env.suite.hash(message),
      welcome,
      welcomed: made.newcomers.map(({ leafIndex, keyPackage }) => {
        return {
          leafIndex,
          keyPackageRef: makeKeyPackageRef(env.suite, encode(keyPackageStruct, keyPackage)),
        };
      }),
      groupInfo,
    };
    const { summary, next, withPath } = made;
    const staged = { summary, next, base: epoch };
    const { pathlessGivenUp } = state;
    const secretTree = newSecretTree(env, next);
    const pending = { message, staged, secretTree, handout, withPath, pathlessGivenUp };
    const record = encodePending(pending, epoch);
    transaction.batch.put(records.record("pending_commit", new Uint8Array(), record));
    wipe(record);
    writeHandout(transaction.batch, records, next.groupContext.epoch, handout);
    const renewed: MemberState = state.restored === "no" ? state : { ...state, restored: "renewing" };
    if (renewed !== state) {
      writeGroupRecord(transaction.batch, records, env, renewed);
    }
    transaction.commit({ pending, restored: renewed.restored });
    transaction.onFailure(() => wipePending(pending));
    return { pending, leftOut: made.plan.leftOut };
  } catch (error) {
    wipeEpoch(made.next);
    throw error;
  } finally {
    made.joinerSecret.wipe(); // RFC 9420 §9.2
    made.welcomeSecret.wipe();
    made.newcomers.forEach(({ pathSecret }) => pathSecret?.wipe());
  }
}

/** A GroupInfo that nobody may use is not made. @throws MlsError `ERR_MLS_POLICY` rule rfc109 */
export function checkJoinable({ rules }: Environment): void {
  if (rules.externalCommits === "refuse") {
    throw new MlsError("ERR_MLS_POLICY", "the group's rules refuse external commits", { rule: "rfc109" });
  }
}

/** What a commit of ours holds by value. @throws MlsError `ERR_MLS_USAGE` */
export function proposalByValue(env: Environment, state: MemberState, draft: ProposalDraft): Proposal {
  if (draft.draft === "update") {
    const what = "a committer changes its leaf with leafNodeParameters, not by an Update";
    throw new MlsError("ERR_MLS_USAGE", what, { rule: "valn0302" });
  }
  const proposal = resolveDraft(env, state.epoch.tree, draft);
  if (isProposal(proposal, ProposalType.reinit) && state.config.resumptionPskEpochs === 0) {
    throw new MlsError(
      "ERR_MLS_USAGE",
      "without resumption PSKs (resumptionPskEpochs: 0) no group can follow",
    );
  }
  return proposal;
}

function listOf({ env }: Room, state: MemberState, choices: CommitChoices): QueuedProposal[] {
  const sender = { senderType: SenderType.member, leafIndex: state.ownLeaf };
  const inline = (choices.proposals ?? []).map((draft): QueuedProposal => {
    return { proposal: proposalByValue(env, state, draft), sender, reference: undefined };
  });
  const wanted = state.proposals.filter((known) => known.wanted && choices.pending?.(known) !== false);
  return [
    ...wanted.map(({ proposal, sender: from, reference, byValue }) => {
      return { proposal, sender: from, reference: byValue ? undefined : reference };
    }),
    ...inline,
  ];
}

/** The Welcome for the members that a commit adds, as an MLSMessage. */
async function welcomeMessage(env: Environment, made: MadeCommit, groupInfo: GroupInfo): Promise<Uint8Array> {
  const { joinerSecret, welcomeSecret, plan, newcomers } = made;
  const welcome = await createWelcome(env.suite, {
    joinerSecret,
    welcomeSecret,
    groupInfo,
    watch: env.watch,
    psks: plan.psks,
    newcomers: newcomers.map(({ keyPackage, pathSecret }) => ({
      keyPackageRef: makeKeyPackageRef(env.suite, encode(keyPackageStruct, keyPackage)),
      initKey: keyPackage.initKey,
      pathSecret,
    })),
  });
  return encodeMlsMessage({ wireFormat: WireFormat.mlsWelcome, welcome });
}
