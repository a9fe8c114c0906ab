import { nodeCrypto } from "@openmls-ts/crypto-node";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { countingCrypto } from "./counting-crypto.ts";
import { countingStorage } from "./counting-storage.ts";

describe("a store that counts", () => {
  it("counts names and values of what is written and read, and starts anew when asked", async () => {
    const storage = countingStorage(memoryStorage());
    const key = { table: "tt", owner: utf8("ooo"), id: utf8("i") };
    await storage.write({ puts: [{ key, value: utf8("value") }], expect: [{ key, value: undefined }] });
    await storage.get(key);
    await storage.get({ ...key, id: utf8("nothing") });
    await storage.list({ ...key, id: new Uint8Array(0) });
    await storage.listOwners("tt");
    await storage.write({ deletes: [key], deletePrefixes: [key] });
    const nothing = { batches: 0, reads: 0, recordsWritten: 0, bytesWritten: 0, deletes: 0 };
    expect(storage.take()).toEqual({
      batches: 2,
      reads: 4,
      recordsWritten: 1,
      bytesWritten: 11,
      deletes: 2,
      expectations: 1,
      recordsRead: 2,
      bytesRead: 25,
    });
    expect(storage.take()).toMatchObject(nothing);
  });
});

describe("cryptography that counts", () => {
  it("believes signatures only when told to", async () => {
    const crypto = countingCrypto(nodeCrypto());
    const suite = await crypto.cipherSuite(1);
    const { publicKey } = await suite.generateSignatureKeys();
    const wrong = new Uint8Array(64);
    await expect(suite.verify(publicKey, wrong, wrong)).resolves.toBe(false);
    crypto.strict = false;
    await expect(suite.verify(publicKey, wrong, wrong)).resolves.toBe(true);
    suite.hash(wrong);
    expect(crypto.take()).toEqual({ verifications: 2, hashes: 1 });
    expect(crypto.take()).toEqual({ verifications: 0, hashes: 0 });
  });
});
