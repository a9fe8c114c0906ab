import type { KemParams, SignatureParams } from "@openmls-ts/traits";

const kem = (
  id: number,
  name: string,
  encapsulatedLength: number,
  publicKeyLength: number,
  privateKeyLength: number,
): KemParams => ({ id, name, sharedSecretLength: 32, encapsulatedLength, publicKeyLength, privateKeyLength });

/** The KEMs of draft-ietf-hpke-pq. Private keys are seeds. */
export const PQ_KEMS: Readonly<Record<PqKemName, KemParams>> = {
  "ML-KEM-768": kem(0x0041, "ML-KEM-768", 1088, 1184, 64),
  "ML-KEM-1024": kem(0x0042, "ML-KEM-1024", 1568, 1568, 64),
  "MLKEM768-X25519": kem(0x647a, "MLKEM768-X25519", 1120, 1216, 32),
  "MLKEM768-P256": kem(0x0050, "MLKEM768-P256", 1153, 1249, 32),
  "MLKEM1024-P384": kem(0x0051, "MLKEM1024-P384", 1665, 1665, 32),
};

/** Name of one of {@link PQ_KEMS}. */
export type PqKemName = "ML-KEM-768" | "ML-KEM-1024" | "MLKEM768-X25519" | "MLKEM768-P256" | "MLKEM1024-P384";

const signature = (
  id: number,
  name: string,
  publicKeyLength: number,
  maxSignatureLength: number,
): SignatureParams => ({ id, name, publicKeyLength, privateKeyLength: 32, maxSignatureLength });

/** ML-DSA by TLS's code points (draft-ietf-tls-mldsa). Private keys are seeds of 32 bytes. */
export const PQ_SIGNATURES: Readonly<Record<PqSignatureName, SignatureParams>> = {
  "ML-DSA-44": signature(0x0904, "ML-DSA-44", 1312, 2420),
  "ML-DSA-65": signature(0x0905, "ML-DSA-65", 1952, 3309),
  "ML-DSA-87": signature(0x0906, "ML-DSA-87", 2592, 4627),
};

/** Name of one of {@link PQ_SIGNATURES}. */
export type PqSignatureName = "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87";
