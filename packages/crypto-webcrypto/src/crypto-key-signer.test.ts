import { nobleCrypto } from "@openmls-ts/crypto-noble";
import type { MlsErrorCode } from "@openmls-ts/traits";
import { utf8 } from "@openmls-ts/traits";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CryptoKeyLike } from "./index.ts";
import { cryptoKeySigner } from "./index.ts";

const { subtle } = globalThis.crypto;
const message = utf8("message");

function errorWith(code: MlsErrorCode): Error {
  const matcher: unknown = expect.objectContaining({ name: "MlsError", code });
  return matcher as Error;
}

const SCHEMES = [
  [1, "Ed25519", { name: "Ed25519" }],
  [2, "ECDSA on P-256", { name: "ECDSA", namedCurve: "P-256" }],
  [4, "Ed448", { name: "Ed448" }],
  [5, "ECDSA on P-521", { name: "ECDSA", namedCurve: "P-521" }],
  [7, "ECDSA on P-384", { name: "ECDSA", namedCurve: "P-384" }],
] as const;

async function generate(algorithm: { name: string; namedCurve?: string }): Promise<CryptoKeyPair> {
  return (await subtle.generateKey(algorithm, false, ["sign", "verify"])) as CryptoKeyPair;
}

describe.each(SCHEMES)("a signer of suite %i, %s, on a non-extractable CryptoKey", (id, _, algorithm) => {
  it("signs what another implementation verifies with its public key", async () => {
    const { privateKey, publicKey } = await generate(algorithm);
    expect(privateKey.extractable).toBe(false);
    const raw = new Uint8Array(await subtle.exportKey("raw", publicKey));
    const suite = await nobleCrypto().cipherSuite(id);
    for (const given of [raw, publicKey]) {
      const signer = await cryptoKeySigner(privateKey, given);
      expect(signer.publicKey).toEqual(raw);
      const signature = await signer.sign(message);
      await expect(suite.verify(signer.publicKey, message, signature)).resolves.toBe(true);
    }
  });

  it("is refused with a public key that is not its own", async () => {
    const { privateKey } = await generate(algorithm);
    const { publicKey } = await generate(algorithm);
    await expect(cryptoKeySigner(privateKey, publicKey)).rejects.toThrow(errorWith("ERR_MLS_INVALID_KEY"));
    const raw = new Uint8Array(await subtle.exportKey("raw", publicKey));
    for (const malformed of [raw.subarray(1), new Uint8Array(0), raw.slice().fill(0xff)]) {
      await expect(cryptoKeySigner(privateKey, malformed)).rejects.toThrow(errorWith("ERR_MLS_INVALID_KEY"));
    }
  });
});

describe("cryptoKeySigner", () => {
  it("keeps its own copy of the public key", async () => {
    const { privateKey, publicKey } = await generate({ name: "Ed25519" });
    const raw = new Uint8Array(await subtle.exportKey("raw", publicKey));
    const given = raw.slice();
    const signer = await cryptoKeySigner(privateKey, given);
    given.fill(0);
    signer.publicKey.fill(0);
    expect(signer.publicKey).toEqual(raw);
  });

  it("refuses what is no such key", async () => {
    const { privateKey, publicKey } = await generate({ name: "Ed25519" });
    const agreement = await subtle.generateKey("X25519", false, ["deriveBits"]);
    const rsa = { type: "private", algorithm: { name: "RSA-PSS" }, usages: ["sign"] };
    const words = [undefined, null, "key", {}, publicKey, agreement.privateKey, rsa, { ...rsa, usages: [] }];
    for (const word of words) {
      const signer = cryptoKeySigner(word as CryptoKeyLike, publicKey);
      await expect(signer).rejects.toThrow(errorWith("ERR_MLS_USAGE"));
    }
    for (const word of [undefined, null, "key", {}, privateKey]) {
      const signer = cryptoKeySigner(privateKey, word as CryptoKeyLike);
      await expect(signer).rejects.toThrow(errorWith("ERR_MLS_USAGE"));
    }
    const unknown = cryptoKeySigner(privateKey, publicKey, { subtle } as object);
    await expect(unknown).rejects.toThrow(errorWith("ERR_MLS_USAGE"));
    await expect((await cryptoKeySigner(privateKey, publicKey)).sign("text" as never)).rejects.toThrow(
      errorWith("ERR_MLS_USAGE"),
    );
  });
});

/** The sample of the README under a heading, as the body of an async function of the given names. */
function sample(heading: string, ...names: string[]): (...given: unknown[]) => Promise<unknown> {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code =
    readme.split(`## ${heading}\n`)[1]?.split("```ts\n")[1]?.split("```")[0] ?? expect.fail(heading);
  const body = code
    .replace(/^import .*$/gm, "")
    .replaceAll("export ", "")
    .replaceAll(/: (Signer|Uint8Array)\b/g, "");
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
  return new AsyncFunction(...names, `${body}\nreturn signer;`) as (...given: unknown[]) => Promise<unknown>;
}

describe("the samples of the README", () => {
  it("make a signer of a non-extractable key", async () => {
    const signer = (await sample("Keys that nobody can read", "cryptoKeySigner")(cryptoKeySigner)) as Awaited<
      ReturnType<typeof cryptoKeySigner>
    >;
    const suite = await nobleCrypto().cipherSuite(1);
    const signature = await signer.sign(message);
    await expect(suite.verify(signer.publicKey, message, signature)).resolves.toBe(true);
  });

  it("make a signer of a key that is elsewhere", async () => {
    const suite = await nobleCrypto().cipherSuite(1);
    const keys = await suite.generateSignatureKeys();
    const remote = async (url: string, { body }: { body: Uint8Array }): Promise<Response> => {
      expect(url).toBe("https://keys.example/sign");
      return new Response((await suite.sign(keys.privateKey, body)) as Uint8Array<ArrayBuffer>);
    };
    const signer = (await sample(
      "Keys that are elsewhere",
      "publicKey",
      "fetch",
    )(keys.publicKey, remote)) as { sign(message: Uint8Array): Promise<Uint8Array> };
    const signature = await signer.sign(message);
    await expect(suite.verify(keys.publicKey, message, signature)).resolves.toBe(true);
  });
});
