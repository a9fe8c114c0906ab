import type { PublicEpoch } from "../epoch/index.ts";
import type { Environment } from "../feature/index.ts";
import { type CommitPlan, makePlan } from "../plan/index.ts";
import type { Proposal, QueuedProposal, Sender } from "../wire/index.ts";

/** A committer that is nobody: so that proposals are judged as any member's commit would hold them. */
const SOMEBODY = -1;

/** Whether a commit could hold some proposals, whatever the application's rules say of whole commits. @throws MlsError */
export async function judgeProposals(
  env: Environment,
  old: PublicEpoch,
  proposals: readonly QueuedProposal[],
  committer: number = SOMEBODY,
): Promise<CommitPlan> {
  const rules = { ...env.rules };
  delete rules.allow; // they are about commits
  return makePlan({ env: { ...env, rules }, old, proposals, committer, side: "sender" });
}

/** That a commit could name a proposal of somebody. @throws MlsError */
export async function checkProposal(
  env: Environment,
  old: PublicEpoch,
  proposal: Proposal,
  sender: Sender,
): Promise<void> {
  const { leftOut } = await judgeProposals(env, old, [{ proposal, sender, reference: new Uint8Array() }]);
  if (leftOut[0] !== undefined) {
    throw leftOut[0].reason;
  }
}
