import type { StorageProvider } from "@openmls-ts/traits";

/** How much of a value must be found to count as the value: enough that nothing else has it by chance. */
const PART = 24;

/** Whether values that a store was ever given are in its files. */
export class WatchedStorage implements StorageProvider {
  readonly name = "watched";
  readonly #inner: StorageProvider;
  readonly #tables: readonly string[];
  /** By table, the beginning and the end of each value without its format, as text of latin1. */
  readonly #parts = new Map<string, Set<string>>();

  /** @param tables those whose values are secrets */
  constructor(inner: StorageProvider, tables: readonly string[]) {
    this.#inner = inner;
    this.#tables = tables;
  }

  readonly get: StorageProvider["get"] = async (key) => this.#inner.get(key);
  readonly list: StorageProvider["list"] = async (prefix) => this.#inner.list(prefix);
  readonly listOwners: StorageProvider["listOwners"] = async (table) => this.#inner.listOwners(table);
  readonly write: StorageProvider["write"] = async (batch) => {
    for (const { key, value } of batch.puts ?? []) {
      if (this.#tables.includes(key.table) && value.length > PART) {
        const text = latin1(value.slice(1));
        const parts = this.#parts.get(key.table) ?? new Set();
        this.#parts.set(key.table, parts.add(text.slice(0, PART)).add(text.slice(-PART)));
      }
    }
    await this.#inner.write(batch);
  };

  /** By table: how many parts of values the bytes hold that no live record has, and how many that one has. */
  async found(files: Uint8Array): Promise<{ readonly dead: Record<string, number>; readonly live: number }> {
    const all = latin1(files);
    const alive: string[] = [];
    for (const table of this.#tables) {
      for (const owner of await this.#inner.listOwners(table)) {
        const records = await this.#inner.list({ table, owner, id: new Uint8Array() });
        alive.push(...records.map(({ value }) => latin1(value)));
      }
    }
    const living = alive.join("\n");
    const dead: Record<string, number> = Object.fromEntries(this.#tables.map((table) => [table, 0]));
    let live = 0;
    for (const [table, parts] of this.#parts) {
      for (const part of [...parts].filter((each) => all.includes(each))) {
        if (living.includes(part)) live++;
        else dead[table] = (dead[table] ?? 0) + 1;
      }
    }
    return { dead, live };
  }

  /** The tables that were given values. */
  get given(): ReadonlySet<string> {
    return new Set(this.#parts.keys());
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
