import { bytesToHex, type CryptoProvider, equalBytes } from "@openmls-ts/traits";
import { join } from "node:path";
import { AddressBook } from "./address-book.ts";
import { DeliveryService } from "./delivery-service.ts";
import { type Event, Person, type World } from "./person.ts";
import { readRatchetTree, type TreeNode } from "./ratchet-tree-view.ts";
import { bytes, type Transcript } from "./transcript.ts";
import { drawTree } from "./tree-drawing.ts";

/** What the story is told with. */
export interface Stage {
  readonly suite: number;
  readonly newCrypto: () => CryptoProvider;
  readonly folder: string;
}

export const NAMES = ["Alice", "Bob", "Charlie"] as const;
export type Name = (typeof NAMES)[number];

/** Everyone who is online, and what they do together. */
export class Cast {
  readonly #stage: Stage;
  readonly #out: Transcript;
  #world: World;
  readonly #online = new Map<Name, Person>();
  #tree: readonly (TreeNode | undefined)[] = [];

  constructor(stage: Stage, out: Transcript) {
    this.#stage = stage;
    this.#out = out;
    this.#world = {
      crypto: stage.newCrypto(),
      suite: stage.suite,
      folder: stage.folder,
      addressBook: new AddressBook(),
      deliveryService: new DeliveryService(),
    };
  }

  get world(): World {
    return this.#world;
  }

  /** The nodes of the last drawing. */
  get tree(): readonly (TreeNode | undefined)[] {
    return this.#tree;
  }

  async register(name: Name): Promise<Person> {
    const person = await Person.register(this.#world, name);
    this.#online.set(name, person);
    return person;
  }

  async reopen(name: Name): Promise<Person> {
    const person = await Person.reopen(this.#world, name);
    this.#online.set(name, person);
    return person;
  }

  person(name: Name): Person {
    const person = this.#online.get(name);
    if (person === undefined) {
      throw new Error(`${name} is not online`);
    }
    return person;
  }

  leave(name: Name): void {
    this.#online.get(name)?.close();
    this.#online.delete(name);
  }

  /** Drops whatever a process holds. The two servers go on. */
  shutDown(): void {
    for (const name of NAMES) {
      this.leave(name);
    }
    this.#world = { ...this.#world, crypto: this.#stage.newCrypto() };
  }

  file(name: string): string {
    return join(this.#stage.folder, name);
  }

  /** Everyone online reads the queue to its end. */
  async deliver(): Promise<Map<Name, Event[]>> {
    const events = new Map<Name, Event[]>();
    for (const [name, person] of this.#online) {
      const heard: Event[] = [];
      for (let next = person.nextDelivery; next !== undefined; next = person.nextDelivery) {
        heard.push(await person.receive(next));
      }
      events.set(name, heard);
    }
    return events;
  }

  /** Somebody says something; everyone online must read it, and reads it at once. */
  async say(name: Name, text: string): Promise<Uint8Array> {
    const person = this.person(name);
    const message = await person.say(text);
    this.#out.line(name, `“${text}”`, epochOf(person), bytes(message));
    this.#out.expect("the words are not in the message as sent", !Buffer.from(message).includes(text));
    const events = await this.deliver();
    for (const [other, { group }] of this.#online) {
      if (other !== name && group.isActive) {
        const event = events.get(other)?.at(-1);
        const understood = event?.kind === "text" && event.from === name && event.text === text;
        this.#out.expect(`${other} reads it`, understood);
      }
    }
    return message;
  }

  /** Draws the tree as Alice sees it; what is new since the last drawing has a star. */
  draw(): void {
    const alice = this.person("Alice");
    const tree = readRatchetTree(alice.group.exportRatchetTree());
    this.#out.drawing(drawTree(tree, alice.members, this.#tree));
    this.#tree = tree;
  }

  /** Claims that everyone online is in the same epoch with the same secrets. */
  agree(): void {
    const [first, ...others] = [...this.#online.values()];
    if (first === undefined) {
      throw new Error("nobody is online");
    }
    const { epoch, epochAuthenticator } = first.group;
    const agreed = others.every(
      ({ group }) => group.epoch === epoch && equalBytes(group.epochAuthenticator, epochAuthenticator),
    );
    const names = new Intl.ListFormat("en").format(this.#online.keys());
    this.#out.claim(`${names} are in ${epochOf(first)} and share the code ${codeOf(first)}`, agreed);
  }
}

/** For the transcript. */
export function epochOf({ group }: Person): string {
  return `epoch ${group.epoch}`;
}

/** The beginning of the epoch authenticator, short enough to be read out over the telephone. */
export function codeOf({ group }: Person): string {
  const hex = bytesToHex(group.epochAuthenticator.slice(0, 4));
  return `${hex.slice(0, 4)} ${hex.slice(4)}`;
}
