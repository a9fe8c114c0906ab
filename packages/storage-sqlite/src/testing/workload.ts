import { concatBytes, utf8 } from "@openmls-ts/traits";
import type {
  StorageBatch,
  StorageKey,
  StoragePrefix,
  StorageProvider,
  StorageRecord,
} from "@openmls-ts/traits";
import { createHash } from "node:crypto";

/** Epochs of a group whose message keys are kept after they ended. */
const KEPT_EPOCHS = 2;
const TABLES = ["group", "epoch", "path_key", "message_key"];

/** How much happens in a {@link Workload}. */
export interface WorkloadSize {
  readonly groups: number;
  readonly members: number;
  readonly epochs: number;
  readonly messages: number;
}

/**
 * What a client does to a store, without the cryptography: groups that send messages, skip some, change epochs, and are
 * deleted. The same calls every time; every value is another one, so that each can be searched for.
 */
export class Workload {
  readonly #storage: StorageProvider;
  readonly #live = new Map<string, StorageRecord>();
  readonly #dead: Uint8Array[] = [];
  #count = 0;

  constructor(storage: StorageProvider) {
    this.#storage = storage;
  }

  /** Values that were overwritten or deleted, in that order. */
  get dead(): readonly Uint8Array[] {
    return this.#dead;
  }

  /** Records that a read must find. */
  get records(): readonly StorageRecord[] {
    return [...this.#live.values()];
  }

  /** Their values. */
  get live(): readonly Uint8Array[] {
    return this.records.map(({ value }) => value);
  }

  /** All groups go through all epochs side by side; then every other group is deleted. */
  async run({ groups, members, epochs, messages }: WorkloadSize): Promise<void> {
    const names = Array.from({ length: groups }, (_, i) => `group ${i}`);
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const name of names) {
        await this.beginEpoch(name, epoch, members);
        for (let i = 0; i < messages; i++) {
          await this.message(name, epoch, i, members);
        }
      }
    }
    for (const name of names.filter((_, i) => i % 2 === 0)) {
      await this.deleteGroup(name);
    }
  }

  /** New secrets of the epoch, of every member, and of our path; the oldest kept epoch goes. */
  async beginEpoch(group: string, epoch: number, members: number): Promise<void> {
    const ratchets = Array.from({ length: members }, (_, leaf) =>
      this.#record("message_key", group, epochId(epoch, leaf)),
    );
    const path = Array.from({ length: Math.ceil(Math.log2(members)) }, (_, node) =>
      this.#record("path_key", group, Uint8Array.of(node)),
    );
    const puts = [
      this.#record("group", group, new Uint8Array(0)),
      this.#record("epoch", group, new Uint8Array(0)),
      ...ratchets,
      ...path,
    ];
    const gone = epoch - KEPT_EPOCHS - 1;
    const deletePrefixes = gone < 0 ? [] : [keyOf("message_key", group, epochId(gone))];
    await this.#write({ puts, deletePrefixes });
  }

  /** A member's ratchet goes on; every fifth message leaves a skipped key, which is taken two messages later. */
  async message(group: string, epoch: number, generation: number, members: number): Promise<void> {
    const leafOf = (message: number): number => (message * 7) % members;
    const id = epochId(epoch, leafOf(generation));
    const puts = [this.#record("message_key", group, id)];
    if (generation % 5 === 0) {
      puts.push(this.#record("message_key", group, concatBytes(id, Uint8Array.of(generation))));
    }
    const late = concatBytes(epochId(epoch, leafOf(generation - 2)), Uint8Array.of(generation - 2));
    const deletes = generation % 5 === 2 ? [keyOf("message_key", group, late)] : [];
    await this.#write({ puts, deletes });
  }

  async deleteGroup(group: string): Promise<void> {
    await this.#write({ deletePrefixes: TABLES.map((table) => keyOf(table, group, new Uint8Array(0))) });
  }

  #record(table: string, group: string, id: Uint8Array): StorageRecord {
    const secret = createHash("sha256").update(String(this.#count++)).digest();
    return { key: keyOf(table, group, id), value: new Uint8Array(secret) };
  }

  async #write(batch: StorageBatch): Promise<void> {
    await this.#storage.write(batch);
    for (const prefix of batch.deletePrefixes ?? []) {
      const name = nameOf(prefix);
      [...this.#live.keys()].filter((other) => other.startsWith(name)).forEach((other) => this.#end(other));
    }
    batch.deletes?.forEach((key) => this.#end(nameOf(key)));
    for (const record of batch.puts ?? []) {
      const name = nameOf(record.key);
      this.#end(name);
      this.#live.set(name, record);
    }
  }

  #end(name: string): void {
    const record = this.#live.get(name);
    if (record !== undefined) {
      this.#dead.push(record.value);
      this.#live.delete(name);
    }
  }
}

function epochId(epoch: number, leaf?: number): Uint8Array {
  const id = new Uint8Array(leaf === undefined ? 8 : 12);
  const view = new DataView(id.buffer);
  view.setBigUint64(0, BigInt(epoch));
  if (leaf !== undefined) {
    view.setUint32(8, leaf);
  }
  return id;
}

function keyOf(table: string, group: string, id: Uint8Array): StorageKey {
  return { table, owner: utf8(group), id };
}

function nameOf({ table, owner, id }: StorageKey | StoragePrefix): string {
  return `${table}/${Buffer.from(owner).toString("hex")}/${Buffer.from(id).toString("hex")}`;
}
