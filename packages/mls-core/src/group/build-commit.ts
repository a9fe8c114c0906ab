import { deepCopy, MlsError, type Signer, wipe } from "@openmls-ts/traits";
import {
  createCommit,
  type CreatedCommit,
  type LeafNodeParameters,
  type PublicEpoch,
} from "../commit/index.ts";
import { encode } from "../codec/index.ts";
import { checkSigner } from "../credential/index.ts";
import type { Environment } from "../environment.ts";
import {
  encodeMlsMessage,
  type Extension,
  externalPubExtension,
  type GroupInfo,
  keyPackageStruct,
  type Proposal,
  type PskName,
  usePsk,
} from "../wire/index.ts";
import { type EpochSecrets, externalKeyPair } from "../key-schedule/index.ts";
import { makeKeyPackageRef } from "../labels/index.ts";
import { proposalList, type ProposalList, type QueuedProposal } from "../proposal/index.ts";
import { ProposalType, type ResumptionPskUsage, SenderType, WireFormat } from "../registry.ts";
import { greaseExtension } from "../tree/grease.ts";
import { ratchetTreeExtension } from "../wire/index.ts";
import { createWelcome, signGroupInfo } from "../welcome/index.ts";
import { Batch } from "./batch.ts";
import type { GroupState, PendingCommit } from "./group-state.ts";
import { writeHandout } from "./handout.ts";
import { encodePending } from "./pending-record.ts";
import { selectProposals } from "./proposal-store.ts";
import { withoutRefused } from "./refused-adds.ts";
import { handshakeFormat, ownLeafNode, protect, writeSent } from "./send.ts";
import { newSecretTree } from "./transitions.ts";

/** What a caller may choose about a commit. */
export interface CommitChoices {
  /** Proposals that the commit holds by value. */
  readonly proposals?: readonly Proposal[];
  /** PSKs to inject, each with a fresh nonce, after the other proposals (RFC 9420 §8.4). */
  readonly psks?: readonly PskName[];
  /** Whether the stored proposals are committed too. Default: yes (RFC 9420 §12.4). */
  readonly includePending?: boolean;
  /** A path even where none is required. Default: yes, unless the commit only adds members or PSKs. */
  readonly forcePath?: boolean;
  readonly leafNodeParameters?: LeafNodeParameters;
  /** The signer of a new signature key, with its credential in `leafNodeParameters`. */
  readonly newSigner?: Signer;
  readonly authenticatedData?: Uint8Array;
  /** Whether the GroupInfo lets others join by external commit. Default: no. */
  readonly externalPub?: boolean;
  readonly pskUsage?: ResumptionPskUsage;
}

/** What belongs into a GroupInfo beside the state. */
export interface GroupInfoChoices {
  readonly ratchetTree: boolean;
  readonly externalPub: boolean;
}

/** A signed GroupInfo of an epoch (RFC 9420 §12.4.3). */
export async function makeGroupInfo(
  env: Environment,
  signer: Signer,
  signerLeaf: number,
  epoch: PublicEpoch & { readonly secrets: EpochSecrets },
  choices: GroupInfoChoices,
): Promise<GroupInfo> {
  const { suite } = env;
  const extensions: Extension[] = [];
  if (choices.ratchetTree) {
    extensions.push(ratchetTreeExtension(epoch.tree.exportNodes()));
  }
  if (choices.externalPub) {
    const { publicKey, privateKey } = await externalKeyPair(suite, epoch.secrets.externalSecret);
    wipe(privateKey);
    extensions.push(externalPubExtension(publicKey));
  }
  extensions.push(greaseExtension(suite)); // RFC 9420 §13.5
  return signGroupInfo(signer, {
    groupContext: epoch.groupContext,
    extensions,
    confirmationTag: epoch.confirmationTag,
    signer: signerLeaf,
  });
}

/**
 * Makes a commit of ours and stores it as pending before its bytes are returned (RFC 9420 §12.4.1, 14).
 * @throws MlsError `ERR_MLS_PENDING_COMMIT` while another one waits
 */
export async function buildCommit(
  state: GroupState,
  signer: Signer,
  choices: CommitChoices,
): Promise<PendingCommit> {
  state.requireActive();
  if (state.pending !== undefined) {
    throw new MlsError("ERR_MLS_PENDING_COMMIT", "merge or clear the pending commit first");
  }
  const { env, epoch, ownLeaf } = state;
  const leaf = ownLeafNode(state);
  checkSigner(signer, leaf.signatureKey);
  const psks = (choices.psks ?? []).map((name): Proposal => ({
    proposalType: ProposalType.psk,
    psk: usePsk(env.suite, name),
  }));
  const inline: QueuedProposal[] = [...(choices.proposals ?? []), ...psks].map((proposal) => ({
    proposal: deepCopy(proposal),
    sender: { senderType: SenderType.member, leafIndex: ownLeaf },
    reference: undefined,
  }));
  const stored = (choices.includePending === false ? [] : state.proposals).map(
    ({ proposal, sender, reference }) => ({ proposal, sender, reference }),
  );
  let list = proposalList(selectProposals(stored, inline, epoch.tree, ownLeaf, env.clock.now()));
  let created: CreatedCommit | undefined;
  while (created === undefined) {
    const input = { list, committer: ownLeaf, pskUsage: choices.pskUsage };
    try {
      created = await createCommit(env, {
        ...input,
        old: epoch,
        privateTree: epoch.privateTree,
        initSecret: epoch.secrets.initSecret,
        wireFormat: handshakeFormat(state),
        authenticatedData: deepCopy(choices.authenticatedData ?? new Uint8Array()),
        forcePath: choices.forcePath ?? false,
        leaf,
        leafParameters: choices.leafNodeParameters ?? {},
        signer,
        newSigner: choices.newSigner ?? signer,
      });
    } catch (error) {
      const { groupContext, tree } = epoch;
      list = await withoutRefused({ ...input, env, groupContext, tree: tree.fork(), sending: true }, error);
    }
  }
  const wanted = choices.externalPub === true;
  const groupInfo =
    wanted || created.added.length > 0
      ? await makeGroupInfo(env, choices.newSigner ?? signer, ownLeaf, created.next, {
          ratchetTree: state.config.ratchetTreeExtension,
          externalPub: wanted,
        })
      : undefined;
  const welcome = await welcomeMessage(env, created, list, groupInfo);
  const message = await protect(state, created.authenticated);
  const pending: PendingCommit = {
    message,
    staged: { summary: created.summary, next: created.next, base: epoch },
    secretTree: newSecretTree(env, created.next),
    handout: {
      commitHash: env.suite.hash(message),
      welcome,
      groupInfo:
        wanted && groupInfo !== undefined
          ? encodeMlsMessage({ wireFormat: WireFormat.mlsGroupInfo, groupInfo })
          : undefined,
    },
  };
  const batch = new Batch();
  const record = encodePending(pending);
  batch.put(state.records.record("pending_commit", new Uint8Array(), record));
  wipe(record);
  writeHandout(batch, state.records, created.next.groupContext.epoch, pending.handout);
  await writeSent(state, batch);
  state.pending = pending;
  return pending;
}

/** The Welcome for the members that a commit adds, as an MLSMessage. */
async function welcomeMessage(
  env: Environment,
  created: CreatedCommit,
  list: ProposalList,
  groupInfo: GroupInfo | undefined,
): Promise<Uint8Array | undefined> {
  const { joinerSecret, welcomeSecret, psks, added } = created;
  try {
    if (added.length === 0 || groupInfo === undefined) {
      return undefined;
    }
    const newcomers = list.adds.map(({ proposal: { keyPackage } }, i) => ({
      keyPackageRef: makeKeyPackageRef(env.suite, encode(keyPackageStruct, keyPackage)),
      initKey: keyPackage.initKey,
      pathSecret: added[i]?.pathSecret,
    }));
    const welcome = await createWelcome(env.suite, {
      joinerSecret,
      welcomeSecret,
      groupInfo,
      psks,
      newcomers,
    });
    return encodeMlsMessage({ wireFormat: WireFormat.mlsWelcome, welcome });
  } finally {
    joinerSecret.wipe(); // RFC 9420 §9.2
    welcomeSecret.wipe();
    for (const { pathSecret } of added) {
      pathSecret?.wipe();
    }
  }
}
