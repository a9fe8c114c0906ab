import { storageProviderCases } from "@openmls-ts/conformance";
import { checkStorageBatch, compareBytes, concatBytes } from "@openmls-ts/traits";
import type { StorageBatch, StorageProvider, StorageRecord } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { memoryStorage } from "./index.ts";

/** A store with one method changed. */
function faulty(change: (good: StorageProvider) => Partial<StorageProvider>): () => StorageProvider {
  return () => {
    const good = memoryStorage();
    return {
      name: "faulty",
      get: async (key) => good.get(key),
      list: async (prefix) => good.list(prefix),
      listOwners: async (table) => good.listOwners(table),
      write: async (batch) => good.write(batch),
      ...change(good),
    };
  };
}

function faultyWrite(change: (batch: StorageBatch) => StorageBatch): () => StorageProvider {
  return faulty((good) => ({ write: async (batch) => good.write(change(batch)) }));
}

const FAULTS: Readonly<Record<string, () => StorageProvider>> = {
  "takes an empty value for none": faulty((good) => ({
    get: async (key) => {
      const value = await good.get(key);
      return value?.length === 0 ? undefined : value;
    },
  })),
  "lists in the order of text": faulty((good) => ({
    list: async (prefix) => {
      const text = (bytes: Uint8Array): string => [...bytes].join();
      return [...(await good.list(prefix))].sort((a, b) => (text(a.key.id) < text(b.key.id) ? -1 : 1));
    },
  })),
  "lists the longer before its prefix": faulty((good) => ({
    list: async (prefix) => {
      const padded = ({ key }: StorageRecord): Uint8Array =>
        concatBytes(key.id, new Uint8Array(8).fill(0xff));
      return [...(await good.list(prefix))].sort((a, b) => compareBytes(padded(a), padded(b)));
    },
  })),
  "ignores expectations": faultyWrite(({ expect: _, ...batch }) => batch),
  "deletes what it has put": faulty((good) => ({
    write: async (batch) => {
      checkStorageBatch(batch);
      await good.write({ expect: batch.expect ?? [], puts: batch.puts ?? [] });
      await good.write({ ...batch, expect: [], puts: [] });
    },
  })),
  "judges after deleting": faulty((good) => ({
    write: async (batch) => {
      checkStorageBatch(batch);
      await good.write({ deletePrefixes: batch.deletePrefixes ?? [], deletes: batch.deletes ?? [] });
      await good.write({ expect: batch.expect ?? [], puts: batch.puts ?? [] });
    },
  })),
  "lets the first put win": faultyWrite((batch) => ({ ...batch, puts: [...(batch.puts ?? [])].reverse() })),
  "forgets to delete prefixes": faultyWrite(({ deletePrefixes: _, ...batch }) => batch),
  "reads its arguments late": faulty((good) => ({
    write: async (batch) => {
      await Promise.resolve();
      await good.write(batch);
    },
  })),
  "writes piece by piece": faulty((good) => ({
    write: async (batch) => {
      await good.write({ expect: batch.expect ?? [], deletePrefixes: batch.deletePrefixes ?? [] });
      for (const put of structuredClone(batch.puts ?? [])) {
        await good.write({ puts: [put] });
      }
    },
  })),
  "resolves although it refused": faulty((good) => ({
    write: async (batch) => good.write(batch).catch(() => undefined),
  })),
  "hands out Buffers": faulty((good) => ({
    get: async (key) => {
      const value = await good.get(key);
      return value === undefined ? undefined : Buffer.from(value);
    },
  })),
  "hands out its own arrays": () => {
    const good = memoryStorage();
    const cache = new Map<string, Uint8Array>();
    return {
      name: "faulty",
      get: async (key) => {
        const value = await good.get(key);
        const name = [key.table, key.owner, key.id, value].join(";");
        const known = cache.get(name) ?? value;
        if (known !== undefined) {
          cache.set(name, known);
        }
        return known;
      },
      list: async (prefix) => good.list(prefix),
      listOwners: async (table) => good.listOwners(table),
      write: async (batch) => good.write(batch),
    };
  },
};

describe("the conformance cases find a store that", () => {
  it.each(Object.entries(FAULTS))("%s", async (_, open) => {
    const cases = storageProviderCases.filter(({ needs }) => needs.length === 0);
    const results = await Promise.allSettled(cases.map(async (one) => one.run({ open: async () => open() })));
    const failed = cases.filter((_, i) => results[i]?.status === "rejected");
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(cases.length);
  });
});
