import { MlsError, violation } from "@openmls-ts/traits";
import type { PublicEpoch } from "../commit/index.ts";
import type { Environment } from "../environment.ts";
import { type ProposalContext, type ProposalList, validateAdd } from "../proposal/index.ts";

/** Why one key package cannot be added. */
export interface RefusedKeyPackage {
  /** Its place among those that the commit was to add by value. */
  readonly index: number;
  readonly code: MlsError["code"];
  readonly rule: string | undefined;
  readonly message: string;
}

/** Judges the Adds of a commit one by one, as if the unusable ones were left out (trap55). */
async function refusedAdds(
  env: Environment,
  { tree: before, groupContext }: PublicEpoch,
  list: ProposalList,
): Promise<RefusedKeyPackage[]> {
  const tree = before.fork();
  for (const { proposal } of list.removes) {
    if (tree.leaf(proposal.removed) !== undefined) {
      tree.removeLeaf(proposal.removed);
    }
  }
  const extensions = list.groupContextExtensions?.extensions ?? groupContext.extensions;
  const context: ProposalContext = { env, tree, groupContext, extensions, sending: true };
  const refused: RefusedKeyPackage[] = [];
  const inline = list.adds.filter(({ reference }) => reference === undefined);
  for (const [index, { proposal }] of inline.entries()) {
    const { leafNode } = proposal.keyPackage;
    try {
      if (tree.leafBySignatureKey(leafNode.signatureKey) !== undefined) {
        throw violation("valn0306", "an Add of a client that is already a member"); // RFC 9420 §12.2
      }
      await validateAdd(context, proposal);
      tree.addLeaf(leafNode);
    } catch (error) {
      if (!(error instanceof MlsError)) {
        throw error;
      }
      const { code, rule, message } = error;
      refused.push({ index, code, rule, message });
    }
  }
  return refused;
}

/** The error of a commit that could not be made, with all its unusable key packages as `details.refused`. */
export async function nameRefusedAdds(
  env: Environment,
  old: PublicEpoch,
  list: ProposalList,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof MlsError) || list.adds.length === 0) {
    return error;
  }
  const refused = await refusedAdds(env, old, list);
  const { code, message, rule, details } = error;
  return refused.length === 0
    ? error
    : new MlsError(code, message, {
        cause: error,
        ...(rule === undefined ? {} : { rule }),
        details: { ...details, refused },
      });
}
