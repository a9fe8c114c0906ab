// What may import what. `check-layers.ts` applies these rules; docs/architecture.md explains them.

/** Workspace packages that the shipped code of each package may import. Others (examples, …) may import all. */
export const packageImports: Readonly<Record<string, readonly string[]>> = {
  traits: [],
  hpke: ["traits"],
  "mls-core": ["traits"],
  "basic-credential": ["traits"],
  "credential-x509": ["traits", "mls-core"],
  extensions: ["traits", "mls-core"],
  "targeted-messages": ["traits", "mls-core", "extensions"], // extensions: the table of code points
  "crypto-noble": ["traits", "hpke"],
  "crypto-webcrypto": ["traits", "hpke"],
  "crypto-node": ["traits", "hpke"],
  "crypto-pq": ["traits", "hpke"],
  "storage-memory": ["traits"],
  "storage-sqlite": ["traits"],
  "storage-indexeddb": ["traits"],
  "storage-postgres": ["traits"],
  "storage-encrypted": ["traits"],
  conformance: ["traits"],
  observability: ["traits"],
  inspector: ["traits"],
  "fork-resolution": ["traits", "mls-core"],
  client: ["traits", "mls-core"],
  "delivery-service": ["traits", "mls-core", "client"],
};

/** Private packages below `packages/`: free to import everything. */
export const freePackages: readonly string[] = [
  "benchmarks",
  "browser-tests",
  "consumer-tests",
  "crash",
  "fuzz",
  "interop-client",
  "simulation",
];

/** Folders of mls-core's `src`, lowest layer first. A file imports from its own layer and lower ones. */
export const coreLayers: readonly (readonly string[])[] = [
  ["codec"],
  ["labels", "."], // ".": files directly in src, such as registry.ts; index.ts only re-exports and is free
  ["wire"],
  ["extension", "feature"],
  ["credential", "tree", "key-schedule", "secret-tree"],
  ["treekem", "key-package", "protection"],
  ["plan"],
  ["epoch"],
  ["welcome"],
  ["store"],
  ["group"],
];

/** What mls-core's shipped code must not contain: cryptography and storage come from providers. */
export const coreForbidden: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/["'](@noble\/[^"']*)["']/, "noble"],
  [/["'](node:[^"']*)["']/, "a Node.js module"],
  [/\bcrypto\s*\.\s*subtle\b/, "crypto.subtle"],
  [/\bindexedDB\b/, "indexedDB"],
];

/** Longest file of shipped code, in lines. No exceptions. */
export const maxLines: number = 300;

/** Longest file of test code, in lines. */
export const maxTestLines: number = 400;
