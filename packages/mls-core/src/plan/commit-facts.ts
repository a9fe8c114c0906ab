import { type CommitFacts, deepCopy, MlsError, refusalOf } from "@openmls-ts/traits";
import type { Environment } from "../feature/index.ts";
import { SenderType } from "../registry.ts";
import type { GroupContext, Sender } from "../wire/index.ts";
import type { CommitPlan } from "./plan-types.ts";

/** Whose commit it is, as its message says. */
export function senderOf({ external, committer }: Pick<CommitPlan, "external" | "committer">): Sender {
  return external
    ? { senderType: SenderType.newMemberCommit }
    : { senderType: SenderType.member, leafIndex: committer };
}

/** Freezes plain data all the way down, except for bytes, which cannot be. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

/**
 * Puts a valid commit to the application's rules, with the same facts for whoever makes and whoever receives it (RFC
 * 9420 §12.2).
 * @throws MlsError `ERR_MLS_POLICY` rule rfc90, or rfc109 for an external commit
 */
export async function askRules(
  { rules }: Environment,
  old: GroupContext,
  plan: Omit<CommitPlan, "leftOut">,
): Promise<void> {
  const { externalCommits } = rules;
  if (plan.external && externalCommits !== "allow") {
    if (externalCommits === "refuse" || plan.removed.some(({ left }) => !left)) {
      // RFC 9420 §12.4.3.2
      throw new MlsError("ERR_MLS_POLICY", "the group's rules refuse this external commit", {
        rule: "rfc109",
      });
    }
  }
  if (rules.allow === undefined) {
    return;
  }
  const { committer, proposals, added, removed, updated, psks, extensions } = plan;
  const member = ({
    leafIndex,
    leafNode,
    identity,
  }: (typeof added | typeof removed | typeof updated)[number]) => ({
    leafIndex,
    leafNode,
    identity,
  });
  const facts: CommitFacts = deepCopy({
    groupId: old.groupId,
    cipherSuite: old.cipherSuite,
    epoch: old.epoch + 1n,
    sender: senderOf(plan),
    committer,
    proposals,
    added: added.map(member),
    removed: removed.map(member),
    updated: updated.map(member),
    psks,
    oldExtensions: old.extensions,
    extensions,
  });
  let verdict: unknown;
  let cause: unknown;
  try {
    verdict = await rules.allow(freeze(facts));
  } catch (error) {
    cause = error;
  }
  const refusal = refusalOf(verdict);
  if (refusal !== undefined) {
    const reason = cause !== undefined ? "; they failed" : refusal === "" ? "" : `: ${refusal}`;
    throw new MlsError("ERR_MLS_POLICY", `the group's rules refuse the commit${reason}`, {
      rule: "rfc90",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
