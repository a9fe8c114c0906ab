import { readFileSync } from "node:fs";
import { nobleCrypto } from "@openmls-ts/crypto-noble";
import { nodeCrypto } from "@openmls-ts/crypto-node";
import { webCrypto } from "@openmls-ts/crypto-webcrypto";
import { importKeyPackage, type MlsGroup, StagedWelcome } from "@openmls-ts/mls-core";
import { memoryStorage } from "@openmls-ts/storage-memory";
import { targetedMessages } from "@openmls-ts/targeted-messages";
import { type CryptoProvider, hexToBytes, type MlsProvider, utf8 } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { nobleEngine, type PqDerivation, postQuantumSuites, subtleEngine } from "./index.ts";
import { nodeEngine } from "./node.ts";

/** What OpenMLS 0.9.0-rc.1 on its libcrux provider sent to a client of ours, in MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519. */
interface Recorded {
  readonly key_package: string;
  readonly init_priv: string;
  readonly encryption_priv: string;
  readonly welcome: string;
  /** Commits with a path. */
  readonly epochs: readonly { readonly commit: string; readonly epoch_authenticator: string }[];
  readonly message: string;
  /** In the form of draft -01. */
  readonly targeted_message: string;
}

const file = new URL("./testing/openmls-x-wing.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded;
const targeted = targetedMessages({ version: "01", codePoints: "openmls" });

const providers: Readonly<Record<string, (derivation?: PqDerivation) => CryptoProvider>> = {
  noble: (derivation) => nobleCrypto({ suites: suites(nobleEngine, derivation) }),
  node: (derivation) => nodeCrypto({ suites: suites(nodeEngine, derivation) }),
  webcrypto: (derivation) => webCrypto({ suites: suites(subtleEngine(), derivation) }),
};

function suites(engine: typeof nobleEngine, derivation?: PqDerivation) {
  return postQuantumSuites({ ids: "openmls", engine, ...(derivation === undefined ? {} : { derivation }) });
}

async function join(crypto: CryptoProvider): Promise<MlsGroup> {
  const provider: MlsProvider = {
    crypto,
    storage: memoryStorage(),
    credentialValidator: { validate: async () => true },
    features: [targeted],
    clock: { now: () => 1_795_643_000n }, // when it was recorded
  };
  await importKeyPackage(provider, hexToBytes(recorded.key_package), {
    initPrivateKey: hexToBytes(recorded.init_priv),
    encryptionPrivateKey: hexToBytes(recorded.encryption_priv),
  });
  return (await StagedWelcome.fromWelcome(provider, hexToBytes(recorded.welcome))).intoGroup();
}

describe.each(Object.entries(providers))(
  "what OpenMLS sent in its X-Wing suite, with crypto-%s",
  (_, make) => {
    it("is read: a Welcome, commits with a path, a message, a targeted message", async () => {
      const group = await join(make());
      for (const { commit, epoch_authenticator } of recorded.epochs) {
        const processed = await group.processMessage(hexToBytes(commit));
        if (processed.kind !== "commit") throw new Error(processed.kind);
        await group.mergeStagedCommit(processed.stagedCommit);
        expect(group.epochAuthenticator).toEqual(hexToBytes(epoch_authenticator));
      }
      expect(await group.processMessage(hexToBytes(recorded.message))).toMatchObject({
        kind: "application",
        data: utf8("hello from OpenMLS"),
      });
      expect(targeted.read(await group.processMessage(hexToBytes(recorded.targeted_message)))).toEqual({
        sender: 0,
        data: utf8("for leaf 1"),
        authenticatedData: utf8("aad"),
      });
    });

    it("is refused by who derives keys as draft-ietf-hpke-pq does", async () => {
      await expect(join(make("labeled"))).rejects.toMatchObject({
        code: "ERR_MLS_VALIDATION",
        rule: "rfc106",
      });
    });
  },
);
