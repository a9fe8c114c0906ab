import { type CommitFacts, type CommitMember, deepCopy, identityOf, MlsError } from "@openmls-ts/traits";
import type { Environment } from "../environment.ts";
import { type GroupContext } from "../wire/index.ts";
import type { AffectedMember, CommitSummary } from "./staged-commit.ts";

/** Freezes plain data all the way down, except for bytes, which cannot be. */
function freeze(value: unknown): void {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
}

/**
 * Puts a valid commit to the application's rules: the same facts for whoever makes and whoever receives it (RFC 9420
 * §12.2).
 * @throws MlsError `ERR_MLS_POLICY` rule rfc90 unless they resolve to the literal `true`
 */
export async function checkCommitRules(
  env: Environment,
  old: GroupContext,
  { selfRemoved: _, ...summary }: CommitSummary,
): Promise<void> {
  const rules = env.provider.commitRules;
  if (rules === undefined) {
    return;
  }
  const { groupId, cipherSuite } = old;
  const named = <T extends AffectedMember>(members: readonly T[]): readonly (T & CommitMember)[] =>
    members.map((member) => ({ ...member, identity: identityOf(member) }));
  const facts: CommitFacts = deepCopy({
    ...summary,
    added: named(summary.added),
    removed: named(summary.removed),
    updated: named(summary.updated),
    groupId,
    cipherSuite,
    oldExtensions: old.extensions,
  });
  freeze(facts);
  let allowed: unknown;
  try {
    allowed = await rules.allow(facts);
  } catch (cause) {
    throw new MlsError("ERR_MLS_POLICY", "the application's rules about commits failed", {
      rule: "rfc90",
      cause,
    });
  }
  if (allowed !== true) {
    throw new MlsError("ERR_MLS_POLICY", "the application's rules refuse the commit", { rule: "rfc90" });
  }
}
