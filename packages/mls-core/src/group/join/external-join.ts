import {
  bytesArgument,
  bytesToKey,
  equalBytes,
  listArgument,
  MlsError,
  type MlsProvider,
  numberArgument,
  optionsArgument,
  type Signer,
  signerArgument,
  violation,
} from "@openmls-ts/traits";
import { checkSigner } from "../../credential/index.ts";
import { epochState, makeCommit, type PublicEpoch, wipeEpoch } from "../../epoch/index.ts";
import {
  capabilitiesArgument,
  credentialWithKeyArgument,
  type Environment,
  extensionsArgument,
  structArgument,
} from "../../feature/index.ts";
import { newLeaf } from "../../key-package/index.ts";
import { externalInitSender } from "../../key-schedule/index.ts";
import { proposalRef } from "../../protection/proposal-ref.ts";
import { protectPublic } from "../../protection/public-protection.ts";
import { checkSenderContent } from "../../protection/sender-rules.ts";
import { ContentType, ProposalType, SenderType, WireFormat } from "../../registry.ts";
import {
  type Batch,
  groupConfig,
  type MemberState,
  type MlsGroupConfig,
  type WriteOptions,
} from "../../store/index.ts";
import { PrivateTree } from "../../treekem/private-tree.ts";
import { checkJoinerSupport } from "../../welcome/index.ts";
import {
  type AuthenticatedContent,
  type Capabilities,
  type CredentialWithKey,
  type CustomProposal,
  decodeMlsMessage,
  encodeMlsMessage,
  type Extension,
  externalPubOf,
  type Proposal,
  proposal as proposalCodec,
  type PskName,
  type QueuedProposal,
  usePsk,
} from "../../wire/index.ts";
import { watchOf, WORK_OPTIONS, type WorkOptions } from "../../work.ts";
import { checkJoinable } from "../commit/build-commit.ts";
import { newMember } from "../create-group.ts";
import { authenticate } from "../receive/authenticate.ts";
import { mayPropose } from "../receive/open-message.ts";
import { newSecretTree } from "../receive/process-message.ts";
import { pskArgument } from "../send/drafts.ts";
import { authenticatedDataFor, checkContent } from "../send/frame.ts";
import { formerLeaf } from "./former-leaf.ts";
import { openGroupInfo, type OpenedGroupInfo } from "./open-group-info.ts";
import { type PendingJoin, presentGroup, storeJoinRecord } from "./pending-join.ts";

/** What joining from outside needs (RFC 9420 §12.4.3.2). */
export interface ExternalJoinOptions extends WorkOptions {
  /** A GroupInfo with external_pub, as an MLSMessage. */
  readonly groupInfo: Uint8Array;
  /** The encoded ratchet tree, where the GroupInfo does not hold it. */
  readonly ratchetTree?: Uint8Array;
  readonly credentialWithKey: CredentialWithKey;
  readonly config?: Partial<MlsGroupConfig>;
  readonly capabilities?: Partial<Capabilities>;
  readonly leafNodeExtensions?: readonly Extension[];
  /** PSKs to inject, all of them stored. */
  readonly psks?: readonly PskName[];
  /**
   * Leaf index of an older appearance of this client, removed by the same commit ("resync"). Default: the leaf with the
   * same signature key, which could not stay, or with that of our leaf in the group of this id that is in the store.
   */
  readonly resync?: number;
  /**
   * Proposals of the group's members that an external commit must name, such as those of members who leave, as
   * MLSMessages: a delivery service hands them out with the GroupInfo.
   */
  readonly proposals?: readonly Uint8Array[];
  /** Further proposals by value, of features that allow it. */
  readonly propose?: readonly CustomProposal[];
  readonly authenticatedData?: Uint8Array;
}

/** A commit that joins a group from outside, with the state it leads to; both are in the store. */
export interface ExternalJoin {
  readonly env: Environment;
  readonly commit: Uint8Array;
  readonly state: MemberState;
  /** What a later one of the same group would replace. */
  readonly record: Uint8Array;
}

/**
 * Makes the external commit and stores it as pending; a group of the same id stays as it is until the commit is accepted
 * (RFC 9420 §12.4.3.2).
 * @throws MlsError
 */
export async function prepareExternalJoin(
  provider: MlsProvider,
  signer: Signer,
  options: ExternalJoinOptions,
  also: (batch: Batch, join: PendingJoin, groupId: Uint8Array) => void,
  opened?: OpenedGroupInfo,
): Promise<ExternalJoin> {
  const signs = signerArgument(signer);
  const given = optionsArgument<ExternalJoinOptions & WriteOptions<never>>("options", options, [
    "groupInfo",
    "ratchetTree",
    "credentialWithKey",
    "config",
    "capabilities",
    "leafNodeExtensions",
    "psks",
    "resync",
    "proposals",
    "propose",
    "authenticatedData",
    "alsoWrite",
    ...WORK_OPTIONS,
  ]);
  const watch = watchOf(given);
  const owner = credentialWithKeyArgument("credentialWithKey", given.credentialWithKey);
  const config = groupConfig(given.config);
  const {
    leafNodeExtensions = [],
    authenticatedData: data = new Uint8Array(),
    proposals: listed = [],
    psks: named = [],
    propose: further = [],
  } = given;
  const leafExtensions = extensionsArgument("leafNodeExtensions", leafNodeExtensions);
  const aad = bytesArgument("authenticatedData", data);
  const psks = listArgument("psks", named).map(pskArgument);
  const own = listArgument("propose", further).map((proposal) =>
    structArgument("propose", proposalCodec, proposal),
  );
  const capabilities =
    given.capabilities === undefined ? undefined : capabilitiesArgument(given.capabilities);
  const resync =
    given.resync === undefined ? undefined : numberArgument("resync", given.resync, 0, 0xffff_ffff);
  const messages = listArgument("proposals", listed).map((message, at) =>
    bytesArgument(`proposals[${at}]`, message),
  );
  const { env, info, tree } =
    opened ?? (await openGroupInfo(provider, given.groupInfo, given.ratchetTree, watch));
  const { suite } = env;
  const { groupContext } = info;
  checkSigner(signs, owner.signatureKey);
  checkJoinable(env);
  const externalPub = externalPubOf(info.extensions);
  if (externalPub === undefined) {
    throw violation("rfc108", "the GroupInfo has no external_pub"); // RFC 9420 §12.4.3.2
  }
  const authenticatedData = authenticatedDataFor(env, groupContext, aad);
  checkContent(env, groupContext, { authenticatedData });
  const { epoch: present } = await presentGroup(provider, groupContext.groupId);
  if (present !== undefined && present > groupContext.epoch) {
    throw new MlsError(
      "ERR_MLS_WRONG_EPOCH",
      `the GroupInfo is of epoch ${groupContext.epoch}, behind ${present}`,
    );
  }
  const leaf = await newLeaf(env, {
    credentialWithKey: owner,
    capabilities,
    extensions: leafExtensions,
    grease: config.grease,
  });
  checkJoinerSupport(groupContext, leaf.capabilities);
  const old = epochState(suite, { groupContext, tree, confirmationTag: info.confirmationTag });
  const verified = await Promise.all(messages.map(async (message) => verifyProposal(env, old, message)));
  const referred = [...new Map(verified.map((queued) => [bytesToKey(queued.reference), queued])).values()];
  const former = resync ?? (await formerLeaf(env, groupContext.groupId, tree, owner.signatureKey));
  const { kemOutput, initSecret } = await externalInitSender(suite, externalPub);
  try {
    const proposals = [...referred, ...ownProposals(env, { psks, former, kemOutput, own })];
    const made = await makeCommit(
      { ...env, watch },
      {
        old,
        proposals,
        committer: "external",
        privateTree: (ownLeaf) => PrivateTree.create(ownLeaf),
        initSecret,
        wireFormat: WireFormat.mlsPublicMessage, // RFC 9420 §6
        authenticatedData,
        forcePath: true,
        leaf,
        signer: signs,
        newSigner: signs,
      },
    );
    made.joinerSecret.wipe();
    made.welcomeSecret.wipe();
    const left = made.plan.leftOut.find(({ proposal }) => proposal.reference !== undefined);
    if (left !== undefined) {
      wipeEpoch(made.next);
      throw left.reason;
    }
    const publicMessage = protectPublic(suite, made.authenticated, undefined, undefined);
    const commit = encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage });
    const state: MemberState = {
      ...newMember(made.plan.committer, config),
      epoch: made.next,
      secretTree: newSecretTree(env, made.next),
      handout: { commitHash: suite.hash(commit), welcome: undefined, welcomed: [], groupInfo: undefined },
    };
    const { groupId, epoch } = made.next.groupContext;
    const write = (batch: Batch, record: Uint8Array): void => also(batch, { epoch, commit, record }, groupId);
    return { env, commit, state, record: await storeJoinRecord(env, commit, state, write) };
  } finally {
    initSecret.wipe();
  }
}

/** The proposals that a joiner makes itself (RFC 9420 §12.4.3.2). */
function ownProposals(
  { suite }: Environment,
  choices: {
    readonly psks: readonly PskName[];
    readonly former: number | undefined;
    readonly kemOutput: Uint8Array;
    readonly own: readonly Proposal[];
  },
): QueuedProposal[] {
  const { psks, former, kemOutput, own } = choices;
  const sender = { senderType: SenderType.newMemberCommit } as const;
  const list: Proposal[] = [{ proposalType: ProposalType.externalInit, kemOutput }];
  if (former !== undefined) {
    list.push({ proposalType: ProposalType.remove, removed: former });
  }
  list.push(
    ...psks.map((name): Proposal => ({ proposalType: ProposalType.psk, psk: usePsk(suite, name) })),
    ...own,
  );
  return list.map((proposal) => ({ proposal, sender, reference: undefined }));
}

/** A member's proposal as one verifies it who is not in the group: all but its membership tag. @throws MlsError */
async function verifyProposal(
  env: Environment,
  old: PublicEpoch,
  bytes: Uint8Array,
): Promise<QueuedProposal & { readonly reference: Uint8Array }> {
  const message = decodeMlsMessage(bytes, env.limits.maxMessageSize, env.reading);
  if (message.wireFormat !== WireFormat.mlsPublicMessage) {
    throw new MlsError("ERR_MLS_USAGE", "a proposal for an external commit is a PublicMessage");
  }
  const { content, auth } = message.publicMessage;
  const { groupContext, tree } = old;
  if (!equalBytes(content.groupId, groupContext.groupId) || content.epoch !== groupContext.epoch) {
    throw new MlsError("ERR_MLS_WRONG_EPOCH", "a proposal of another group or epoch", { rule: "rfc35" });
  }
  if (content.contentType !== ContentType.proposal) {
    throw new MlsError("ERR_MLS_USAGE", "not a proposal");
  }
  checkSenderContent(content, mayPropose(env));
  const authenticated: AuthenticatedContent = { wireFormat: message.wireFormat, content, auth };
  await authenticate(env, { groupContext, leaf: (leafIndex) => tree.leaf(leafIndex) }, authenticated);
  return {
    proposal: content.proposal,
    sender: content.sender,
    reference: proposalRef(env.suite, authenticated),
  };
}
