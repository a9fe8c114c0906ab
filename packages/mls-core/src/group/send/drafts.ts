import {
  bigintArgument,
  bytesArgument,
  choiceArgument,
  equalBytes,
  isBytes,
  MlsError,
  numberArgument,
  optionsArgument,
  type Signer,
  signerArgument,
} from "@openmls-ts/traits";
import {
  capabilitiesArgument,
  credentialWithKeyArgument,
  type Environment,
  extensionsArgument,
  structArgument,
} from "../../feature/index.ts";
import { type KeyPackage, keyPackageArgument } from "../../key-package/index.ts";
import { ProposalType, ProtocolVersion, PskType, ResumptionPskUsage } from "../../registry.ts";
import type { RatchetTree } from "../../tree/ratchet-tree.ts";
import {
  type Capabilities,
  type Credential,
  credential as credentialCodec,
  type CredentialWithKey,
  encodeCredential,
  type Extension,
  type Proposal,
  proposal as proposalCodec,
  preSharedKeyId,
  type PskName,
  usePsk,
} from "../../wire/index.ts";

/** What may change in a leaf that its member replaces. Omitted fields stay as they are. */
export interface LeafNodeParameters {
  /** A new credential, with the key of the signer given along. */
  readonly credentialWithKey?: CredentialWithKey;
  /** Added to what follows from crypto provider and features. */
  readonly capabilities?: Partial<Capabilities>;
  readonly extensions?: readonly Extension[];
}

/** A member, by leaf index, as an object that has one, or by credential. */
export type MemberChoice =
  number | { readonly leafIndex: number } | Credential | { readonly credential: Credential };

/** A proposal to be made: what depends on the group, such as nonces and new keys, is filled in by it. */
export type ProposalDraft =
  | { readonly draft: "proposal"; readonly proposal: Proposal }
  | { readonly draft: "add"; readonly keyPackage: KeyPackage | Uint8Array }
  | { readonly draft: "remove"; readonly member: MemberChoice }
  | { readonly draft: "psk"; readonly psk: PskName }
  | {
      readonly draft: "update";
      readonly parameters: LeafNodeParameters;
      readonly newSigner: Signer | undefined;
    };

/** Names a resumption PSK of a group. */
export interface ResumptionPskChoice {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
}

/** What a group is to be replaced by (RFC 9420 §12.1.5). */
export interface ReInitChoice {
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly version?: number;
  readonly extensions?: readonly Extension[];
}

/** Makers of proposals, for `group.propose(signer, …)` and `group.commit().propose(…)`. */
export const proposals = {
  /** Adds a member (RFC 9420 §12.1.1). @param keyPackage verified, or an MLSMessage, verified where it is used */
  add: (keyPackage: KeyPackage | Uint8Array): ProposalDraft => ({
    draft: "add",
    keyPackage: isBytes(keyPackage) ? bytesArgument("keyPackage", keyPackage) : keyPackage,
  }),
  /** Removes a member (RFC 9420 §12.1.3). */
  remove: (member: MemberChoice): ProposalDraft => ({ draft: "remove", member: memberArgument(member) }),
  /** Replaces this member's leaf without a commit (RFC 9420 §12.1.2). @param newSigner when the signature key changes */
  update: (parameters: LeafNodeParameters = {}, newSigner?: Signer): ProposalDraft => ({
    draft: "update",
    parameters: leafNodeParametersArgument(parameters),
    newSigner: newSigner === undefined ? undefined : signerArgument(newSigner, "newSigner"),
  }),
  /** Injects a PSK that all members have stored (RFC 9420 §12.1.4), with a fresh nonce. @param pskId 1 to 1024 bytes */
  externalPsk: (pskId: Uint8Array): ProposalDraft => ({
    draft: "psk",
    psk: { pskType: PskType.external, pskId: bytesArgument("pskId", pskId) },
  }),
  /** Injects the resumption PSK of an epoch (RFC 9420 §8.6), with a fresh nonce. */
  resumptionPsk: (choice: ResumptionPskChoice): ProposalDraft => {
    const { groupId, epoch } = optionsArgument("resumptionPsk", choice, ["groupId", "epoch"]);
    const psk = {
      pskType: PskType.resumption,
      usage: ResumptionPskUsage.application,
      pskGroupId: bytesArgument("groupId", groupId),
      pskEpoch: bigintArgument("epoch", epoch),
    };
    return { draft: "psk", psk };
  },
  /** Injects a PSK by its name, of any type, with a fresh nonce. */
  psk: (psk: PskName): ProposalDraft => ({ draft: "psk", psk: pskArgument(psk) }),
  /** Replaces all extensions of the GroupContext (RFC 9420 §12.1.7). */
  groupContextExtensions: (extensions: readonly Extension[]): ProposalDraft => ({
    draft: "proposal",
    proposal: {
      proposalType: ProposalType.groupContextExtensions,
      extensions: extensionsArgument("extensions", extensions),
    },
  }),
  /** Replaces the group by another one (RFC 9420 §12.1.5). */
  reinit: (choice: ReInitChoice): ProposalDraft => {
    const given = optionsArgument("reinit", choice, ["groupId", "cipherSuite", "version", "extensions"]);
    const { version = ProtocolVersion.mls10, extensions = [] } = given;
    return {
      draft: "proposal",
      proposal: {
        proposalType: ProposalType.reinit,
        groupId: bytesArgument("groupId", given.groupId),
        cipherSuite: numberArgument("cipherSuite", given.cipherSuite, 0, 0xffff),
        version: numberArgument("version", version, 0, 0xffff),
        extensions: extensionsArgument("extensions", extensions),
      },
    };
  },
} as const;

/** @throws MlsError `ERR_MLS_USAGE` */
export function leafNodeParametersArgument(given: LeafNodeParameters | undefined): LeafNodeParameters {
  const parameters = optionsArgument<LeafNodeParameters>("leafNodeParameters", given, [
    "credentialWithKey",
    "capabilities",
    "extensions",
  ]);
  const { credentialWithKey, capabilities, extensions } = parameters;
  return {
    ...(credentialWithKey === undefined
      ? {}
      : { credentialWithKey: credentialWithKeyArgument("credentialWithKey", credentialWithKey) }),
    ...(capabilities === undefined ? {} : { capabilities: capabilitiesArgument(capabilities) }),
    ...(extensions === undefined ? {} : { extensions: extensionsArgument("extensions", extensions) }),
  };
}

/** A draft, or a proposal that is one as it is. @throws MlsError `ERR_MLS_USAGE` */
export function draftArgument(value: ProposalDraft | Proposal): ProposalDraft {
  const given = value as (Partial<ProposalDraft> & Partial<Proposal>) | null | undefined;
  if (given?.draft !== undefined) {
    choiceArgument("proposal.draft", given.draft, ["proposal", "add", "remove", "psk", "update"]);
    const draft = value as ProposalDraft; // made again, so that what becomes of it later is of no effect
    switch (draft.draft) {
      case "add":
        return proposals.add(draft.keyPackage);
      case "remove":
        return proposals.remove(draft.member);
      case "psk":
        return proposals.psk(draft.psk);
      case "update":
        return proposals.update(draft.parameters, draft.newSigner);
      case "proposal":
        return draftArgument(draft.proposal);
    }
  }
  if (given?.proposalType === ProposalType.update) {
    throw new MlsError(
      "ERR_MLS_USAGE",
      "an Update is made by proposals.update(): its key must be known here",
    );
  }
  return { draft: "proposal", proposal: structArgument("proposal", proposalCodec, value as Proposal) };
}

/** A copy of a PSK's name. @throws MlsError `ERR_MLS_USAGE` */
export function pskArgument(value: PskName): PskName {
  return structArgument("psk", preSharedKeyId, { ...value, pskNonce: new Uint8Array() });
}

/** A copy of what names a member. @throws MlsError `ERR_MLS_USAGE` */
function memberArgument(value: MemberChoice): MemberChoice {
  const given = value as unknown;
  if (typeof given !== "object" || given === null) {
    return numberArgument("member", given, 0, 0xffff_ffff);
  }
  return "leafIndex" in given
    ? { leafIndex: numberArgument("member.leafIndex", given.leafIndex, 0, 0xffff_ffff) }
    : structArgument(
        "member",
        credentialCodec,
        ("credential" in given ? given.credential : given) as Credential,
      );
}

/** The leaf index of a chosen member. @throws MlsError `ERR_MLS_USAGE` when there is not exactly one such member */
export function memberIndex(tree: RatchetTree | undefined, member: MemberChoice): number {
  if (typeof member === "number" || "leafIndex" in member) {
    return typeof member === "number" ? member : member.leafIndex;
  }
  if (tree === undefined) {
    throw new MlsError("ERR_MLS_USAGE", "who is not in the group names a member by leaf index");
  }
  const credential = "credential" in member ? member.credential : member;
  const encoded = encodeCredential(credential);
  const found = [...tree.members()].filter(([, leaf]) =>
    equalBytes(encodeCredential(leaf.credential), encoded),
  );
  if (found.length !== 1) {
    throw new MlsError(
      "ERR_MLS_USAGE",
      `${found.length} members have this credential: name one by leaf index`,
    );
  }
  return found[0]![0];
}

/** The proposal that a draft stands for in a group, or for one that is seen from outside; an Update is made elsewhere. @throws MlsError `ERR_MLS_USAGE` */
export function resolveDraft(
  { suite, provider }: Environment,
  tree: RatchetTree | undefined,
  draft: Exclude<ProposalDraft, { readonly draft: "update" }>,
): Proposal {
  switch (draft.draft) {
    case "add": {
      const keyPackage = keyPackageArgument(provider, "keyPackage", draft.keyPackage);
      return { proposalType: ProposalType.add, keyPackage };
    }
    case "remove":
      return { proposalType: ProposalType.remove, removed: memberIndex(tree, draft.member) };
    case "psk":
      return { proposalType: ProposalType.psk, psk: usePsk(suite, draft.psk) };
    case "proposal":
      return draft.proposal;
  }
}
