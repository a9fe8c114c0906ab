import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import {
  basicCredential,
  type Credential,
  type CredentialWithKey,
  KeyPackage,
  KeyPackageIn,
  MlsGroup,
  StagedWelcome,
} from "@openmls-ts/mls-core";
import { type SqliteStorage, sqliteStorage } from "@openmls-ts/storage-sqlite";
import { type CryptoProvider, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { join } from "node:path";
import { type AddressBook, nameOf } from "./address-book.ts";
import type { Delivery, DeliveryService } from "./delivery-service.ts";

/** What surrounds everyone. */
export interface World {
  readonly crypto: CryptoProvider;
  readonly suite: number;
  /** Where everyone's database lies. */
  readonly folder: string;
  readonly addressBook: AddressBook;
  readonly deliveryService: DeliveryService;
}

/** What our commit leaves for the people it added. */
interface Invitation {
  readonly welcome: Uint8Array;
  readonly newcomers: readonly string[];
}

/** What a message from the queue turned out to be. */
export type Event =
  | { readonly kind: "text"; readonly from: string; readonly text: string }
  /** A new epoch began, by our own commit or somebody else's. */
  | { readonly kind: "epoch"; readonly from: string; readonly invitation: Invitation | undefined }
  | { readonly kind: "removed"; readonly from: string }
  /** Our own words, come back. */
  | { readonly kind: "echo"; readonly from: string };

/** Application messages are padded to a multiple of this, so that their lengths say little. */
const PADDING = 32;

/** One person's device: a database, a signature key and, once created or joined, a group. */
export class Person {
  readonly name: string;
  readonly file: string;
  readonly #world: World;
  readonly #storage: SqliteStorage;
  readonly #provider: MlsProvider;
  readonly #signer: SignatureKeyPair;
  #group: MlsGroup | undefined;

  private constructor(
    world: World,
    name: string,
    file: string,
    storage: SqliteStorage,
    signer: SignatureKeyPair,
  ) {
    this.name = name;
    this.file = file;
    this.#world = world;
    this.#storage = storage;
    this.#provider = providerOf(world, storage);
    this.#signer = signer;
  }

  /** A new account: a database, and a signature key that the address book learns of. */
  static async register(world: World, name: string): Promise<Person> {
    const file = fileOf(world, name);
    const storage = sqliteStorage(file);
    const signer = await SignatureKeyPair.generate(await world.crypto.cipherSuite(world.suite));
    await signer.store(storage);
    world.addressBook.register(name, signer.publicKey);
    return new Person(world, name, file, storage, signer);
  }

  /** Starts again with nothing but the database: which group, and which key signs there, is all in it. */
  static async reopen(world: World, name: string, file: string = fileOf(world, name)): Promise<Person> {
    const storage = sqliteStorage(file);
    const provider = providerOf(world, storage);
    const [listed] = await MlsGroup.list(provider);
    const group = listed === undefined ? undefined : await MlsGroup.load(provider, listed.groupId);
    if (group === undefined) {
      throw new Error(`${name} is in no group`);
    }
    const suite = await world.crypto.cipherSuite(group.cipherSuite);
    const signer = await SignatureKeyPair.load(storage, suite, group.ownLeafNode.signatureKey);
    if (signer === undefined) {
      throw new Error(`${name} has lost the signature key`);
    }
    const person = new Person(world, name, file, storage, signer);
    person.#group = group;
    return person;
  }

  /** Ends the session. */
  close(): void {
    this.#group = undefined;
    this.#signer.wipe();
    this.#storage.close();
  }

  get group(): MlsGroup {
    if (this.#group === undefined) {
      throw new Error(`${this.name} is in no group`);
    }
    return this.#group;
  }

  /** The members' names by leaf index. */
  get members(): Map<number, string> {
    return new Map(this.group.members().map(({ leafIndex, credential }) => [leafIndex, holder(credential)]));
  }

  /** Publishes a key package, by which others can add this person while they are offline. */
  async publishKeyPackage(): Promise<Uint8Array> {
    const { suite, deliveryService } = this.#world;
    const keyPackage = await KeyPackage.builder().build(
      suite,
      this.#provider,
      this.#signer,
      this.#credential(),
    );
    const message = keyPackage.toMessage();
    deliveryService.publishKeyPackage(this.name, message);
    return message;
  }

  async createGroup(): Promise<void> {
    this.#group = await MlsGroup.create(this.#provider, this.#signer, this.#credential(), {
      cipherSuite: this.#world.suite,
      config: { paddingSize: PADDING },
    });
  }

  /** Commits to adding people. The commit counts once it comes back from the queue. */
  async invite(keyPackages: readonly Uint8Array[]): Promise<Uint8Array> {
    const verified = await Promise.all(
      keyPackages.map(async (message) => KeyPackageIn.fromMessage(message).validate(this.#provider)),
    );
    const { commit } = await this.group.addMembers(this.#signer, verified);
    return this.#send(commit);
  }

  /** Joins by the Welcome that the delivery service keeps for this person. */
  async join(): Promise<Uint8Array> {
    const welcome = this.#world.deliveryService.takeWelcome(this.name);
    const staged = await StagedWelcome.fromWelcome(this.#provider, welcome, {
      config: { paddingSize: PADDING },
    });
    this.#group = await staged.intoGroup();
    return welcome;
  }

  async say(text: string): Promise<Uint8Array> {
    return this.#send(await this.group.createMessage(this.#signer, utf8(text)));
  }

  async updateKeys(): Promise<Uint8Array> {
    const { commit } = await this.group.selfUpdate(this.#signer);
    return this.#send(commit);
  }

  async remove(name: string): Promise<Uint8Array> {
    const leaves = [...this.members].filter(([, member]) => member === name).map(([leafIndex]) => leafIndex);
    const { commit } = await this.group.removeMembers(this.#signer, leaves);
    return this.#send(commit);
  }

  /** The next message for this person, if there is one. Who is out of the group gets no more. */
  get nextDelivery(): Delivery | undefined {
    if (this.#group?.isActive !== true) {
      return undefined;
    }
    return this.#world.deliveryService.next(this.name, this.group.groupId);
  }

  /** Deals with the next message of the queue. */
  async receive({ position, message }: Delivery): Promise<Event> {
    const { deliveryService } = this.#world;
    const { groupId } = this.group;
    const event = await this.read(message);
    if (event.kind === "epoch" && event.invitation !== undefined) {
      const { welcome, newcomers } = event.invitation;
      for (const newcomer of newcomers) {
        deliveryService.sendWelcome(newcomer, groupId, welcome, position);
      }
    }
    deliveryService.acknowledge(this.name, groupId, position);
    return event;
  }

  /** Takes in a message, whatever it is. */
  async read(message: Uint8Array): Promise<Event> {
    const { group } = this;
    const members = this.members;
    const processed = await group.processMessage(message);
    if (processed.kind === "feature") {
      throw new Error("no feature here has messages of its own");
    }
    const { sender } = processed;
    const from = "leafIndex" in sender ? (members.get(sender.leafIndex) ?? "?") : "somebody outside";
    switch (processed.kind) {
      case "application":
        return { kind: "text", from, text: new TextDecoder().decode(processed.data) };
      case "commit": {
        // The place to look at processed.stagedCommit.summary, and to say no.
        const { stagedCommit } = processed;
        await group.mergeStagedCommit(stagedCommit);
        return stagedCommit.selfRemoved
          ? { kind: "removed", from }
          : { kind: "epoch", from, invitation: undefined };
      }
      case "ownEcho": {
        if (!processed.pendingCommit) {
          return { kind: "echo", from };
        }
        const newcomers = (group.pendingCommit?.added ?? []).map(({ leafNode }) =>
          holder(leafNode.credential),
        );
        const { welcome } = await group.mergePendingCommit();
        return {
          kind: "epoch",
          from,
          invitation: welcome === undefined ? undefined : { welcome, newcomers },
        };
      }
      case "proposal":
        throw new Error("nobody in this story proposes without committing");
    }
  }

  #credential(): CredentialWithKey {
    return { credential: basicCredential(utf8(this.name)), signatureKey: this.#signer.publicKey };
  }

  #send(message: Uint8Array): Uint8Array {
    this.#world.deliveryService.send(this.group.groupId, message);
    return message;
  }
}

/** Whose credential it is. The address book has vouched for it, or it would not be in the group. */
function holder(credential: Credential): string {
  return "identity" in credential ? nameOf(credential.identity) : "?";
}

function fileOf(world: World, name: string): string {
  return join(world.folder, `${name.toLowerCase()}.db`);
}

function providerOf({ crypto, addressBook }: World, storage: SqliteStorage): MlsProvider {
  return { crypto, storage, credentialValidator: addressBook };
}
