import type { MlsProvider, Signer } from "@openmls-ts/traits";
import { type Capabilities, type CredentialWithKey, type Extension } from "../wire/index.ts";
import type { MlsGroupConfig } from "./config.ts";
import type { GroupCreation } from "./create-group.ts";
import { MlsGroup } from "./mls-group.ts";

/** Collects the choices for a new group (RFC 9420 §11). */
export class MlsGroupBuilder {
  #creation: GroupCreation;

  constructor(cipherSuite = 1) {
    this.#creation = { cipherSuite };
  }

  /** Code point of the cipher suite (RFC 9420 §17.1). Default: 1. */
  cipherSuite(cipherSuite: number): this {
    this.#creation = { ...this.#creation, cipherSuite };
    return this;
  }

  /** Default: random, Nh bytes. */
  groupId(groupId: Uint8Array): this {
    this.#creation = { ...this.#creation, groupId };
    return this;
  }

  /** How the group behaves on this client. */
  config(config: Partial<MlsGroupConfig>): this {
    this.#creation = { ...this.#creation, config };
    return this;
  }

  /** Extensions of the GroupContext, the same for all members. */
  groupContextExtensions(extensions: readonly Extension[]): this {
    this.#creation = { ...this.#creation, extensions };
    return this;
  }

  /** What the creator's leaf says it supports. */
  capabilities(capabilities: Capabilities): this {
    this.#creation = { ...this.#creation, capabilities };
    return this;
  }

  /** Extensions of the creator's leaf. */
  leafNodeExtensions(leafNodeExtensions: readonly Extension[]): this {
    this.#creation = { ...this.#creation, leafNodeExtensions };
    return this;
  }

  /** Creates the group and stores it. @throws MlsError `ERR_MLS_GROUP_EXISTS`, `ERR_MLS_STORAGE` */
  async build(
    provider: MlsProvider,
    signer: Signer,
    credentialWithKey: CredentialWithKey,
  ): Promise<MlsGroup> {
    return MlsGroup.create(provider, signer, credentialWithKey, this.#creation);
  }
}
