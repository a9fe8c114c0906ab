import { equalBytes, MlsError, violation } from "@openmls-ts/traits";
import { judgeCredentials, validateSuccessor } from "../credential/index.ts";
import { validateKeyPackage } from "../key-package/validate-key-package.ts";
import { inBatches } from "../batches.ts";
import { validateLeaf, validateLeafKeys, verifyLeafSignature } from "../tree/leaf-validation.ts";
import { encodeCredential, type LeafNode, lifetimeOf } from "../wire/index.ts";
import { type Attempt, mayStand, type NewLeaf } from "./attempt.ts";
import type { PlanInput } from "./plan-types.ts";

/** What was proved of leaves and key packages by cryptography, which no other list of proposals changes. */
export type Proofs = WeakMap<object, Promise<MlsError | undefined>>;

/**
 * Judges the leaves that a commit brings in by the tree and the extensions that it leads to (RFC 9420 §12.3, 7.3):
 * first what is cheap, then keys and signatures, then the application's word.
 */
export async function judgeLeaves(input: PlanInput, attempt: Attempt, proofs: Proofs): Promise<void> {
  const { newLeaves, failures } = attempt;
  for (const leaf of newLeaves) {
    await attempt.judge(leaf.by, () => checkLeaf(input, attempt, leaf));
  }
  const standing = (): NewLeaf[] => newLeaves.filter(({ by }) => mayStand(failures.get(by)));
  const proved = standing();
  const errors = await inBatches(
    proved,
    async (leaf) => {
      const subject = leaf.keyPackage ?? leaf.leafNode;
      let proof = proofs.get(subject);
      if (proof === undefined) {
        proof = prove(input, leaf).then(
          () => undefined,
          (error: unknown) => {
            if (!(error instanceof MlsError)) throw error;
            return error;
          },
        );
        proofs.set(subject, proof);
      }
      return proof;
    },
    input.env.watch,
  );
  errors.forEach((error, at) => {
    if (error !== undefined) {
      attempt.fail(proved[at]!.by, error); // in the order of the commit, so that all name the same
    }
  });
  await judgeIdentities(input, attempt, standing());
}

function checkLeaf({ env, side }: PlanInput, attempt: Attempt, leaf: NewLeaf): void {
  const { leafNode, leafIndex, replaced, source, keyPackage } = leaf;
  if (replaced !== undefined && equalBytes(replaced.encryptionKey, leafNode.encryptionKey)) {
    throw violation("valn0109", "an Update keeps its encryption key"); // RFC 9420 §7.3
  }
  const rules = {
    suite: env.suite,
    groupContextExtensions: attempt.extensions,
    limits: env.limits,
    rules: env.rules,
    extensionEntries: env.features.extensions,
    tree: attempt.tree,
    leafIndex,
  };
  if (keyPackage === undefined) {
    validateLeaf(leafNode, { ...rules, expectedSource: source });
  } else {
    // A lifetime is judged by whoever adds, with the clock of now (RFC 9420 §7.3); a commit that is read is not of now.
    const now = side === "sender" ? env.clock.now() : undefined;
    validateLeaf(leafNode, { ...rules, expectedSource: source, now, lifetimePolicy: "require" });
  }
}

async function prove({ env, old }: PlanInput, { leafNode, leafIndex, keyPackage }: NewLeaf): Promise<void> {
  if (keyPackage !== undefined) {
    await validateKeyPackage(env, keyPackage);
    return;
  }
  await validateLeafKeys(env.suite, leafNode);
  const { groupId } = old.groupContext;
  if (!(await verifyLeafSignature(env.suite, leafNode, { groupId, leafIndex }))) {
    throw new MlsError("ERR_MLS_INVALID_SIGNATURE", "bad signature on a leaf", { rule: "valn0102" });
  }
}

/** Whether a leaf speaks of another identity than the one it replaces, or for it with another key. */
export function changesIdentity(current: LeafNode, next: LeafNode): boolean {
  return (
    !equalBytes(encodeCredential(current.credential), encodeCredential(next.credential)) ||
    !equalBytes(current.signatureKey, next.signatureKey)
  );
}

// RFC 9420 §5.3.1
async function judgeIdentities(
  { env, old }: PlanInput,
  attempt: Attempt,
  leaves: readonly NewLeaf[],
): Promise<void> {
  const { groupId } = old.groupContext;
  const fresh = leaves.filter(
    ({ replaced, leafNode }) => replaced === undefined || changesIdentity(replaced, leafNode),
  );
  const items = fresh.map(({ leafNode, leafIndex, replaced }) => ({
    presented: leafNode,
    occasion: {
      groupId,
      leafIndex,
      purpose: replaced === undefined ? ("add" as const) : ("update" as const),
      lifetime: lifetimeOf(leafNode),
    },
  }));
  const errors = await judgeCredentials(env, items);
  for (const [at, leaf] of fresh.entries()) {
    const { replaced, leafNode } = leaf;
    if (errors[at] !== undefined) {
      attempt.fail(leaf.by, errors[at]);
    } else if (replaced !== undefined) {
      await attempt.judge(leaf.by, async () =>
        validateSuccessor(env, replaced, leafNode, { groupId, purpose: "update" }),
      );
    }
  }
}
