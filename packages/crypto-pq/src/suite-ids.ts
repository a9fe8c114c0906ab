import type { PqDerivation } from "./derive-private-key.ts";

/** The suites of draft-ietf-mls-pq-ciphersuites-06, in its order, and OpenMLS's experiment with X-Wing. */
export const PQ_SUITE_NAMES = [
  "MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519",
  "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519",
  "MLS_128_MLKEM768P256_AES128GCM_SHA256_P256",
  "MLS_128_MLKEM768P256_AES256GCM_SHA384_P256",
  "MLS_192_MLKEM1024P384_AES256GCM_SHA384_P384",
  "MLS_128_MLKEM768_AES256GCM_SHA384_Ed25519",
  "MLS_128_MLKEM768_AES256GCM_SHA384_P256",
  "MLS_192_MLKEM1024_AES256GCM_SHA384_P384",
  "MLS_128_MLKEM768X25519_CHACHA20POLY1305_SHA384_MLDSA44",
  "MLS_192_MLKEM768_AES256GCM_SHA384_MLDSA65",
  "MLS_256_MLKEM1024_AES256GCM_SHA384_MLDSA87",
  "MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519",
] as const;

/** Name of one of {@link PQ_SUITE_NAMES}. */
export type PqSuiteName = (typeof PQ_SUITE_NAMES)[number];

/** Which number a suite goes by; one that is left out is not offered. */
export type PqSuiteIds = Readonly<Partial<Record<PqSuiteName, number>>>;

const [A, B, C, D, E, F, G, H, I, J, K, X] = PQ_SUITE_NAMES;

/**
 * The numbers by which suites go in each ecosystem. IANA has given none yet: those of `wire` are for private use (RFC 9420 §17.1) and
 * in the order of the draft, so they are also what `draft` means until then.
 */
export const PQ_SUITE_IDS: Readonly<Record<PqEcosystem, PqSuiteIds>> = {
  draft: numbered(0xf001),
  openmls: {
    [A]: 0x004f,
    [B]: 0x004e,
    [F]: 0xf042,
    [G]: 0x0050,
    [H]: 0x0042,
    [I]: 0x0052,
    [J]: 0x0051,
    [K]: 0x0907,
    [X]: 0x004d,
  },
  "mls-rs": {}, // has KEMs of its own, which nobody else has
  mlspp: { [B]: 0x0008, [D]: 0x0009, [E]: 0x000a },
  wire: numbered(0xf001),
};

/** An ecosystem of {@link PQ_SUITE_IDS}. */
export type PqEcosystem = "draft" | "openmls" | "mls-rs" | "mlspp" | "wire";

/** How each ecosystem derives key pairs: OpenMLS as of 0.9.0-rc.1 with hpke-rs 0.7. */
export const PQ_DERIVATIONS: Readonly<Record<PqEcosystem, PqDerivation>> = {
  draft: "labeled",
  openmls: "shake256",
  "mls-rs": "labeled",
  mlspp: "labeled",
  wire: "labeled",
};

function numbered(first: number): PqSuiteIds {
  return Object.fromEntries([A, B, C, D, E, F, G, H, I, J, K].map((name, index) => [name, first + index]));
}
