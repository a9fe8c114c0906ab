import { type MlsProvider, type Signer, violation } from "@openmls-ts/traits";
import { createCommit, epochState } from "../commit/index.ts";
import {
  type Capabilities,
  type CredentialWithKey,
  encodeMlsMessage,
  type Extension,
  externalPubOf,
  type PskName,
  usePsk,
} from "../wire/index.ts";
import { protectPublic } from "../protection/public-protection.ts";
import { externalInitSender } from "../key-schedule/index.ts";
import { proposalList, type QueuedProposal } from "../proposal/index.ts";
import { ProposalType, SenderType, WireFormat } from "../registry.ts";
import { defaultCapabilities } from "../tree/supported.ts";
import { PrivateTree } from "../treekem/private-tree.ts";
import { checkJoinerSupport } from "../welcome/index.ts";
import { Batch } from "./batch.ts";
import { groupConfig, type MlsGroupConfig } from "./config.ts";
import { GroupState } from "./group-state.ts";
import { checkNotMember } from "./join-group.ts";
import { openGroupInfo } from "./open-group-info.ts";
import { newSecretTree, storeNewGroup } from "./transitions.ts";

/** What joining from outside needs (RFC 9420 §12.4.3.2). */
export interface ExternalJoinOptions {
  /** A GroupInfo with external_pub, as an MLSMessage. */
  readonly groupInfo: Uint8Array;
  /** The encoded ratchet tree, where the GroupInfo does not hold it. */
  readonly ratchetTree?: Uint8Array;
  readonly credentialWithKey: CredentialWithKey;
  readonly config?: Partial<MlsGroupConfig>;
  readonly capabilities?: Capabilities;
  readonly leafNodeExtensions?: readonly Extension[];
  /** PSKs to inject, all of them stored. */
  readonly psks?: readonly PskName[];
  /**
   * Leaf index of an older appearance of this client, removed by the same commit ("resync"). Default: the leaf with the
   * same signature key, if there is one; it could not stay.
   */
  readonly resync?: number;
  readonly authenticatedData?: Uint8Array;
}

/** A commit that joins a group from outside, with the state it leads to. */
export interface ExternalJoin {
  readonly commit: Uint8Array;
  readonly state: GroupState;
}

/** Makes the external commit; stores nothing (RFC 9420 §12.4.3.2). @throws MlsError */
export async function prepareExternalJoin(
  provider: MlsProvider,
  signer: Signer,
  options: ExternalJoinOptions,
): Promise<ExternalJoin> {
  const { env, info, tree } = await openGroupInfo(provider, options.groupInfo, options.ratchetTree);
  const { suite } = env;
  const { groupContext } = info;
  const externalPub = externalPubOf(info.extensions);
  if (externalPub === undefined) {
    throw violation("rfc108", "the GroupInfo has no external_pub"); // RFC 9420 §12.4.3.2
  }
  await checkNotMember(provider, groupContext.groupId);
  const capabilities =
    options.capabilities ?? defaultCapabilities(await provider.crypto.supportedCipherSuites());
  checkJoinerSupport(groupContext, capabilities);
  const old = epochState(suite, { groupContext, tree, confirmationTag: info.confirmationTag });
  const { kemOutput, initSecret } = await externalInitSender(suite, externalPub);
  const sender = { senderType: SenderType.newMemberCommit } as const;
  const proposals: QueuedProposal["proposal"][] = [{ proposalType: ProposalType.externalInit, kemOutput }];
  const former = options.resync ?? tree.leafBySignatureKey(options.credentialWithKey.signatureKey);
  if (former !== undefined) {
    proposals.push({ proposalType: ProposalType.remove, removed: former });
  }
  for (const name of options.psks ?? []) {
    proposals.push({ proposalType: ProposalType.psk, psk: usePsk(suite, name) });
  }
  const afterRemove = tree.fork();
  if (former !== undefined) {
    afterRemove.removeLeaf(former);
  }
  const ownLeaf = afterRemove.leftmostBlankLeaf();
  const { credential, signatureKey } = options.credentialWithKey;
  const created = await createCommit(env, {
    old,
    privateTree: PrivateTree.create(ownLeaf),
    initSecret,
    committer: "external",
    list: proposalList(proposals.map((proposal) => ({ proposal, sender, reference: undefined }))),
    wireFormat: WireFormat.mlsPublicMessage, // RFC 9420 §6
    authenticatedData: options.authenticatedData ?? new Uint8Array(),
    forcePath: true,
    leaf: {
      signatureKey,
      credential,
      capabilities,
      extensions: options.leafNodeExtensions ?? [],
    },
    leafParameters: {},
    signer,
    newSigner: signer,
  });
  initSecret.wipe();
  created.joinerSecret.wipe();
  created.welcomeSecret.wipe();
  const publicMessage = protectPublic(suite, created.authenticated, undefined, undefined);
  const state = new GroupState({
    env,
    groupId: groupContext.groupId,
    ownLeaf,
    config: groupConfig(options.config),
    epoch: created.next,
    secretTree: newSecretTree(env, created.next),
  });
  return { commit: encodeMlsMessage({ wireFormat: WireFormat.mlsPublicMessage, publicMessage }), state };
}

/** Stores a group joined from outside, once its commit was accepted. @throws MlsError */
export async function storeExternalJoin({ state }: ExternalJoin): Promise<GroupState> {
  await checkNotMember(state.env.provider, state.records.groupId);
  await storeNewGroup(state, new Batch());
  return state;
}
