// What a runtime lacks is one clear error at the first call, never at import.
const packages = [
  "basic-credential",
  "conformance",
  "credential-x509",
  "crypto-node",
  "crypto-noble",
  "crypto-webcrypto",
  "extensions",
  "fork-resolution",
  "hpke",
  "mls-core",
  "observability",
  "storage-encrypted",
  "storage-indexeddb",
  "storage-memory",
  "storage-postgres",
  "storage-sqlite",
  "storage-sqlite/bun",
  "storage-sqlite/expo",
  "storage-sqlite/node",
  "traits",
];
const calls = {
  "crypto-node": async ({ nodeCrypto }) => nodeCrypto().cipherSuite(1),
  "crypto-webcrypto": async ({ webCrypto }) => webCrypto().cipherSuite(1),
  "storage-indexeddb": async ({ indexedDbStorage }) => indexedDbStorage({ name: "lacks" }),
  "storage-sqlite": async ({ sqliteStorage }) => (await sqliteStorage(":memory:")).close(),
  "storage-sqlite/bun": async ({ sqliteStorage }) => (await sqliteStorage(":memory:")).close(),
  "storage-sqlite/node": async ({ sqliteStorage }) => (await sqliteStorage(":memory:")).close(),
};

/** Imports every package; each call works, or says ERR_MLS_UNSUPPORTED_RUNTIME. */
export async function importAll(say) {
  let error;
  for (const name of packages) {
    try {
      const loaded = await import(`@openmls-ts/${name}`);
      await calls[name]?.(loaded).catch((thrown) => {
        if (thrown.code !== "ERR_MLS_UNSUPPORTED_RUNTIME") throw thrown;
      });
    } catch (thrown) {
      error = `${name}: ${thrown?.stack ?? thrown}`;
    }
  }
  say(`@@ ${JSON.stringify({ label: "imports", suite: 1, error })}`);
}
