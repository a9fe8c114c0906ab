import {
  type CommitBuilder,
  type Extension,
  type ExternalJoinOptions,
  type KeyPackage,
  MlsGroup,
  type MlsGroupConfig,
  type ProposalResult,
  proposals,
  StagedWelcome,
  storeExternalPsk,
} from "@openmls-ts/mls-core";
import { bytesToHex, equalBytes } from "@openmls-ts/traits";
import type { Draw } from "./draw.ts";
import type { Person } from "./person.ts";

/** How the group of a history behaves. */
export interface HistoryOptions {
  readonly config?: Partial<MlsGroupConfig>;
  readonly extensions?: readonly Extension[];
}

interface Epoch {
  readonly proposals: readonly string[];
  readonly commit: string;
  readonly epoch_authenticator: string;
}

const RESUMABLE = { resumptionPskEpochs: 100 };

/** A group of live members, of which everything is written down that a passive client would see. */
export class History {
  readonly #config: Partial<MlsGroupConfig>;
  readonly #groups: Map<Person, MlsGroup>;
  readonly #epochs: Epoch[] = [];
  #proposals: Uint8Array[] = [];
  #adoptions: (() => void)[] = [];
  #watcher: object | undefined;
  #lastWelcome: Uint8Array | undefined;
  readonly #psks: { readonly id: Uint8Array; readonly psk: Uint8Array }[] = [];

  private constructor(groups: Map<Person, MlsGroup>, config: Partial<MlsGroupConfig>) {
    this.#groups = groups;
    this.#config = config;
  }

  static async start(creator: Person, draw: Draw, options: HistoryOptions = {}): Promise<History> {
    const config = { ...RESUMABLE, ...options.config };
    const { provider, signer, credentialWithKey, capabilities } = creator;
    const group = await MlsGroup.create(provider, signer, credentialWithKey, {
      cipherSuite: creator.suite,
      groupId: draw.bytes(16),
      config,
      extensions: options.extensions ?? [],
      capabilities,
    });
    return new History(new Map([[creator, group]]), config);
  }

  group(person: Person): MlsGroup {
    const group = this.#groups.get(person);
    if (group === undefined) {
      throw new Error(`${person.name} is not in the group`);
    }
    return group;
  }

  /** Gives a PSK to these people and to the passive client. */
  async sharePsk(id: Uint8Array, psk: Uint8Array, people: readonly Person[]): Promise<void> {
    this.#psks.push({ id, psk });
    for (const { provider } of people) {
      await storeExternalPsk(provider.storage, id, psk);
    }
  }

  /** The passive client is added by the commit, and everything after that is its history. */
  async watch(watcher: Person, by: Person, build: (builder: CommitBuilder) => CommitBuilder): Promise<void> {
    const keyPackage = await watcher.keyPackage();
    const fields = await watcher.keyPackageFields(keyPackage);
    await this.commit(by, (builder) => build(builder.addMembers([keyPackage])));
    this.#watcher = joining(fields, this.#lastWelcome, this.group(by));
    this.#epochs.length = 0;
  }

  /** A proposal of a member. */
  async propose(
    by: Person,
    make: (group: MlsGroup, person: Person) => Promise<ProposalResult>,
  ): Promise<void> {
    const { message } = await make(this.group(by), by);
    await this.#deliverProposal(message, by);
  }

  /** A proposal for new keys, the signature key included; it takes effect with the next commit. */
  async proposeRotation(by: Person): Promise<void> {
    const { parameters, signer, adopt } = await by.rotation();
    await this.propose(by, async (group) => group.propose(by.signer, proposals.update(parameters, signer)));
    this.#adoptions.push(adopt);
  }

  /** A proposal of somebody who is not in the group. */
  async proposeFromOutside(message: Uint8Array): Promise<void> {
    await this.#deliverProposal(message);
  }

  /** A commit, delivered to everybody. Newcomers that have a KeyPackage in it join. */
  async commit(
    by: Person,
    build: (builder: CommitBuilder) => CommitBuilder = (builder) => builder,
    newcomers: readonly Person[] = [],
  ): Promise<void> {
    const group = this.group(by);
    const { commit } = await build(group.commitBuilder()).build(by.signer);
    await this.#deliverCommit(commit, by);
    const { welcome } = await group.mergePendingCommit();
    this.#lastWelcome = welcome;
    for (const newcomer of newcomers) {
      await this.#join(newcomer, welcome, group);
    }
    this.#record(commit, group);
  }

  /** A commit that replaces the committer's signature key too. */
  async commitRotation(by: Person, build: (builder: CommitBuilder) => CommitBuilder): Promise<void> {
    const { parameters, signer, adopt } = await by.rotation();
    await this.commit(by, (builder) => build(builder).leafNodeParameters(parameters, signer));
    adopt();
  }

  /** Somebody joins from outside; a member who does so has lost its state and comes back. */
  async joinFromOutside(
    by: Person,
    helper: Person,
    options: Pick<ExternalJoinOptions, "psks" | "authenticatedData"> = {},
  ): Promise<void> {
    await this.#groups.get(by)?.delete();
    this.#groups.delete(by);
    const join = await MlsGroup.joinByExternalCommit(by.provider, by.signer, {
      groupInfo: await this.group(helper).exportGroupInfo(helper.signer, { ratchetTree: true }),
      credentialWithKey: by.credentialWithKey,
      capabilities: by.capabilities,
      config: this.#config,
      ...options,
    });
    await this.#deliverCommit(join.commit, by);
    const group = await join.intoGroup();
    this.#groups.set(by, group);
    this.#record(join.commit, group);
  }

  /** The case, as far as it has been recorded. @param further fields of other formats */
  vector(further: object = {}): object {
    if (this.#watcher === undefined) {
      throw new Error("nobody watches");
    }
    const external_psks = this.#psks.map(({ id, psk }) => ({ psk_id: bytesToHex(id), psk: bytesToHex(psk) }));
    return { ...this.#watcher, external_psks, epochs: this.#epochs, ...further };
  }

  async #deliverProposal(message: Uint8Array, except?: Person): Promise<void> {
    for (const [person, group] of this.#groups) {
      if (person !== except) {
        const received = await group.processMessage(message);
        if (received.kind !== "proposal") {
          throw new Error(`expected a proposal, not ${received.kind}`);
        }
        if (!received.stored) {
          await group.storePendingProposal(received);
        }
      }
    }
    this.#proposals.push(message);
  }

  async #deliverCommit(commit: Uint8Array, except: Person): Promise<void> {
    for (const [person, group] of this.#groups) {
      if (person !== except) {
        const received = await group.processMessage(commit);
        if (received.kind !== "commit") {
          throw new Error(`expected a commit, not ${received.kind}`);
        }
        await group.mergeStagedCommit(received.stagedCommit);
        if (received.stagedCommit.selfRemoved) {
          this.#groups.delete(person);
        }
      }
    }
  }

  async #join(newcomer: Person, welcome: Uint8Array | undefined, from: MlsGroup): Promise<void> {
    if (welcome === undefined) {
      throw new Error("no Welcome");
    }
    const staged = await StagedWelcome.fromWelcome(newcomer.provider, welcome, {
      config: this.#config,
      ratchetTree: from.exportRatchetTree(),
    });
    this.#groups.set(newcomer, await staged.intoGroup());
  }

  // Proposals are written down in the reverse of the order in which they were sent: a delivery service may do that.
  #record(commit: Uint8Array, group: MlsGroup): void {
    const { epochAuthenticator } = group;
    for (const [{ name }, other] of this.#groups) {
      if (!equalBytes(other.epochAuthenticator, epochAuthenticator)) {
        throw new Error(`${name} is in another state`);
      }
    }
    for (const adopt of this.#adoptions) {
      adopt();
    }
    this.#epochs.push({
      proposals: this.#proposals.reverse().map((message) => bytesToHex(message)),
      commit: bytesToHex(commit),
      epoch_authenticator: bytesToHex(epochAuthenticator),
    });
    this.#adoptions = [];
    this.#proposals = [];
  }
}

/**
 * What the passive client needs to join.
 * @param fields those of its KeyPackage @param group of the member who sent the Welcome
 */
export function joining(fields: object, welcome: Uint8Array | undefined, group: MlsGroup): object {
  if (welcome === undefined) {
    throw new Error("no Welcome");
  }
  return {
    cipher_suite: group.cipherSuite,
    external_psks: [],
    ...fields,
    welcome: bytesToHex(welcome),
    ratchet_tree: group.config.ratchetTreeExtension ? null : bytesToHex(group.exportRatchetTree()),
    initial_epoch_authenticator: bytesToHex(group.epochAuthenticator),
    epochs: [],
  };
}

/** KeyPackages of several people. */
export async function keyPackagesOf(people: readonly Person[]): Promise<KeyPackage[]> {
  return Promise.all(people.map(async (person) => person.keyPackage()));
}
