import {
  deepCopy,
  listArgument,
  MlsError,
  optionsArgument,
  type Signer,
  signerArgument,
} from "@openmls-ts/traits";
import { credentialWithKeyArgument } from "../feature/index.ts";
import type { KeyPackage } from "../key-package/index.ts";
import { PskType, ResumptionPskUsage } from "../registry.ts";
import {
  type AlsoWrite,
  alsoWriteArgument,
  leavesAt,
  type MemberState,
  type MlsGroupConfig,
  type WriteOptions,
} from "../store/index.ts";
import { checkLink } from "../welcome/index.ts";
import type { Capabilities, CredentialWithKey, Extension, Lifetime, ResumptionPskId } from "../wire/index.ts";
import { buildCommit } from "./commit/build-commit.ts";
import { mergeMember } from "./commit/merge.ts";
import { createGroup, type GroupCreation } from "./create-group.ts";
import { type GroupHandle, requireActive } from "./handle.ts";
import { type ProposalDraft, proposals } from "./send/drafts.ts";

/** Who goes over into a group that continues another one, and how. */
export interface LinkedGroupMembers {
  readonly signer: Signer;
  readonly credentialWithKey: CredentialWithKey;
  /** One of each other member, of the new group's cipher suite: verified, or MLSMessages. */
  readonly keyPackages: readonly (KeyPackage | Uint8Array)[];
  readonly config?: Partial<MlsGroupConfig>;
  readonly capabilities?: Partial<Capabilities>;
  readonly leafNodeExtensions?: readonly Extension[];
  readonly lifetime?: Lifetime;
}

/** What a branched group may have of its own. */
export interface BranchOptions extends LinkedGroupMembers {
  /** Default: random, Nh bytes. */
  readonly groupId?: Uint8Array;
  /** Extensions of its GroupContext. Default: the old group's. */
  readonly extensions?: readonly Extension[];
}

/** A group that continues another one. */
export interface Continued {
  readonly handle: GroupHandle<MemberState>;
  readonly welcome: Uint8Array | undefined;
}

const MEMBERS = [
  "signer",
  "credentialWithKey",
  "keyPackages",
  "config",
  "capabilities",
  "leafNodeExtensions",
  "lifetime",
  "alsoWrite",
] as const;

/** What was chosen, as it is now. @throws MlsError `ERR_MLS_USAGE` */
export function linkedGroupArgument<L>(
  name: string,
  value: (LinkedGroupMembers | BranchOptions) & WriteOptions<L>,
  wrap: (continued: Continued) => L,
): Chosen<L> {
  const keys = name === "options" ? ([...MEMBERS, "groupId", "extensions"] as const) : MEMBERS;
  const { signer, credentialWithKey, keyPackages, alsoWrite, ...rest } = optionsArgument<
    BranchOptions & WriteOptions<L>
  >(name, value, keys);
  return {
    signer: signerArgument(signer),
    owner: credentialWithKeyArgument("credentialWithKey", credentialWithKey),
    drafts: listArgument("keyPackages", keyPackages).map((keyPackage) => proposals.add(keyPackage)),
    chosen: deepCopy(rest),
    alsoWrite: alsoWriteArgument(alsoWrite),
    wrap,
  };
}

/** {@link BranchOptions} that were looked at. */
interface Chosen<L> {
  readonly signer: Signer;
  readonly owner: CredentialWithKey;
  readonly drafts: readonly ProposalDraft[];
  readonly chosen: Omit<BranchOptions, "signer" | "credentialWithKey" | "keyPackages">;
  readonly alsoWrite: AlsoWrite<L> | undefined;
  readonly wrap: (continued: Continued) => L;
}

/** Creates the group, and in its first commit injects the linking PSK and adds the members (RFC 9420 §11.2, 11.3). */
async function continueIn<L>(
  from: GroupHandle<MemberState>,
  old: MemberState,
  usage: ResumptionPskId["usage"],
  target: Pick<GroupCreation, "cipherSuite" | "groupId" | "extensions">,
  { signer, owner, drafts, chosen, alsoWrite, wrap }: Chosen<L>,
): Promise<L> {
  if (old.config.resumptionPskEpochs === 0) {
    throw new MlsError(
      "ERR_MLS_USAGE",
      "without resumption PSKs (resumptionPskEpochs: 0) no group can follow",
    );
  }
  const signs = from.signer(signer);
  const { groupId, epoch, version, cipherSuite } = old.epoch.groupContext;
  const handle = await createGroup(from.env.provider, signs, owner, { ...chosen, ...target }, (made) => made);
  try {
    const link = { pskType: PskType.resumption, usage, pskGroupId: groupId, pskEpoch: epoch } as const;
    const built = await handle.transact(async (state, transaction) =>
      buildCommit(handle, state, transaction, signs, {
        proposals: [...drafts, proposals.psk(link)],
        forcePath: true,
        pskUsage: usage,
      }),
    );
    const { staged, secretTree, handout } = built.pending;
    const { next } = staged;
    // The same test that every joiner makes.
    await checkLink(handle.env, link, next.groupContext, next.tree, {
      version,
      cipherSuite,
      epoch,
      reinit: old.reinit,
      leavesAt: (at) => leavesAt(old.epoch.tree, old.pastLeaves, at),
    });
    return await handle.transact(async (state, transaction) => {
      mergeMember(handle, state, transaction, { staged, secretTree, spent: undefined });
      return wrap({ handle, welcome: handout.welcome });
    }, alsoWrite);
  } catch (error) {
    await handle.delete();
    throw error;
  }
}

/**
 * Builds the group that a committed ReInit announced, for all members of the old one (RFC 9420 §11.2).
 * @throws MlsError `ERR_MLS_USAGE` when no ReInit was committed, `ERR_MLS_VALIDATION` rule valn1413 when a member is
 *   missing
 */
export async function reinitializeGroup<L>(
  from: GroupHandle<MemberState>,
  old: MemberState,
  given: Chosen<L>,
): Promise<L> {
  const { reinit } = old;
  if (reinit === undefined) {
    throw new MlsError("ERR_MLS_USAGE", "no ReInit was committed in this group");
  }
  if (reinit.version !== old.epoch.groupContext.version) {
    throw new MlsError("ERR_MLS_UNSUPPORTED_VERSION", `protocol version ${reinit.version}`);
  }
  const { groupId, cipherSuite, extensions } = reinit;
  return continueIn(from, old, ResumptionPskUsage.reinit, { groupId, cipherSuite, extensions }, given);
}

/**
 * Builds a group of some members of this one, with the same parameters (RFC 9420 §11.3).
 * @throws MlsError `ERR_MLS_VALIDATION` rule valn1414 for somebody who is no member here
 */
export async function branchGroup<L>(
  from: GroupHandle<MemberState>,
  old: MemberState,
  given: Chosen<L>,
): Promise<L> {
  requireActive(old);
  const { cipherSuite, extensions: inherited } = old.epoch.groupContext;
  const { extensions = inherited } = given.chosen;
  return continueIn(from, old, ResumptionPskUsage.branch, { cipherSuite, extensions }, given);
}
