import { bytesToHex } from "@openmls-ts/traits";

/** A message in a group's queue. */
export interface Delivery {
  /** Its place in the queue, the first one being 0. */
  readonly position: number;
  readonly message: Uint8Array;
}

/**
 * A server in miniature (RFC 9750 §5): it hands out key packages and keeps one ordered queue for each group. It sees
 * nothing but names and message bytes. Which of two rival commits counts is decided by the order of the queue.
 */
export class DeliveryService {
  readonly #keyPackages = new Map<string, Uint8Array[]>();
  readonly #welcomes = new Map<string, Uint8Array[]>();
  readonly #queues = new Map<string, Uint8Array[]>();
  readonly #nextToRead = new Map<string, number>();

  /** Adds a key package to the directory. */
  publishKeyPackage(owner: string, message: Uint8Array): void {
    push(this.#keyPackages, owner, message);
  }

  /** Takes a key package out of the directory: each is for one use (RFC 9420 §10). */
  takeKeyPackage(owner: string): Uint8Array {
    return shift(this.#keyPackages, owner, "key package");
  }

  /** Appends a message to a group's queue. Everyone receives it, the sender included. */
  send(groupId: Uint8Array, message: Uint8Array): void {
    push(this.#queues, bytesToHex(groupId), message);
  }

  /** The first message that a reader has not acknowledged. */
  next(reader: string, groupId: Uint8Array): Delivery | undefined {
    const position = this.#nextToRead.get(cursor(reader, groupId)) ?? 0;
    const message = this.#queues.get(bytesToHex(groupId))?.[position];
    return message === undefined ? undefined : { position, message: message.slice() };
  }

  /** All messages that a reader has not acknowledged. */
  unread(reader: string, groupId: Uint8Array): Uint8Array[] {
    const position = this.#nextToRead.get(cursor(reader, groupId)) ?? 0;
    return (this.#queues.get(bytesToHex(groupId)) ?? []).slice(position).map((message) => message.slice());
  }

  /** Called once a message is dealt with; until then it is delivered again. */
  acknowledge(reader: string, groupId: Uint8Array, position: number): void {
    this.#nextToRead.set(cursor(reader, groupId), position + 1);
  }

  /** Leaves a Welcome for a newcomer, whose reading begins after the commit that added them. */
  sendWelcome(newcomer: string, groupId: Uint8Array, welcome: Uint8Array, commitPosition: number): void {
    push(this.#welcomes, newcomer, welcome);
    this.acknowledge(newcomer, groupId, commitPosition);
  }

  takeWelcome(newcomer: string): Uint8Array {
    return shift(this.#welcomes, newcomer, "Welcome");
  }
}

function cursor(reader: string, groupId: Uint8Array): string {
  return `${reader} ${bytesToHex(groupId)}`;
}

function push(map: Map<string, Uint8Array[]>, key: string, message: Uint8Array): void {
  const list = map.get(key) ?? [];
  list.push(message.slice());
  map.set(key, list);
}

function shift(map: Map<string, Uint8Array[]>, key: string, what: string): Uint8Array {
  const first = map.get(key)?.shift();
  if (first === undefined) {
    throw new Error(`no ${what} for ${key}`);
  }
  return first;
}
