import { MlsError, type Signer } from "@openmls-ts/traits";
import {
  type CredentialWithKey,
  type Extension,
  type Proposal,
  type ResumptionPskId,
} from "../wire/index.ts";
import type { KeyPackage } from "../key-package/index.ts";
import { ProposalType, PskType, ResumptionPskUsage } from "../registry.ts";
import { checkLink } from "../welcome/index.ts";
import { buildCommit } from "./build-commit.ts";
import type { MlsGroupConfig } from "./config.ts";
import { createGroup } from "./create-group.ts";
import type { GroupState } from "./group-state.ts";
import { eraseGroup, mergeEpoch } from "./transitions.ts";

/** Who goes over into a group that continues another one, and how. */
export interface LinkedGroupMembers {
  readonly signer: Signer;
  readonly credentialWithKey: CredentialWithKey;
  /** One of each other member, of the new group's cipher suite. */
  readonly keyPackages: readonly KeyPackage[];
  readonly config?: Partial<MlsGroupConfig>;
}

/** What a branched group may have of its own. */
export interface BranchOptions extends LinkedGroupMembers {
  /** Default: random, Nh bytes. */
  readonly groupId?: Uint8Array;
  /** Extensions of its GroupContext. Default: the old group's. */
  readonly extensions?: readonly Extension[];
}

interface Target {
  readonly cipherSuite: number;
  readonly groupId?: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** Creates the group, and in its first commit injects the linking PSK and adds the members (RFC 9420 §11.2, 11.3). */
async function continueIn(
  old: GroupState,
  usage: ResumptionPskId["usage"],
  target: Target,
  members: LinkedGroupMembers,
): Promise<{ readonly state: GroupState; readonly welcome: Uint8Array | undefined }> {
  const { provider } = old.env;
  const { groupContext, tree } = old.epoch;
  const { signer, credentialWithKey, config } = members;
  const creation = { ...target, ...(config === undefined ? {} : { config }) };
  const state = await createGroup(provider, signer, credentialWithKey, creation);
  try {
    const link = {
      pskType: PskType.resumption,
      usage,
      pskGroupId: groupContext.groupId,
      pskEpoch: groupContext.epoch,
    } as const;
    const proposals: Proposal[] = members.keyPackages.map(({ fields }) => ({
      proposalType: ProposalType.add,
      keyPackage: fields,
    }));
    const pending = await buildCommit(state, signer, {
      proposals,
      psks: [link],
      forcePath: true,
      pskUsage: usage,
    });
    const { next } = pending.staged;
    // The same test that every joiner makes.
    await checkLink(state.env, link, next.groupContext, next.tree, {
      groupContext,
      tree,
      reinit: old.reinit,
    });
    await mergeEpoch(state, pending.staged, pending.secretTree);
    return { state, welcome: pending.handout.welcome };
  } catch (error) {
    await eraseGroup(state);
    throw error;
  }
}

/**
 * Builds the group that a committed ReInit announced, for all members of the old one (RFC 9420 §11.2).
 * @throws MlsError `ERR_MLS_USAGE` when no ReInit was committed, `ERR_MLS_VALIDATION` rule valn1413 when a member is
 *   missing
 */
export async function reinitializeGroup(
  old: GroupState,
  members: LinkedGroupMembers,
): Promise<{ readonly state: GroupState; readonly welcome: Uint8Array | undefined }> {
  const { reinit } = old;
  if (reinit === undefined) {
    throw new MlsError("ERR_MLS_USAGE", "no ReInit was committed in this group");
  }
  if (reinit.version !== old.epoch.groupContext.version) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_VERSION", `protocol version ${reinit.version}`);
  }
  const { groupId, cipherSuite, extensions } = reinit;
  return continueIn(old, ResumptionPskUsage.reinit, { groupId, cipherSuite, extensions }, members);
}

/**
 * Builds a group of some members of this one, with the same parameters (RFC 9420 §11.3).
 * @throws MlsError `ERR_MLS_VALIDATION` rule valn1414 for somebody who is no member here
 */
export async function branchGroup(
  old: GroupState,
  options: BranchOptions,
): Promise<{ readonly state: GroupState; readonly welcome: Uint8Array | undefined }> {
  old.requireActive();
  const { groupContext } = old.epoch;
  const extensions = options.extensions ?? groupContext.extensions;
  const target = {
    cipherSuite: groupContext.cipherSuite,
    extensions,
    ...(options.groupId === undefined ? {} : { groupId: options.groupId }),
  };
  return continueIn(old, ResumptionPskUsage.branch, target, options);
}
