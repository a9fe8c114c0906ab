import { bytesToKey, MlsError, violation } from "@openmls-ts/traits";
import { inBatches } from "../batches.ts";
import type { Watch } from "../work.ts";
import { verifyLeafSignature } from "./leaf-signature.ts";
import { type LeafRules, validateLeaf, validateLeafKeys } from "./leaf-validation.ts";
import type { RatchetTree } from "./ratchet-tree.ts";
import { within } from "./sorted.ts";
import { isLeaf, leafRange, left, nodeWidth, right, root } from "./tree-math.ts";

/**
 * The rules about a whole tree that need no cryptography, in time linear in its size (RFC 9420 §12.4.3.1, 16.7).
 * @throws MlsError `ERR_MLS_VALIDATION` rules valn1408, valn1409, valn1410, valn0111, valn0112, rfc54
 */
export function checkTreeStructure(tree: RatchetTree): void {
  checkUnmergedLeaves(tree);
  checkUniqueKeys(tree);
}

function checkUnmergedLeaves(tree: RatchetTree): void {
  const nobody: readonly number[] = [];
  /** @param above the unmerged leaves of the next occupied parent above, as far as they are below this node */
  const visit = (node: number, above: readonly number[]): void => {
    if (isLeaf(node)) {
      return;
    }
    const unmerged = tree.parentNode(node)?.unmergedLeaves;
    if (unmerged !== undefined) {
      if (within(unmerged, leafRange(node)).length !== unmerged.length) {
        throw violation("valn1408", `node ${node} lists an unmerged leaf that is not below it`);
      }
      if (unmerged.some((leafIndex) => tree.leaf(leafIndex) === undefined)) {
        throw violation("valn1408", `node ${node} lists a blank leaf as unmerged`);
      }
      const listed = new Set(unmerged);
      if (above.some((leafIndex) => !listed.has(leafIndex))) {
        throw violation("valn1409", `node ${node} lacks a leaf that is unmerged above it`);
      }
    }
    const here = unmerged ?? above;
    visit(left(node), here.length === 0 ? nobody : within(here, leafRange(left(node))));
    visit(right(node), here.length === 0 ? nobody : within(here, leafRange(right(node))));
  };
  visit(root(tree.leafCount), nobody);
}

function checkUniqueKeys(tree: RatchetTree): void {
  const encryptionKeys = new Map<string, number>();
  for (let node = 0; node < nodeWidth(tree.leafCount); node++) {
    const encryptionKey = tree.encryptionKey(node);
    if (encryptionKey === undefined) {
      continue;
    }
    const key = bytesToKey(encryptionKey);
    const other = encryptionKeys.get(key);
    if (other !== undefined) {
      const rule = isLeaf(node) && isLeaf(other) ? "valn0112" : "valn1410"; // RFC 9420 §7.3, 12.4.3.1
      throw violation(rule, `nodes ${other} and ${node} have the same encryption key`);
    }
    encryptionKeys.set(key, node);
  }
  const signatureKeys = new Set<string>();
  for (const [leafIndex, leaf] of tree.members()) {
    const key = bytesToKey(leaf.signatureKey);
    if (signatureKeys.has(key)) {
      throw violation("valn0111", `leaf ${leafIndex} has the signature key of another member`); // RFC 9420 §7.3
    }
    if (encryptionKeys.has(key)) {
      throw violation("rfc54", `the signature key of leaf ${leafIndex} is also an encryption key`); // RFC 9420 §16.7
    }
    signatureKeys.add(key);
  }
}

/**
 * Validates all leaves of a tree that somebody else supplied, and the form of its parents' keys (RFC 9420 §12.4.3.1).
 * Keys that occur twice are found by `checkTreeStructure`.
 * @throws MlsError `ERR_MLS_VALIDATION`, `ERR_MLS_INVALID_SIGNATURE`; `details.leafIndex` names the leaf
 */
export async function validateTreeLeaves(
  tree: RatchetTree,
  rules: LeafRules & { readonly groupId: Uint8Array; readonly watch?: Watch | undefined },
): Promise<void> {
  const { suite, watch } = rules;
  // RFC 9420 §7.3, 13.3
  for (const type of tree.credentialTypesInUse().keys()) {
    if (tree.supportCount("credentials", type) !== tree.memberCount) {
      throw violation("valn0104", `a member does not support credential type ${type} of another member`);
    }
  }
  const members = [...tree.members()];
  for (const [leafIndex, leaf] of members) {
    at(leafIndex, () => validateLeaf(leaf, rules)); // valn1407
  }
  await inBatches(
    members,
    async ([leafIndex, leaf]) => {
      await validateLeafKeys(suite, leaf);
      if (!(await verifyLeafSignature(suite, leaf, { groupId: rules.groupId, leafIndex }))) {
        throw new MlsError(
          "ERR_MLS_INVALID_SIGNATURE",
          `the signature of leaf ${leafIndex} does not verify`,
          {
            rule: "valn0102",
            details: { leafIndex },
          },
        );
      }
    },
    watch,
  );
  await validateParentKeys(tree, watch);
}

/** Runs a check and says in its error where it failed. */
function at(leafIndex: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof MlsError)) {
      throw error;
    }
    throw new MlsError(error.code, `leaf ${leafIndex}: ${error.message}`, {
      cause: error,
      ...(error.rule === undefined ? {} : { rule: error.rule }),
      details: { ...error.details, leafIndex },
    });
  }
}

async function validateParentKeys(tree: RatchetTree, watch: Watch | undefined): Promise<void> {
  const keys: Uint8Array[] = [];
  for (let node = 1; node < nodeWidth(tree.leafCount); node += 2) {
    const key = tree.encryptionKey(node);
    if (key !== undefined) {
      keys.push(key);
    }
  }
  const valid = await inBatches(keys, async (key) => tree.suite.isValidHpkePublicKey(key), watch, "parents");
  if (valid.includes(false)) {
    throw violation("rfc08", "a key is not one of the cipher suite"); // RFC 9420 §5.1.1
  }
}
