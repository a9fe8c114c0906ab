import { bytesArgument, deepCopy, type MlsProvider, optionsArgument, type Signer } from "@openmls-ts/traits";
import type { AlsoWrite, MlsGroupConfig } from "../../store/index.ts";
import type {
  Capabilities,
  CredentialWithKey,
  CustomProposal,
  Extension,
  GroupContext,
  LeafNode,
  PskName,
} from "../../wire/index.ts";
import { watchOf, WORK_OPTIONS, type WorkOptions } from "../../work.ts";
import { type Member, membersOf } from "../member.ts";
import { type MemberChoice, memberIndex } from "../send/drafts.ts";
import { type StagedExternalJoin, stageExternalJoin, type Wrap } from "../staged-external-join.ts";
import type { ExternalJoinOptions } from "./external-join.ts";
import { openGroupInfo, type OpenedGroupInfo } from "./open-group-info.ts";
import { smallExtensions } from "./stage-welcome.ts";

type Choices = Omit<ExternalJoinOptions, "groupInfo" | "credentialWithKey" | keyof WorkOptions>;

/**
 * A group that could be joined from outside, as its verified GroupInfo shows it, and the choices for the commit that joins
 * it (RFC 9420 §12.4.3.2).
 */
export class ExternalCommitBuilder<G> {
  readonly #provider: MlsProvider;
  readonly #opened: OpenedGroupInfo;
  readonly #groupInfo: Uint8Array;
  readonly #wrap: Wrap<G>;
  #choices: Choices = {};
  #work: WorkOptions = {};
  #alsoWrite: AlsoWrite<StagedExternalJoin<G>> | undefined;

  /** @internal `MlsGroup.externalCommitBuilder` makes one. */
  constructor(provider: MlsProvider, opened: OpenedGroupInfo, groupInfo: Uint8Array, wrap: Wrap<G>) {
    this.#provider = provider;
    this.#opened = opened;
    this.#groupInfo = groupInfo;
    this.#wrap = wrap;
  }

  get groupContext(): GroupContext {
    return deepCopy(this.#opened.info.groupContext);
  }

  /** Leaf index of the member who signed the GroupInfo. */
  get sender(): number {
    return this.#opened.info.signer;
  }

  /** What that member put into it, less the ratchet tree. */
  get groupInfoExtensions(): readonly Extension[] {
    return deepCopy(smallExtensions(this.#opened.info));
  }

  /** The members from left to right. */
  members(): Member[] {
    return membersOf(this.#opened.tree);
  }

  /** The leaf of a member, or `undefined`. */
  leafNode(leafIndex: number): LeafNode | undefined {
    return deepCopy(this.#opened.tree.leaf(leafIndex));
  }

  /** How the group behaves on this client. */
  config(config: Partial<MlsGroupConfig>): this {
    return this.#with({ config });
  }

  /** What the new leaf lists and carries. */
  leafNodeParameters(parameters: {
    readonly capabilities?: Partial<Capabilities>;
    readonly extensions?: readonly Extension[];
  }): this {
    const { capabilities, extensions: leafNodeExtensions } = parameters;
    return this.#with({
      ...(capabilities === undefined ? {} : { capabilities }),
      ...(leafNodeExtensions === undefined ? {} : { leafNodeExtensions }),
    });
  }

  /** Mixes PSKs into the key schedule, which this client and the members have stored. */
  injectPsks(...psks: readonly PskName[]): this {
    return this.#with({ psks: [...(this.#choices.psks ?? []), ...psks] });
  }

  /**
   * Removes an older appearance of this client by the same commit. Default: the leaf of the same signature key, or the leaf
   * that the group of this id in the store has.
   * @throws MlsError `ERR_MLS_USAGE` when there is not exactly one such member
   */
  resync(member: MemberChoice): this {
    return this.#with({ resync: memberIndex(this.#opened.tree, member) });
  }

  /** Proposals of members that the commit must name, as MLSMessages: those who leave, for example. */
  proposals(...messages: readonly Uint8Array[]): this {
    return this.#with({ proposals: [...(this.#choices.proposals ?? []), ...messages] });
  }

  /** Further proposals by value, of features that allow it. */
  propose(...proposals: readonly CustomProposal[]): this {
    return this.#with({ propose: [...(this.#choices.propose ?? []), ...proposals] });
  }

  /** Data sent in the clear with the commit, authenticated by it. */
  authenticatedData(authenticatedData: Uint8Array): this {
    return this.#with({ authenticatedData });
  }

  /** For commits that take long. @throws MlsError `ERR_MLS_USAGE`; building, `ERR_MLS_ABORTED` */
  work(options: WorkOptions): this {
    const given = optionsArgument<WorkOptions>("options", options, WORK_OPTIONS);
    watchOf(given);
    this.#work = given;
    return this;
  }

  /** Records of the application for the same batch. */
  alsoWrite(alsoWrite: AlsoWrite<StagedExternalJoin<G>>): this {
    this.#alsoWrite = alsoWrite;
    return this;
  }

  /** Makes the commit, which waits in the store until it is accepted. @throws MlsError as `MlsGroup.joinByExternalCommit` */
  async build(signer: Signer, credentialWithKey: CredentialWithKey): Promise<StagedExternalJoin<G>> {
    const options = {
      ...this.#choices,
      ...this.#work,
      groupInfo: this.#groupInfo,
      credentialWithKey,
      ...(this.#alsoWrite === undefined ? {} : { alsoWrite: this.#alsoWrite }),
    };
    return stageExternalJoin(this.#provider, signer, options, this.#wrap, this.#opened);
  }

  #with(choices: Choices): this {
    this.#choices = { ...this.#choices, ...deepCopy(choices) };
    return this;
  }
}

/** Verifies a GroupInfo, and begins a commit on it. @throws MlsError */
export async function externalCommitBuilder<G>(
  provider: MlsProvider,
  groupInfo: Uint8Array,
  ratchetTree: Uint8Array | undefined,
  options: WorkOptions | undefined,
  wrap: Wrap<G>,
): Promise<ExternalCommitBuilder<G>> {
  const bytes = bytesArgument("groupInfo", groupInfo);
  const watch = watchOf(optionsArgument("options", options, WORK_OPTIONS));
  const opened = await openGroupInfo(provider, bytes, ratchetTree, watch);
  return new ExternalCommitBuilder(provider, opened, bytes, wrap);
}
