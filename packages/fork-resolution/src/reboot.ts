import {
  type CommitBuilder,
  type CredentialWithKey,
  type Extension,
  type KeyPackage,
  type Member,
  type MergedCommit,
  MlsGroup,
  type MlsGroupBuilder,
} from "@openmls-ts/mls-core";
import {
  bytesArgument,
  functionArgument,
  listArgument,
  optionsArgument,
  type MlsProvider,
  type Signer,
} from "@openmls-ts/traits";
import { groupArgument } from "./readd.ts";

/** Who begins the new group, and with whom. */
export interface RebootChoices {
  readonly provider: MlsProvider;
  readonly signer: Signer;
  readonly credentialWithKey: CredentialWithKey;
  /** Of the new group's context: those of the old one that still fit. */
  readonly extensions: readonly Extension[];
  /** New ones of everybody else who is to be in it: verified, or MLSMessages. */
  readonly keyPackages: readonly (KeyPackage | Uint8Array)[];
  /** Further choices for the commit that adds them. */
  readonly refineCommit?: (commit: CommitBuilder) => CommitBuilder;
}

const KEYS = [
  "provider",
  "signer",
  "credentialWithKey",
  "extensions",
  "keyPackages",
  "refineCommit",
] as const;

/** The new group, at epoch 1, and what its members need to join. */
export interface Rebooted extends Pick<MergedCommit, "welcome" | "welcomed"> {
  readonly group: MlsGroup;
}

/** A group that is to take the place of a forked one. */
export class Reboot {
  readonly #old: MlsGroup;
  readonly #groupId: Uint8Array;
  #refine: (builder: MlsGroupBuilder<MlsGroup>) => MlsGroupBuilder<MlsGroup> = (builder) => builder;

  /** @internal `reboot` makes one. */
  constructor(old: MlsGroup, groupId: Uint8Array) {
    this.#old = groupArgument(old);
    this.#groupId = bytesArgument("groupId", groupId);
  }

  /** The GroupContext extensions of the old group, to be taken over or changed: some may name the old group. */
  get oldExtensions(): readonly Extension[] {
    return this.#old.extensions;
  }

  /** The other members of the old group as this one sees them. */
  get oldMembers(): readonly Member[] {
    return this.#old.members().filter(({ leafIndex }) => leafIndex !== this.#old.ownLeafIndex);
  }

  /** Changes how the group is made: by default of the old one's cipher suite and configuration. */
  refineGroup(refine: (builder: MlsGroupBuilder<MlsGroup>) => MlsGroupBuilder<MlsGroup>): this {
    this.#refine = functionArgument("refine", refine);
    return this;
  }

  /**
   * Makes the group and adds the others. The old one stays; delete it when everybody has moved. A call that fails leaves
   * no group behind.
   * @throws MlsError `ERR_MLS_GROUP_EXISTS`, and as creating a group and adding members
   */
  async finish(choices: RebootChoices): Promise<Rebooted> {
    const { provider, signer, credentialWithKey, extensions, keyPackages, refineCommit } = optionsArgument(
      "choices",
      choices,
      KEYS,
    );
    const others = listArgument("keyPackages", keyPackages);
    const builder = MlsGroup.builder()
      .cipherSuite(this.#old.cipherSuite)
      .config(this.#old.config)
      .groupId(this.#groupId)
      .groupContextExtensions(extensions);
    const group = await this.#refine(builder).build(provider, signer, credentialWithKey);
    try {
      const commit = group.commit().addMembers(others);
      await (refineCommit?.(commit) ?? commit).build(signer);
      const { welcome, welcomed } = await group.mergePendingCommit();
      return { group, welcome, welcomed };
    } catch (error) {
      await group.delete();
      throw error;
    }
  }
}

/**
 * Prepares a new group with the settings and members of this one, for forks where nobody can say who is in which state.
 * More expensive than adding again: everybody needs a new key package, and the application says who does it, and what
 * becomes of the extensions. Nothing links the new group to the old one (RFC 9420 §11.2 would need one state to start from).
 * @param groupId of the new group @throws MlsError `ERR_MLS_USAGE`
 */
export function reboot(old: MlsGroup, groupId: Uint8Array): Reboot {
  return new Reboot(old, groupId);
}
