import { type CipherSuite, utf8 } from "@openmls-ts/traits";
import { deriveTreeSecret, expandWithLabel } from "../labels/index.ts";

const NOTHING = new Uint8Array();
const LEFT = utf8("left");
const RIGHT = utf8("right");

/** The secrets of a node's children (RFC 9420 §9). */
export function childSecrets(
  suite: CipherSuite,
  secret: Uint8Array,
): { readonly left: Uint8Array; readonly right: Uint8Array } {
  const length = suite.params.kdf.hashLength;
  return {
    left: expandWithLabel(suite, secret, "tree", LEFT, length),
    right: expandWithLabel(suite, secret, "tree", RIGHT, length),
  };
}

/** The first secret of a leaf's ratchet (RFC 9420 §9). @param label `handshake` or `application` */
export function firstRatchetSecret(suite: CipherSuite, leafSecret: Uint8Array, label: string): Uint8Array {
  return expandWithLabel(suite, leafSecret, label, NOTHING, suite.params.kdf.hashLength);
}

/** Key and nonce of a generation (RFC 9420 §9.1). */
export function ratchetKeyAndNonce(
  suite: CipherSuite,
  secret: Uint8Array,
  generation: number,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const { keyLength, nonceLength } = suite.params.aead;
  return {
    key: deriveTreeSecret(suite, secret, "key", generation, keyLength),
    nonce: deriveTreeSecret(suite, secret, "nonce", generation, nonceLength),
  };
}

/** The ratchet secret of the generation after this one (RFC 9420 §9.1). */
export function nextRatchetSecret(suite: CipherSuite, secret: Uint8Array, generation: number): Uint8Array {
  return deriveTreeSecret(suite, secret, "secret", generation, suite.params.kdf.hashLength);
}
