import { SignatureKeyPair } from "@openmls-ts/basic-credential";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { basicCredential, KeyPackage, KeyPackageIn } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { type MlsProvider, type Signer, utf8 } from "@openmls-ts/traits";
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";
import { NOW, party, rootOf } from "./testing/authority.ts";
import { credentialFor, lax } from "./testing/members.ts";

interface Example {
  withX509: (provider: MlsProvider, authority: Uint8Array) => MlsProvider;
  keyPackageFor: (provider: MlsProvider, signer: Signer, chain: readonly Uint8Array[]) => Promise<KeyPackage>;
}

/** The example in the README as it stands there, as a module. */
async function loadExample(): Promise<Example> {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = /```ts\n([^`]*)```/.exec(readme)?.[1] ?? expect.unreachable("the README has no example");
  const script = stripTypeScriptTypes(code).replace(/from "(@openmls-ts\/[^"]+)"/g, (_, name: string) => {
    return `from ${JSON.stringify(import.meta.resolve(name === "@openmls-ts/credential-x509" ? "./index.ts" : name))}`;
  });
  return (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as Example;
}

describe("the README", () => {
  it("has an example that takes in X.509 and basic credentials", async () => {
    const { withX509, keyPackageFor } = await loadExample();
    const crypto = nodeCrypto();
    const authority = await party("Company");
    const signer = await SignatureKeyPair.generate(await crypto.cipherSuite(1));
    const plain = {
      crypto,
      storage: memoryStorage(),
      credentialValidator: lax,
      clock: { now: () => NOW },
    };
    const provider = withX509(plain, await rootOf(authority));
    const credential = await credentialFor(authority, "ann@example.org", signer);
    const { certificates } = credential as { certificates: readonly Uint8Array[] };
    const certified = await keyPackageFor(provider, signer, certificates);
    await KeyPackageIn.fromMessage(certified.toMessage()).validate(provider);

    const bob = { credential: basicCredential(utf8("bob")), signatureKey: signer.publicKey };
    const bare = await KeyPackage.builder().build(1, provider, signer, bob);
    await KeyPackageIn.fromMessage(bare.toMessage()).validate(provider);

    const unknown = await credentialFor(await party("Company"), "ann@example.org", signer);
    const forged = await keyPackageFor(plain, signer, []).catch(() => undefined);
    expect(forged).toBeUndefined();
    const other = await KeyPackage.builder().build(1, withX509(plain, await rootOf(authority)), signer, {
      credential: unknown,
      signatureKey: signer.publicKey,
    });
    await expect(KeyPackageIn.fromMessage(other.toMessage()).validate(provider)).rejects.toMatchObject({
      code: "ERR_MLS_CREDENTIAL_REJECTED",
      rule: "trap46",
    });
  });

  it("is right about bundlers: the polyfill stays in front of what needs it", async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `export { x509Validator } from "./src/index.ts";`,
        resolveDir: new URL("..", import.meta.url).pathname,
      },
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["@openmls-ts/source"],
    });
    const text = outputFiles[0]!.text;
    const bundle = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as Record<
      string,
      unknown
    >;
    expect(bundle["x509Validator"]).toBeTypeOf("function");
    expect(text).not.toMatch(/["']node:/);
  });
});
