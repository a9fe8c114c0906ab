import type { DhGroup, SignatureScheme, SuitePrimitives } from "@openmls-ts/hpke";
import type { CipherSuiteParams, KemParams, SignatureParams } from "@openmls-ts/traits";
import { nobleAead } from "./aead.ts";
import { EDWARDS_CURVES, eddsaScheme } from "./eddsa.ts";
import { kdfOf } from "./kdf.ts";
import { MONTGOMERY_CURVES, montgomeryGroup } from "./montgomery.ts";
import { ecdsaScheme, nistGroup } from "./nist.ts";
import { randomBytes } from "./random.ts";

const GROUPS: Readonly<Record<KemParams["curve"], (params: KemParams) => DhGroup>> = {
  X25519: (params) => montgomeryGroup(params, MONTGOMERY_CURVES.X25519),
  X448: (params) => montgomeryGroup(params, MONTGOMERY_CURVES.X448),
  "P-256": (params) => nistGroup(params, "P-256"),
  "P-384": (params) => nistGroup(params, "P-384"),
  "P-521": (params) => nistGroup(params, "P-521"),
};

const SIGNATURES: Readonly<Record<SignatureParams["name"], (params: SignatureParams) => SignatureScheme>> = {
  Ed25519: (params) => eddsaScheme(params, EDWARDS_CURVES.Ed25519),
  Ed448: (params) => eddsaScheme(params, EDWARDS_CURVES.Ed448),
  "ECDSA-P256": (params) => ecdsaScheme(params, "P-256"),
  "ECDSA-P384": (params) => ecdsaScheme(params, "P-384"),
  "ECDSA-P521": (params) => ecdsaScheme(params, "P-521"),
};

/** Everything one suite is made of, on the noble libraries. */
export function noblePrimitives(params: CipherSuiteParams): SuitePrimitives {
  return {
    params,
    kdf: kdfOf(params.kdf.hash),
    kdfOf,
    aead: nobleAead(params.aead),
    group: GROUPS[params.kem.curve](params.kem),
    signature: SIGNATURES[params.signature.name](params.signature),
    randomBytes,
  };
}
