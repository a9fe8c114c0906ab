import type { CryptoBackend } from "@openmls-ts/hpke";
import { nobleAead } from "./aead.ts";
import { EDWARDS_CURVES, eddsaScheme } from "./eddsa.ts";
import { nobleKdf } from "./kdf.ts";
import { MONTGOMERY_CURVES, montgomeryGroup } from "./montgomery.ts";
import { ecdsaScheme, nistGroup } from "./nist.ts";
import { randomBytes } from "./random.ts";

/** What the noble libraries have, everywhere alike. */
export const NOBLE: CryptoBackend = {
  name: "noble",
  probes: false,
  groups: {
    X25519: (params) => montgomeryGroup(params, MONTGOMERY_CURVES.X25519),
    X448: (params) => montgomeryGroup(params, MONTGOMERY_CURVES.X448),
    "P-256": (params) => nistGroup(params, "P-256"),
    "P-384": (params) => nistGroup(params, "P-384"),
    "P-521": (params) => nistGroup(params, "P-521"),
  },
  kdfs: {
    "SHA-256": (params) => nobleKdf(params, "SHA-256"),
    "SHA-384": (params) => nobleKdf(params, "SHA-384"),
    "SHA-512": (params) => nobleKdf(params, "SHA-512"),
  },
  aeads: {
    "AES-128-GCM": () => nobleAead("AES-128-GCM"),
    "AES-256-GCM": () => nobleAead("AES-256-GCM"),
    "ChaCha20-Poly1305": () => nobleAead("ChaCha20-Poly1305"),
  },
  signatures: {
    Ed25519: (params) => eddsaScheme(params, EDWARDS_CURVES.Ed25519),
    Ed448: (params) => eddsaScheme(params, EDWARDS_CURVES.Ed448),
    "ECDSA-P256": () => ecdsaScheme("P-256"),
    "ECDSA-P384": () => ecdsaScheme("P-384"),
    "ECDSA-P521": () => ecdsaScheme("P-521"),
  },
  randomBytes,
};
