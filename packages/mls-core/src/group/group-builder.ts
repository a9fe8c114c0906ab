import type { MlsProvider, Signer } from "@openmls-ts/traits";
import type { AlsoWrite, MlsGroupConfig } from "../store/index.ts";
import type { Capabilities, CredentialWithKey, Extension, Lifetime } from "../wire/index.ts";
import type { GroupCreation } from "./create-group.ts";

/** Makes a group of a creator's choices. */
export type CreateGroup<G> = (
  provider: MlsProvider,
  signer: Signer,
  owner: CredentialWithKey,
  creation: GroupCreation<G>,
) => Promise<G>;

/** Collects the choices for a new group (RFC 9420 §11). */
export class MlsGroupBuilder<G> {
  readonly #create: CreateGroup<G>;
  #creation: GroupCreation<G>;

  /** @internal `MlsGroup.builder` makes one. */
  constructor(create: CreateGroup<G>, cipherSuite = 1) {
    this.#create = create;
    this.#creation = { cipherSuite };
  }

  /** Code point of the cipher suite (RFC 9420 §17.1). Default: 1. */
  cipherSuite(cipherSuite: number): this {
    return this.#with({ cipherSuite });
  }

  /** Default: random, Nh bytes. */
  groupId(groupId: Uint8Array): this {
    return this.#with({ groupId });
  }

  /** How the group behaves on this client. */
  config(config: Partial<MlsGroupConfig>): this {
    return this.#with({ config });
  }

  /** Extensions of the GroupContext, the same for all members. */
  groupContextExtensions(extensions: readonly Extension[]): this {
    return this.#with({ extensions });
  }

  /** What the creator's leaf lists beside what crypto provider and features can do. */
  capabilities(capabilities: Partial<Capabilities>): this {
    return this.#with({ capabilities });
  }

  /** Extensions of the creator's leaf. */
  leafNodeExtensions(leafNodeExtensions: readonly Extension[]): this {
    return this.#with({ leafNodeExtensions });
  }

  /** How long the creator's leaf is valid. Default: as that of a KeyPackage. */
  lifetime(lifetime: Lifetime): this {
    return this.#with({ lifetime });
  }

  /** Records of the application for the same batch. */
  alsoWrite(alsoWrite: AlsoWrite<G>): this {
    return this.#with({ alsoWrite });
  }

  /** Creates the group and stores it. @throws MlsError `ERR_MLS_GROUP_EXISTS`, `ERR_MLS_STORAGE` */
  async build(provider: MlsProvider, signer: Signer, credentialWithKey: CredentialWithKey): Promise<G> {
    return this.#create(provider, signer, credentialWithKey, this.#creation);
  }

  #with(choice: Partial<GroupCreation<G>>): this {
    this.#creation = { ...this.#creation, ...choice };
    return this;
  }
}
