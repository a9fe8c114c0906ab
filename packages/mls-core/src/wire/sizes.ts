import { type Codec, opaqueUpTo } from "../codec/index.ts";

// RFC 9420 bounds none of these fields. What is longer is of no cipher suite, registered or drafted, and would be kept,
// compared and used as a key of maps; so it is refused as it is decoded, and not written either.

/** A public key for HPKE or signatures, or a KEM output; 2592 bytes is the longest drafted one. */
export const publicKeyBytes: Codec<Uint8Array> = opaqueUpTo(4096);

/** A signature; 4627 bytes is that of ML-DSA-87. */
export const signatureBytes: Codec<Uint8Array> = opaqueUpTo(16_384);

/** A hash, a MAC, a secret, a nonce, or a reference, all of at most 64 bytes so far. */
export const digestBytes: Codec<Uint8Array> = opaqueUpTo(255);

/** A group id or the id of a PSK, which applications choose. */
export const idBytes: Codec<Uint8Array> = opaqueUpTo(65_535);
