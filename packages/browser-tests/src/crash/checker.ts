import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, type MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { hexToBytes, type MlsProvider, utf8 } from "@openmls-ts/traits";
import type { CrashEvent } from "./events.ts";

interface Bob {
  readonly provider: MlsProvider;
  readonly keyPackage: Uint8Array;
}

async function newBob(): Promise<Bob> {
  const crypto = nodeCrypto();
  const provider = {
    crypto,
    storage: memoryStorage(),
    credentialValidator: { validate: async () => true },
  };
  const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
  const credentialWithKey = { credential: basicCredential(utf8("bob")), signatureKey: signer.publicKey };
  const keyPackage = await KeyPackage.builder().build(1, provider, signer, credentialWithKey);
  return { provider, keyPackage: keyPackage.toMessage() };
}

/**
 * Bob, who sees everything that Alice sends between her deaths, and says when she lost something that she had or used a
 * key twice.
 */
export class CrashChecker {
  readonly #seen = new Set<string>();
  readonly #violations: string[] = [];
  #bob: Bob;
  #group: MlsGroup | undefined;
  #counted = 0;
  #opened = 0;
  #missing = false;
  #deleted = 0;

  private constructor(bob: Bob) {
    this.#bob = bob;
  }

  static async start(): Promise<CrashChecker> {
    return new CrashChecker(await newBob());
  }

  get keyPackage(): Uint8Array {
    return this.#bob.keyPackage;
  }

  /** How often the browser itself deleted the database. */
  get deleted(): number {
    return this.#deleted;
  }

  /**
   * After each life of Alice's: where she found no database, the browser must have said that it deleted it. Then both begin
   * anew, and nothing of the old group may come back.
   * @returns whether they do
   */
  async endOfLife(deletedByBrowser: boolean): Promise<boolean> {
    if (!this.#missing) return false;
    this.#missing = false;
    if (!deletedByBrowser) {
      this.#violations.push("the database is gone, and the browser does not say why");
      return false;
    }
    this.#deleted++;
    this.#bob = await newBob();
    this.#group = undefined;
    this.#counted = 0;
    return true;
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
          await StagedWelcome.fromWelcome(this.#bob.provider, hexToBytes(event.welcome))
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
      case "missing":
        this.#missing = true;
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
