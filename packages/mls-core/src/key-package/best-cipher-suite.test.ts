import { nodeCrypto } from "@openmls-ts/crypto-node";
import { describe, expect, it } from "vitest";
import { bestCipherSuite, type KeyPackage, KeyPackageIn } from "../index.ts";
import { forgeKeyPackage } from "../testing/forge.ts";
import { client, keyPackageOf } from "../testing/client.ts";
import { mlsError } from "../testing/suites.ts";
import { encodeMlsMessage } from "../wire/index.ts";
import { WireFormat } from "../registry.ts";

const crypto = nodeCrypto();

/** A KeyPackage of suite 1 whose leaf lists these suites. */
async function listing(...cipherSuites: number[]): Promise<KeyPackage> {
  const owner = await client("somebody", crypto);
  const keyPackage = await forgeKeyPackage(owner, {
    leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, cipherSuites } }),
  });
  const message = encodeMlsMessage({ wireFormat: WireFormat.mlsKeyPackage, keyPackage });
  return KeyPackageIn.fromMessage(message).validate(owner.provider);
}

describe("the suite of a group that begins with several members (rfc73, RFC 9420 §11)", () => {
  it("is the best that all of them list, not the one of their KeyPackages", async () => {
    const { provider } = await client("alice", crypto);
    const members = [await listing(1, 2, 7), await listing(7, 1)];
    expect(await bestCipherSuite(provider, members, [7, 2, 1])).toBe(7);
    expect(await bestCipherSuite(provider, members, [2, 1])).toBe(1);
    expect(await bestCipherSuite(provider, members)).toBe(1);
    expect(await bestCipherSuite(provider, [], [3])).toBe(3);
  });

  it("does not exist where they have none in common, or the provider lacks it", async () => {
    const { provider } = await client("alice", crypto);
    const none = mlsError("ERR_MLS_UNSUPPORTED_CIPHER_SUITE", "rfc73");
    await expect(bestCipherSuite(provider, [await listing(1)], [2, 7])).rejects.toThrow(none);
    await expect(bestCipherSuite(provider, [await listing(1, 0x4d)], [0x4d])).rejects.toThrow(none);
  });

  it("is asked for with KeyPackages and numbers", async () => {
    const owner = await client("alice", crypto);
    const bytes = (await keyPackageOf(owner)).ref as unknown as KeyPackage;
    const usage = mlsError("ERR_MLS_USAGE");
    await expect(bestCipherSuite(owner.provider, [bytes])).rejects.toThrow(usage);
    await expect(bestCipherSuite(owner.provider, [], ["1" as unknown as number])).rejects.toThrow(usage);
  });
});
