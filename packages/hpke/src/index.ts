export { buildCipherSuite } from "./cipher-suite.ts";
export type {
  Aead,
  CryptoBackend,
  DhAgreement,
  DhGroup,
  Encapsulated,
  HashOperations,
  Implementations,
  Kdf,
  Kem,
  SignatureScheme,
  SuitePrimitives,
} from "./primitives.ts";
export type { SuiteEntry, SuiteImplementations, SuiteOptions, SuiteTools, Supplied } from "./suites.ts";
export { BoundedCache } from "./bounded-cache.ts";
export { encodePkcs8, encodePkcs8WithPublicKey, encodeSpki } from "./key-encoding.ts";
export type { KeyCurve } from "./key-encoding.ts";
export { isNistScalar, isUncompressedPoint, NIST_CURVES, randomNistScalar } from "./nist-curves.ts";
export { isNistPoint } from "./nist-points.ts";
export type { NistCurve, NistCurveConstants } from "./nist-curves.ts";
export { decodeEcdsaSignature, encodeEcdsaSignature } from "./signature-encoding.ts";
export { buildCryptoProvider } from "./provider.ts";
export { buildKdf } from "./kdf.ts";
export { isLowOrderPoint } from "./montgomery.ts";
