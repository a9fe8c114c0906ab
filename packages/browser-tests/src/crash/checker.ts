import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, type MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { hexToBytes, type MlsProvider, utf8 } from "@openmls-ts/traits";
import type { CrashEvent } from "./events.ts";

/**
 * Bob, who sees everything that Alice sends between her deaths, and says when she lost something that she had or used a
 * key twice.
 */
export class CrashChecker {
  readonly keyPackage: Uint8Array;
  readonly #provider: MlsProvider;
  readonly #seen = new Set<string>();
  readonly #violations: string[] = [];
  #group: MlsGroup | undefined;
  #counted = 0;
  #opened = 0;

  private constructor(provider: MlsProvider, keyPackage: Uint8Array) {
    this.#provider = provider;
    this.keyPackage = keyPackage;
  }

  static async start(): Promise<CrashChecker> {
    const crypto = nodeCrypto();
    const provider = {
      crypto,
      storage: memoryStorage(),
      credentialValidator: { validate: async () => true },
    };
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
    const credentialWithKey = { credential: basicCredential(utf8("bob")), signatureKey: signer.publicKey };
    const keyPackage = await KeyPackage.builder().build(1, provider, signer, credentialWithKey);
    return new CrashChecker(provider, keyPackage.toMessage());
  }

  get violations(): readonly string[] {
    return this.#violations;
  }

  /** How many different messages Bob read. */
  get read(): number {
    return this.#seen.size;
  }

  /** How often Alice came back. */
  get opened(): number {
    return this.#opened;
  }

  /** Takes what Alice's page told, one event after the other. */
  async take(event: CrashEvent): Promise<void> {
    switch (event.kind) {
      case "welcome":
        this.#group = await (
          await StagedWelcome.fromWelcome(this.#provider, hexToBytes(event.welcome))
        ).intoGroup();
        break;
      case "opened":
        this.#opened++;
        this.#compare(event.count);
        break;
      case "sent":
        this.#counted = event.count;
        await this.#read(event.message);
        break;
      case "error":
        this.#violations.push(`Alice could not go on: ${event.error}`);
    }
  }

  /** What was told was written before; one more may have been written that could not be told any more. */
  #compare(count: number): void {
    if (count !== this.#counted && count !== this.#counted + 1) {
      this.#violations.push(`${this.#counted} messages were counted, ${count} are there: a write was lost`);
    }
    this.#counted = count;
  }

  async #read(message: string): Promise<void> {
    // A pending commit is sent again after a crash.
    if (this.#seen.has(message)) {
      return;
    }
    this.#seen.add(message);
    try {
      const processed = await this.#group!.processMessage(hexToBytes(message));
      if (processed.kind === "commit") {
        await this.#group!.mergeStagedCommit(processed.stagedCommit);
      }
    } catch (error) {
      this.#violations.push(
        `message ${this.#counted} cannot be read, as if its key was used before: ${String(error)}`,
      );
    }
  }
}
