import { equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { encode } from "../codec/index.ts";
import type { Environment } from "../feature/index.ts";
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
 * Everything that RFC 9420 §10.1 asks of a KeyPackage whatever group it is for, except the credential.
 * @param more what else its leaf has to fit
 * @throws MlsError `ERR_MLS_VALIDATION`, `ERR_MLS_INVALID_SIGNATURE`, `ERR_MLS_INVALID_KEY`, `ERR_MLS_LIMIT`
 */
export async function validateKeyPackage(
  env: Environment,
  keyPackage: KeyPackageStruct,
  more: Pick<LeafContext, "now" | "lifetimePolicy"> = {},
): Promise<void> {
  const { suite, limits, features, rules } = env;
  const { leafNode } = keyPackage;
  if (keyPackage.version !== ProtocolVersion.mls10 || keyPackage.cipherSuite !== suite.id) {
    throw violation("valn0201", "a KeyPackage of another version or cipher suite"); // RFC 9420 §10.1
  }
  const tbs = encode(keyPackageTbs, keyPackage);
  if (tbs.length + keyPackage.signature.length > limits.maxKeyPackageSize) {
    throw new MlsError("ERR_MLS_LIMIT", `a KeyPackage longer than ${limits.maxKeyPackageSize} bytes`);
  }
  checkPlacement("keyPackage", keyPackage.extensions, features.extensions);
  validateLeaf(leafNode, {
    groupContextExtensions: [],
    limits,
    rules,
    extensionEntries: features.extensions,
    ...more,
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
  if (!(await verifyWithLabel(suite, leafNode.signatureKey, "KeyPackageTBS", tbs, keyPackage.signature))) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a KeyPackage", { rule: "valn0203" });
  }
}
