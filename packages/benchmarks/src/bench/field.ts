import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { sqliteStorage } from "@openmls-ts/storage-sqlite";
import type { CryptoProvider, StorageProvider } from "@openmls-ts/traits";
import type { Contestant } from "./contestant.ts";
import { openmlsWasm } from "./contestants/openmls-wasm.ts";
import { ours } from "./contestants/ours.ts";
import { tsMls } from "./contestants/ts-mls.ts";
import { recorder } from "./recorder.ts";
import type { Field } from "./run.ts";

/** Whom we can be compared with. */
export const PEERS: readonly string[] = ["ts-mls", "openmls-wasm"];

/** What is measured. */
export interface FieldChoices {
  readonly cipherSuite: number;
  readonly provider: string;
  readonly storage: string;
  readonly peers: readonly string[];
}

const providers: Readonly<Record<string, () => CryptoProvider>> = {
  node: () => nodeCrypto(),
  "node-one-thread": () => nodeCrypto({ threads: false }),
  webcrypto: () => webCrypto(),
  noble: () => nobleCrypto(),
};

interface Stores {
  /** A new, empty store. */
  readonly store: () => StorageProvider;
  readonly close: () => Promise<void>;
}

const stores: Readonly<Record<string, () => Stores>> = {
  memory: () => ({ store: memoryStorage, close: async () => undefined }),
  sqlite: () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const opened: { close(): void }[] = [];
    const store = (): StorageProvider => {
      const storage = sqliteStorage(join(folder, `${opened.length}.sqlite`));
      opened.push(storage);
      return storage;
    };
    const close = async (): Promise<void> => {
      for (const storage of opened) storage.close();
      rmSync(folder, { recursive: true });
    };
    return { store, close };
  },
};

/** Us over the chosen providers, the peers that know the suite, and the floor. */
export async function choose({ cipherSuite, provider, storage, peers }: FieldChoices): Promise<Field> {
  const make = providers[provider];
  if (make === undefined) throw new Error(`--provider is one of ${Object.keys(providers).join(", ")}`);
  const open = stores[storage];
  if (open === undefined) throw new Error(`--storage is one of ${Object.keys(stores).join(", ")}`);
  const { store, close } = open();
  const crypto = make();
  const name = `ours, ${crypto.name}`;
  const recording = recorder(crypto);
  return {
    contestants: [
      { ...ours({ name, crypto, cipherSuite, storage: store }), close },
      ...(await others(peers, cipherSuite)),
    ],
    floor: {
      contestant: ours({ name: "floor", crypto: recording.crypto, cipherSuite, storage: memoryStorage }),
      recorder: recording,
    },
  };
}

async function others(names: readonly string[], cipherSuite: number): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const name of names) {
    const version = versionOf(name);
    if (name === "ts-mls") contestants.push(await tsMls(version, cipherSuite));
    else if (name !== "openmls-wasm") throw new Error(`--peer takes ${PEERS.join(", ")} or none`);
    else if (cipherSuite === 1) contestants.push(await openmlsWasm(version));
  }
  return contestants;
}

/** The version of an installed package, from the manifest beside its entry. */
export function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  const paths = require.resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      return (require(`${path}/${name}/package.json`) as { readonly version: string }).version;
    } catch {
      // not in this folder
    }
  }
  throw new Error(`${name} is not installed`);
}
