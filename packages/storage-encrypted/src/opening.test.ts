import { memoryStorage } from "@openmls-ts/storage-memory";
import { utf8 } from "@openmls-ts/traits";
import type { StorageProvider } from "@openmls-ts/traits";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { bytesKey, encryptedStorage, passphraseKey, webCryptoKey } from "./index.ts";
import type { CryptoKeyLike, StoreKey } from "./index.ts";
import { keyOf, recordOf } from "./testing/hostile.ts";
import { someBytes, someCryptoKey, somePassphrase } from "./testing/keys.ts";

const cryptoKeys = [await someCryptoKey(), await someCryptoKey()] as const;

describe("opening an encrypted store", () => {
  it.each([
    ["other bytes", someBytes(1), someBytes(2)],
    ["another passphrase", somePassphrase(), passphraseKey("correct horse battery stable", { logN: 15 })],
    ["another CryptoKey", ...cryptoKeys],
    ["another kind of key", someBytes(1), somePassphrase()],
  ])("is refused with %s", async (_, right, wrong) => {
    const inner = memoryStorage();
    await encryptedStorage(inner, right);
    const before = inner.entries();
    await expect(encryptedStorage(inner, wrong)).rejects.toMatchObject({
      code: "ERR_MLS_DECRYPTION",
      message: "the key does not open this store",
    });
    expect(inner.entries()).toEqual(before);
    await encryptedStorage(inner, right);
  });

  it("makes one store when two handles find nothing", async () => {
    const inner = memoryStorage();
    const [one, two] = await Promise.all([0, 1].map(async () => encryptedStorage(inner, someBytes())));
    await one!.write({ puts: [recordOf("a", "1")] });
    expect(await two!.get(keyOf("a"))).toEqual(utf8("1"));
  });

  it("takes the same passphrase from another keyboard, and with another cost", async () => {
    const inner = memoryStorage();
    await encryptedStorage(inner, passphraseKey("Zoe\u0308", { logN: 15 }));
    await encryptedStorage(inner, passphraseKey("Zo\u00eb", { logN: 16 }));
  });

  it.each([14, 21, 255])("does not follow a header that asks for a cost of 2^%d", async (logN) => {
    const key = somePassphrase();
    const sealed = await key.seal(utf8("secret"), utf8(""));
    sealed[0] = logN;
    await expect(key.open(sealed, utf8(""))).rejects.toMatchObject({ code: "ERR_MLS_STORAGE" });
  });

  it("is refused with a key service that fails or lies", async () => {
    const lying: StoreKey = { ...someBytes(), open: async () => new Uint8Array(36) };
    await expect(encryptedStorage(memoryStorage(), lying)).rejects.toMatchObject({
      code: "ERR_MLS_DECRYPTION",
    });
    const failing: StoreKey = { ...someBytes(), seal: async () => Promise.reject(new Error("offline")) };
    await expect(encryptedStorage(memoryStorage(), failing)).rejects.toMatchObject({
      code: "ERR_MLS_STORAGE",
    });
  });

  it("is over when it is closed", async () => {
    const inner = memoryStorage();
    const store = await encryptedStorage(inner, someBytes());
    const writing = store.write({ puts: [recordOf("a", "1")] });
    store.close();
    store.close();
    await writing;
    await expect(store.get(keyOf("a"))).rejects.toMatchObject({ code: "ERR_MLS_STORAGE" });
    const again = await encryptedStorage(inner, someBytes());
    expect(await again.get(keyOf("a"))).toEqual(utf8("1"));
  });

  it("shows no key", async () => {
    const key = somePassphrase();
    const store = await encryptedStorage(memoryStorage(), key);
    const shown = inspect([store, key], { depth: 9, showHidden: true }) + JSON.stringify([store, key]);
    expect(shown).not.toContain("horse");
    expect(shown).not.toContain("Uint8Array");
  });
});

describe("arguments that make no sense", () => {
  const inner = memoryStorage();
  const usage = expect.objectContaining({ code: "ERR_MLS_USAGE" }) as object;

  it.each<[string, () => unknown]>([
    ["15 bytes for a key", () => bytesKey(new Uint8Array(15))],
    ["text for bytes", () => bytesKey("key" as unknown as Uint8Array)],
    ["no passphrase", () => passphraseKey("")],
    ["bytes for a passphrase", () => passphraseKey(new Uint8Array(8) as unknown as string)],
    ["a cost that is too low", () => passphraseKey("p", { logN: 14 })],
    ["a cost that is too high", () => passphraseKey("p", { logN: 21 })],
    ["an unknown option", () => passphraseKey("p", { n: 15 } as object)],
    ["no CryptoKey", () => webCryptoKey({} as CryptoKeyLike)],
    [
      "a CryptoKey that may not decrypt",
      () => webCryptoKey({ algorithm: { name: "AES-GCM" }, usages: ["encrypt"] }),
    ],
  ])("%s", (_, make) => {
    expect(make).toThrow(usage);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["no store", async () => encryptedStorage(null as unknown as StorageProvider, someBytes())],
    ["no key", async () => encryptedStorage(inner, undefined as unknown as StoreKey)],
    ["raw bytes as key", async () => encryptedStorage(inner, new Uint8Array(32) as unknown as StoreKey)],
    ["a kind that is no name", async () => encryptedStorage(inner, { ...someBytes(), kind: "a b" })],
    [
      "a version that is no bigint",
      async () => encryptedStorage(inner, someBytes(), { atLeast: 1 as unknown as bigint }),
    ],
    ["an unknown option", async () => encryptedStorage(inner, someBytes(), { strict: true } as object)],
  ])("%s", async (_, open) => {
    await expect(open()).rejects.toThrow(usage);
    expect(inner.entries()).toEqual([]);
  });
});
