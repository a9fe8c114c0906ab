import { equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import type { Environment } from "../environment.ts";
import { checkPlacement } from "../extension/index.ts";
import { verifyWithLabel } from "../labels/index.ts";
import { LeafNodeSource, ProtocolVersion } from "../registry.ts";
import {
  type LeafContext,
  validateLeaf,
  validateLeafKeys,
  verifyLeafSignature,
} from "../tree/leaf-validation.ts";
import { type KeyPackageStruct, keyPackageTbs } from "../wire/index.ts";

/**
 * Everything that RFC 9420 §10.1 asks of a KeyPackage, except the credential.
 * @param group the rules of the group it is for; none when it is only looked at
 * @throws MlsError `ERR_MLS_VALIDATION`, `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_INVALID_KEY`
 */
export async function validateKeyPackage(
  env: Environment,
  keyPackage: KeyPackageStruct,
  group: Omit<Partial<LeafContext>, "suite" | "expectedSource"> = {},
): Promise<void> {
  const { suite } = env;
  const { leafNode } = keyPackage;
  if (keyPackage.version !== ProtocolVersion.mls10 || keyPackage.cipherSuite !== suite.id) {
    throw violation("valn0201", "a KeyPackage of another version or cipher suite"); // RFC 9420 §10.1
  }
  checkPlacement("keyPackage", keyPackage.extensions);
  validateLeaf(leafNode, {
    groupContextExtensions: [],
    limits: env.limits,
    policy: env.policy,
    ...group,
    suite,
    expectedSource: LeafNodeSource.keyPackage,
  });
  if (equalBytes(keyPackage.initKey, leafNode.encryptionKey)) {
    throw violation("valn0204", "init_key and encryption_key are the same key"); // RFC 9420 §10.1
  }
  await validateLeafKeys(suite, leafNode);
  if (!(await suite.isValidHpkePublicKey(keyPackage.initKey))) {
    throw new MlsError("ERR_MLS_INVALID_KEY", "malformed init_key", { rule: "rfc08" }); // RFC 9420 §10
  }
  if (!(await verifyLeafSignature(suite, leafNode))) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a leaf", { rule: "valn0102" });
  }
  const tbs = encode(keyPackageTbs, keyPackage);
  if (!(await verifyWithLabel(suite, leafNode.signatureKey, "KeyPackageTBS", tbs, keyPackage.signature))) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a KeyPackage", { rule: "valn0203" });
  }
}
