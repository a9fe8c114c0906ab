import type { CryptoBackend, SuiteOptions } from "@openmls-ts/hpke";
import { buildCryptoProvider } from "@openmls-ts/hpke";
import type { CryptoProvider } from "@openmls-ts/traits";
import { booleanArgument, optionsArgument } from "@openmls-ts/traits";
import { nodeAead } from "./aead.ts";
import { montgomeryGroup, nistGroup } from "./dh-group.ts";
import { nodeKdf } from "./kdf.ts";
import { randomBytes } from "./random.ts";
import { ecdsaScheme, eddsaScheme } from "./signature.ts";

/** Options of {@link nodeCrypto}. */
export interface NodeCryptoOptions extends SuiteOptions {
  /**
   * Whether signatures that are verified and secrets that are sealed by the dozen, as when joining a group and adding members,
   * may use libuv's threads. It shortens the wait and takes a little more of the processor in all. Default: true.
   */
  readonly threads?: boolean;
}

/** All of OpenSSL that is used here. @param threads whether the thread pool may be used */
export function backend(threads: boolean): CryptoBackend {
  return {
    name: "node",
    probes: true,
    groups: {
      X25519: (params) => montgomeryGroup(params, "X25519", threads),
      X448: (params) => montgomeryGroup(params, "X448", threads),
      "P-256": (params) => nistGroup(params, "P-256", threads),
      "P-384": (params) => nistGroup(params, "P-384", threads),
      "P-521": (params) => nistGroup(params, "P-521", threads),
    },
    kdfs: {
      "SHA-256": (params) => nodeKdf(params, "SHA-256"),
      "SHA-384": (params) => nodeKdf(params, "SHA-384"),
      "SHA-512": (params) => nodeKdf(params, "SHA-512"),
    },
    aeads: {
      "AES-128-GCM": (params) => nodeAead(params, "aes-128-gcm"),
      "AES-256-GCM": (params) => nodeAead(params, "aes-256-gcm"),
      "ChaCha20-Poly1305": (params) => nodeAead(params, "chacha20-poly1305"),
    },
    signatures: {
      Ed25519: (params) => eddsaScheme(params, "Ed25519", threads),
      Ed448: (params) => eddsaScheme(params, "Ed448", threads),
      "ECDSA-P256": () => ecdsaScheme("P-256", "sha256", threads),
      "ECDSA-P384": () => ecdsaScheme("P-384", "sha384", threads),
      "ECDSA-P521": () => ecdsaScheme("P-521", "sha512", threads),
    },
    randomBytes,
  };
}

/**
 * Cryptography by OpenSSL, through `node:crypto`. Every suite of RFC 9420 §17.1 works on Node.js 22.12 and later; a
 * suite is tried before it is first handed out, so that a build of OpenSSL without a curve says so.
 * Operations run on the calling thread, but for what is verified and sealed by the dozen.
 * @throws MlsError `ERR_MLS_USAGE` for options that are unknown, and suites that nothing implements
 */
export function nodeCrypto(options?: NodeCryptoOptions): CryptoProvider {
  const { suites, threads = true } = optionsArgument("options", options, ["suites", "threads"]);
  return buildCryptoProvider(backend(booleanArgument("options.threads", threads)), suites);
}
