import { buildProbingProvider } from "@openmls-ts/hpke";
import type { CryptoProvider } from "@openmls-ts/traits";
import { nodeAead } from "./aead.ts";
import { nodeDhGroup } from "./dh-group.ts";
import { nodeKdf } from "./kdf.ts";
import { randomBytes } from "./random.ts";
import { nodeSignatureScheme } from "./signature.ts";

/**
 * Cryptography by OpenSSL, through `node:crypto`. Every suite of RFC 9420 §17.1 works on Node.js 22.12 and later; a
 * suite is tried before it is first handed out, so that a build of OpenSSL without a curve says so.
 * Operations run on the calling thread.
 */
export function nodeCrypto(): CryptoProvider {
  return buildProbingProvider("node", async (params) => ({
    params,
    kdf: nodeKdf(params.kdf.hash),
    kdfOf: nodeKdf,
    aead: nodeAead(params.aead),
    group: nodeDhGroup(params.kem),
    signature: nodeSignatureScheme(params.signature),
    randomBytes,
  }));
}
