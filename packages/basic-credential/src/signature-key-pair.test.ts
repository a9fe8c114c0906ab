import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { bytesToHex, utf8 } from "@openmls-ts/traits";
import type { CipherSuite, MlsErrorCode, StorageRecord } from "@openmls-ts/traits";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { SignatureKeyPair } from "./index.ts";

let ed25519: CipherSuite;
let p256: CipherSuite;
beforeAll(async () => {
  ed25519 = await nobleCrypto().cipherSuite(1);
  p256 = await nobleCrypto().cipherSuite(2);
});

const message = utf8("message");

function errorWith(code: MlsErrorCode): Error {
  const matcher: unknown = expect.objectContaining({ name: "MlsError", code });
  return matcher as Error;
}

describe.each([1, 2, 4, 5, 7])("SignatureKeyPair of suite %i", (id) => {
  it("signs what its public key verifies, also after a reload", async () => {
    const suite = await nobleCrypto().cipherSuite(id);
    const storage = memoryStorage();
    const keys = await SignatureKeyPair.generate(suite);
    await keys.store(storage);
    const loaded = await SignatureKeyPair.load(storage, suite, keys.publicKey);
    expect(loaded?.publicKey).toEqual(keys.publicKey);
    for (const pair of [keys, loaded]) {
      const signature = (await pair?.sign(message)) ?? expect.unreachable("nothing loaded");
      await expect(suite.verify(keys.publicKey, message, signature)).resolves.toBe(true);
    }
  });
});

describe("SignatureKeyPair", () => {
  it("takes keys from outside, as copies", async () => {
    const { privateKey, publicKey } = await ed25519.generateSignatureKeys();
    const given = { privateKey: privateKey.slice(), publicKey: publicKey.slice() };
    const keys = await SignatureKeyPair.fromKeys(ed25519, given);
    given.privateKey.fill(0);
    given.publicKey.fill(0);
    keys.publicKey.fill(0);
    expect(keys.publicKey).toEqual(publicKey);
    await expect(keys.sign(message)).resolves.toEqual(await ed25519.sign(privateKey, message));
  });

  it("refuses keys that are no pair, or malformed", async () => {
    const one = await ed25519.generateSignatureKeys();
    const { publicKey } = await ed25519.generateSignatureKeys();
    const mixed = SignatureKeyPair.fromKeys(ed25519, { ...one, publicKey });
    await expect(mixed).rejects.toThrow(errorWith("ERR_MLS_INVALID_KEY"));
    const short = SignatureKeyPair.fromKeys(ed25519, { ...one, privateKey: one.privateKey.subarray(1) });
    await expect(short).rejects.toThrow(errorWith("ERR_MLS_INVALID_KEY"));
  });

  it("is absent from the storage before it is stored and after it is deleted", async () => {
    const storage = memoryStorage();
    const keys = await SignatureKeyPair.generate(ed25519);
    const other = await SignatureKeyPair.generate(ed25519);
    await expect(SignatureKeyPair.load(storage, ed25519, keys.publicKey)).resolves.toBeUndefined();
    await keys.store(storage);
    await keys.store(storage);
    await other.store(storage);
    await SignatureKeyPair.delete(storage, ed25519, keys.publicKey);
    await SignatureKeyPair.delete(storage, ed25519, keys.publicKey);
    await expect(SignatureKeyPair.load(storage, ed25519, keys.publicKey)).resolves.toBeUndefined();
    await expect(SignatureKeyPair.load(storage, ed25519, other.publicKey)).resolves.toBeInstanceOf(
      SignatureKeyPair,
    );
  });

  it("is listed by its public key, and made where there is none yet", async () => {
    const storage = memoryStorage();
    expect(await SignatureKeyPair.list(storage, ed25519)).toEqual([]);
    const first = await SignatureKeyPair.loadOrGenerate(storage, ed25519);
    const again = await SignatureKeyPair.loadOrGenerate(storage, await nobleCrypto().cipherSuite(3));
    expect(again.publicKey).toEqual(first.publicKey);
    await expect(again.sign(message)).resolves.toEqual(await first.sign(message));
    const other = await SignatureKeyPair.loadOrGenerate(storage, p256);
    expect(await SignatureKeyPair.list(storage, ed25519)).toEqual([first.publicKey]);
    expect(await SignatureKeyPair.list(storage, p256)).toEqual([other.publicKey]);
    await (await SignatureKeyPair.generate(ed25519)).store(storage);
    expect(await SignatureKeyPair.list(storage, ed25519)).toHaveLength(2);
    await expect(SignatureKeyPair.loadOrGenerate(storage, ed25519)).rejects.toThrow(
      errorWith("ERR_MLS_USAGE"),
    );
    expect(storage.entries()).toHaveLength(3);
  });

  it("is shared by suites of one signature scheme and by no others", async () => {
    const storage = memoryStorage();
    const keys = await SignatureKeyPair.generate(ed25519);
    await keys.store(storage);
    const suite3 = await nobleCrypto().cipherSuite(3);
    await expect(SignatureKeyPair.load(storage, suite3, keys.publicKey)).resolves.toBeInstanceOf(
      SignatureKeyPair,
    );
    await expect(SignatureKeyPair.load(storage, p256, keys.publicKey)).resolves.toBeUndefined();
  });

  it("is stored with a format, and refuses another or a damaged record", async () => {
    const storage = memoryStorage();
    const keys = await SignatureKeyPair.generate(ed25519);
    await keys.store(storage);
    const [record] = storage.entries() as [StorageRecord];
    expect(record.key).toEqual({
      table: "signature_keys",
      owner: Uint8Array.of(0x08, 0x07),
      id: keys.publicKey,
    });
    expect(record.value).toHaveLength(33);
    expect(record.value[0]).toBe(1);

    const flipped = record.value.slice();
    flipped[20]! ^= 1;
    const newer = record.value.slice();
    newer[0] = 2;
    for (const value of [
      newer,
      flipped,
      new Uint8Array(0),
      record.value.subarray(1),
      record.value.subarray(0, 32),
    ]) {
      await storage.write({ puts: [{ key: record.key, value }] });
      const loading = SignatureKeyPair.load(storage, ed25519, keys.publicKey);
      await expect(loading).rejects.toThrow(errorWith("ERR_MLS_STORAGE_FORMAT"));
    }
  });

  it("passes errors of the storage on", async () => {
    const storage = memoryStorage();
    storage.get = async () => Promise.reject(new TypeError("the disk is gone"));
    const keys = await SignatureKeyPair.generate(ed25519);
    await expect(SignatureKeyPair.load(storage, ed25519, keys.publicKey)).rejects.toThrow("the disk is gone");
  });

  it("never shows its private key", async () => {
    const { privateKey, publicKey } = await ed25519.generateSignatureKeys();
    const keys = await SignatureKeyPair.fromKeys(ed25519, { privateKey, publicKey });
    expect(inspect(keys, { depth: null, showHidden: true })).toBe("[Secret]");
    expect(JSON.stringify({ keys })).toBe('{"keys":"[Secret]"}');
    expect(String(keys)).toBe("[Secret]");
    const copies = [Object.assign({}, keys), structuredClone(keys)];
    expect(copies).toEqual([{}, {}]);
    expect(inspect(copies, { depth: null })).not.toContain(bytesToHex(privateKey.subarray(0, 4)));
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "a number as suite",
      async () => SignatureKeyPair.generate(1 as never),
      /^suite is number 1, expected CipherSuite/,
    ],
    ["text as suite", async () => SignatureKeyPair.generate("1" as never), /^suite is string, expected/],
    [
      "a promise as suite",
      async () => SignatureKeyPair.generate(nobleCrypto().cipherSuite(1) as never),
      /^suite is a promise: await it first$/,
    ],
    ["no keys", async () => SignatureKeyPair.fromKeys(ed25519, undefined as never), /^keys is undefined/],
    ["null as keys", async () => SignatureKeyPair.fromKeys(ed25519, null as never), /^keys is Null/],
    [
      "text as a key",
      async () =>
        SignatureKeyPair.fromKeys(ed25519, { privateKey: "0", publicKey: new Uint8Array(32) } as never),
      /^keys.privateKey is string, expected Uint8Array$/,
    ],
    [
      "no storage",
      async () => SignatureKeyPair.load({} as never, ed25519, new Uint8Array(32)),
      /^storage is Object/,
    ],
    ["no storage to list", async () => SignatureKeyPair.list(1 as never, ed25519), /^storage is number/],
    [
      "no suite to load for",
      async () => SignatureKeyPair.loadOrGenerate(memoryStorage(), undefined as never),
      /^suite is undefined/,
    ],
    [
      "a list as public key",
      async () => SignatureKeyPair.load(memoryStorage(), ed25519, [1] as never),
      /^publicKey is Array/,
    ],
    [
      "no public key to delete",
      async () => SignatureKeyPair.delete(memoryStorage(), ed25519, undefined as never),
      /^publicKey is undefined/,
    ],
    [
      "text as message",
      async () => (await SignatureKeyPair.generate(ed25519)).sign("hello" as never),
      /^message is string/,
    ],
  ])("refuses %s", async (_, call, text) => {
    const matching: unknown = expect.stringMatching(text);
    await expect(call()).rejects.toThrow(
      expect.objectContaining({ code: "ERR_MLS_USAGE", message: matching }) as Error,
    );
  });

  it("can be wiped, and then neither signs nor is stored", async () => {
    const keys = await SignatureKeyPair.generate(ed25519);
    keys.wipe();
    keys.wipe();
    await expect(keys.sign(message)).rejects.toThrow(errorWith("ERR_MLS_USAGE"));
    await expect(keys.store(memoryStorage())).rejects.toThrow(errorWith("ERR_MLS_USAGE"));
    expect(keys.publicKey).toHaveLength(32);
  });
});

describe("a provider that imports signing keys", () => {
  /** A suite that counts its imports, of which the first ones fail. */
  function importing(failures: number): { suite: CipherSuite; imports: () => number } {
    let imports = 0;
    const importSigningKey: CipherSuite["importSigningKey"] = async (privateKey) => {
      imports++;
      if (imports <= failures) {
        throw new TypeError("not now");
      }
      const kept = privateKey.slice();
      return { sign: async (bytes) => ed25519.sign(kept, bytes) };
    };
    const suite = new Proxy(ed25519, {
      get: (target, name) => {
        const value: unknown =
          name === "importSigningKey" ? importSigningKey : Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    return { suite, imports: () => imports };
  }

  it("is asked once, for many signatures", async () => {
    const { suite, imports } = importing(0);
    const keys = await SignatureKeyPair.generate(suite);
    const signatures = await Promise.all([keys.sign(message), keys.sign(message), keys.sign(message)]);
    for (const signature of signatures) {
      await expect(suite.verify(keys.publicKey, message, signature)).resolves.toBe(true);
    }
    expect(imports()).toBe(1);
  });

  it("is asked again after it failed", async () => {
    const { suite, imports } = importing(1);
    const keys = await SignatureKeyPair.generate(suite);
    await expect(keys.sign(message)).rejects.toThrow("not now");
    await expect(keys.sign(message)).resolves.toHaveLength(64);
    expect(imports()).toBe(2);
  });

  it("does not sign for a key pair that was wiped", async () => {
    const { suite } = importing(0);
    const keys = await SignatureKeyPair.generate(suite);
    await keys.sign(message);
    keys.wipe();
    await expect(keys.sign(message)).rejects.toThrow(errorWith("ERR_MLS_USAGE"));
  });
});
