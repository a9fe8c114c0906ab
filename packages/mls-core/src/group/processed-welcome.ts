import { bytesArgument, deepCopy, type MlsProvider } from "@openmls-ts/traits";
import { ExtensionType } from "../registry.ts";
import { type WriteOptions, writeOptions } from "../store/index.ts";
import { readWelcome, type WelcomeContent } from "../welcome/index.ts";
import type { Extension, GroupContext, PreSharedKeyId } from "../wire/index.ts";
import { declineWelcome, decodeWelcome, type JoinOptions, smallExtensions } from "./join/stage-welcome.ts";
import { StagedWelcome } from "./staged-welcome.ts";

/**
 * A Welcome that was read and not yet verified (RFC 9420 §12.4.3.1): for which KeyPackage and to which group, and what else
 * it takes to join. Costs two decryptions whatever the group's size; stores nothing and keeps no secret. What it says comes
 * from somebody who knows the KeyPackage, not certainly from a member.
 */
export class ProcessedWelcome {
  readonly #provider: MlsProvider;
  readonly #welcome: Uint8Array;
  readonly #content: WelcomeContent;
  /** Code point of the group's cipher suite. */
  readonly cipherSuite: number;

  private constructor(provider: MlsProvider, welcome: Uint8Array, content: WelcomeContent, suite: number) {
    this.#provider = provider;
    this.#welcome = welcome;
    this.#content = content;
    this.cipherSuite = suite;
  }

  /**
   * Reads a Welcome for one of this client's KeyPackages.
   * @param welcome an MLSMessage
   * @throws MlsError `ERR_MLS_NO_MATCHING_KEY_PACKAGE`, `ERR_MLS_DECRYPTION`, `ERR_MLS_DECODE`, `ERR_MLS_VALIDATION`,
   *   `ERR_MLS_USAGE`
   */
  static async fromWelcome(provider: MlsProvider, welcome: Uint8Array): Promise<ProcessedWelcome> {
    const bytes = bytesArgument("welcome", welcome);
    const { env, welcome: decoded } = await decodeWelcome(provider, bytes);
    return new ProcessedWelcome(env.provider, bytes, await readWelcome(env, decoded), env.suite.id);
  }

  /** The KeyPackage that the Welcome is for (RFC 9420 §5.2). */
  get keyPackageRef(): Uint8Array {
    return this.#content.keyPackageRef.slice();
  }

  /** Whether that KeyPackage is kept after a join. */
  get reusable(): boolean {
    return this.#content.reusable;
  }

  /** The PSKs that the group's present epoch is made with. */
  get psks(): readonly PreSharedKeyId[] {
    return deepCopy(this.#content.psks);
  }

  /** Those of them that this client does not have: store them, and read the Welcome again. */
  get missingPsks(): readonly PreSharedKeyId[] {
    return deepCopy(this.#content.missingPsks);
  }

  /** The state of the group; `undefined` where a PSK is missing, without which nobody can read it. */
  get groupContext(): GroupContext | undefined {
    return deepCopy(this.#content.groupInfo?.groupContext);
  }

  /** Leaf index of the member who sent the Welcome; `undefined` as above. */
  get sender(): number | undefined {
    return this.#content.groupInfo?.signer;
  }

  /** Whether the ratchet tree must be had from elsewhere; `undefined` as above. */
  get needsRatchetTree(): boolean | undefined {
    const tree = ExtensionType.ratchetTree;
    return this.#content.groupInfo?.extensions.every(({ extensionType }) => extensionType !== tree);
  }

  /** What the sender put into the GroupInfo, less the ratchet tree; `undefined` as above. */
  get groupInfoExtensions(): readonly Extension[] | undefined {
    const { groupInfo } = this.#content;
    return groupInfo === undefined ? undefined : deepCopy(smallExtensions(groupInfo));
  }

  /** Verifies the group that the Welcome leads to. @throws MlsError as `StagedWelcome.fromWelcome` */
  async intoStagedWelcome(options?: JoinOptions): Promise<StagedWelcome> {
    return StagedWelcome.fromWelcome(this.#provider, this.#welcome, options);
  }

  /** Gives up the KeyPackage, unless it is reusable: the Welcome cannot be opened any more. @throws MlsError `ERR_MLS_STORAGE` */
  async decline(options?: WriteOptions<void>): Promise<void> {
    const { keyPackageRef, reusable, groupInfo } = this.#content;
    const groupId = groupInfo?.groupContext.groupId;
    const use = { keyPackageRef, cipherSuite: this.cipherSuite, groupId, reusable };
    await declineWelcome(this.#provider, use, writeOptions(options));
  }
}
