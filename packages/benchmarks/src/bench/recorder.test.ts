import { nodeCrypto } from "@openmls-ts/crypto-node";
import { wipe } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { recorder } from "./recorder.ts";
import { summary } from "./samples.ts";

describe("recorder", () => {
  it("makes the same calls again though the keys were wiped, also on objects that were handed out", async () => {
    const watched = recorder(nodeCrypto());
    const suite = await watched.crypto.cipherSuite(1);
    const { privateKey, publicKey } = await suite.generateSignatureKeys();
    watched.start();
    const signingKey = await suite.importSigningKey!(privateKey);
    const message = new Uint8Array([1, 2, 3]);
    const signature = await signingKey.sign(message);
    expect(await suite.verify(publicKey, message, signature)).toBe(true);
    const calls = watched.stop();
    wipe(privateKey, publicKey, message);
    expect(calls.map(({ name }) => name)).toEqual(["importSigningKey", "sign", "verify"]);
    expect(await calls[2]!.again()).toBe(true);
    expect(await calls[1]!.again()).toEqual(signature);
  });

  it("counts nothing before it starts", async () => {
    const watched = recorder(nodeCrypto());
    (await watched.crypto.cipherSuite(1)).hash(new Uint8Array());
    watched.start();
    expect(watched.stop()).toEqual([]);
  });
});

describe("summary", () => {
  it("gives median and quartiles", () => {
    expect(summary([5, 1, 4, 2, 3])).toEqual({ median: 3, lower: 2, upper: 4 });
    expect(summary([7])).toEqual({ median: 7, lower: 7, upper: 7 });
  });
});
