import { equalBytes, isMlsError, MlsError, violation } from "@openmls-ts/traits";
import { validateCredentials } from "../credential/index.ts";
import { ExtensionType, PskType } from "../registry.ts";
import { checkMembersSupport } from "../tree/members-support.ts";
import { newExternalSenders, type QueuedProposal } from "../wire/index.ts";
import { checkPlace, conflicts, entryOf } from "./arrange.ts";
import { Attempt } from "./attempt.ts";
import { blamed } from "./blame.ts";
import { askRules } from "./commit-facts.ts";
import { judgeLeaves, type Proofs } from "./judge-leaves.ts";
import type { CommitPlan, LeftOut, PlanInput } from "./plan-types.ts";

/**
 * The one judgement of proposals: applies those of a commit to a fork in the order of RFC 9420 §12.3, judges what came
 * of it, and asks the application's rules. A sender's plan leaves out received proposals that cannot be committed, and
 * says which and why; anything else that is wrong, on any side, refuses the commit.
 * @throws MlsError
 */
export async function makePlan(input: PlanInput): Promise<CommitPlan> {
  const { env, proposals, side } = input;
  const planner = new Planner(input);
  const list = side === "sender" ? planner.fitting() : proposals;
  if (list.length > env.limits.maxProposalsPerCommit) {
    throw new MlsError("ERR_MLS_LIMIT", `${list.length} proposals in one commit`);
  }
  const plan = await planner.judge(list);
  const most = plan instanceof MlsError ? await planner.most(list, plan) : plan;
  const kept = new Set(most.proposals);
  const leftOut = proposals
    .filter((proposal) => !kept.has(proposal))
    .map((proposal): LeftOut => ({ proposal, reason: planner.reasons.get(proposal)! }));
  return { ...most, leftOut };
}

type Judged = Omit<CommitPlan, "leftOut">;

const MOST_ROUNDS = 16;

class Planner {
  /** Why proposals were left out. */
  readonly reasons: Map<QueuedProposal, MlsError> = new Map();
  readonly #input: PlanInput;
  readonly #proofs: Proofs = new WeakMap();

  constructor(input: PlanInput) {
    this.#input = input;
  }

  /** All that is asked for, and as many of the received proposals, oldest first, as one commit may hold beside. */
  fitting(): readonly QueuedProposal[] {
    const { env, proposals } = this.#input;
    const asked = proposals.filter(({ reference }) => reference === undefined).length;
    let room = env.limits.maxProposalsPerCommit - asked;
    return proposals.filter((queued) => {
      if (queued.reference === undefined || room-- > 0) {
        return true;
      }
      this.reasons.set(queued, new MlsError("ERR_MLS_LIMIT", "more proposals than one commit may hold"));
      return false;
    });
  }

  /**
   * A plan of a list that the application allows; for a sender, why it has none, which the list's received proposals may
   * be to blame for.
   * @throws MlsError
   */
  async judge(list: readonly QueuedProposal[]): Promise<Judged | MlsError> {
    const { env, old, side } = this.#input;
    try {
      const plan = await this.#best(list);
      await askRules(env, old.groupContext, plan);
      return plan;
    } catch (error) {
      if (side !== "sender" || !isMlsError(error) || error.code === "ERR_MLS_STORAGE") {
        throw error;
      }
      return error;
    }
  }

  /** The plan of as many of the proposals as can stand together. */
  async #best(proposals: readonly QueuedProposal[]): Promise<Judged> {
    let list = proposals;
    for (let round = 0; ; round++) {
      const attempt = new Attempt(this.#input, list);
      await this.#run(attempt);
      const { failures } = attempt;
      if (failures.size === 0) {
        return attempt.result(this.#pathRequired(list));
      }
      // What fails because of others is tried again without them, but not for ever.
      const guilty = round < MOST_ROUNDS ? blamed(attempt) : failures;
      const isAsked = (queued: QueuedProposal): boolean =>
        queued.reference === undefined && !attempt.granted.has(queued);
      const asked = list.filter(isAsked); // bounded: by MOST_ROUNDS
      if (asked.some((queued) => guilty.has(queued))) {
        throw refusalOf(asked, failures);
      }
      guilty.forEach((error, queued) => this.reasons.set(queued, error));
      list = list.filter((queued) => !guilty.has(queued)); // bounded: by MOST_ROUNDS
    }
  }

  /** The most of a list that can be committed: what the caller asks for, with received proposals tried by halves. */
  async most(list: readonly QueuedProposal[], refused: MlsError): Promise<Judged> {
    const received = list.filter(({ reference }) => reference !== undefined);
    let taken = new Set(list.filter(({ reference }) => reference === undefined));
    const judge = async (more: readonly QueuedProposal[]): Promise<Judged | MlsError> => {
      const wanted = new Set([...taken, ...more]);
      return this.judge(list.filter((queued) => wanted.has(queued)));
    };
    let best = received.length === 0 ? refused : await judge([]);
    if (best instanceof MlsError) {
      throw best; // it is what the caller asked for
    }
    const open = [received];
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      const tried = await judge(group);
      if (!(tried instanceof MlsError)) {
        best = tried;
        taken = new Set([...taken, ...group]);
      } else if (group.length > 1) {
        const half = group.length >> 1;
        open.push(group.slice(half), group.slice(0, half));
      } else {
        group.forEach((queued) => this.reasons.set(queued, tried));
      }
    }
    return best;
  }

  #pathRequired(list: readonly QueuedProposal[]): boolean {
    const { features } = this.#input.env;
    return list.length === 0 || list.some((queued) => entryOf(features, queued).path); // RFC 9420 §12.4
  }

  async #run(attempt: Attempt): Promise<void> {
    const { env } = this.#input;
    const { proposals, failures } = attempt;
    const external = attempt.committer === undefined;
    for (const queued of proposals) {
      await attempt.judge(queued, () => checkPlace(entryOf(env.features, queued), queued, external));
    }
    conflicts(env.features, attempt, attempt.granted).forEach((error, queued) => {
      if (!failures.has(queued)) attempt.losers.add(queued);
      attempt.fail(queued, error);
    });
    const steps = [
      ...proposals.map((queued) => {
        const entry = entryOf(env.features, queued);
        return { by: queued, order: entry.order, run: async () => entry.apply(queued, attempt) };
      }),
      ...env.features.planSteps.map((step) => ({
        by: undefined,
        order: step.order,
        run: async () => step.run(attempt),
      })),
    ].sort((a, b) => a.order - b.order); // stable: within one order as in the commit (RFC 9420 §12.3)
    for (const { by, run } of steps.filter(({ order }) => order < Infinity)) {
      if (by === undefined || !failures.has(by)) {
        await attempt.judge(by, run);
      }
    }
    if (external && attempt.kemOutput === undefined) {
      throw violation("valn0401", "an external commit without ExternalInit"); // RFC 9420 §12.2
    }
    await judgeLeaves(this.#input, attempt, this.#proofs);
    await this.#judgeWhole(attempt);
    for (const { run } of failures.size > 0 ? [] : steps.filter(({ order }) => order === Infinity)) {
      await attempt.judge(undefined, run);
    }
  }

  async #judgeWhole(attempt: Attempt): Promise<void> {
    const { env, old, findPsk } = this.#input;
    const { proposals, settersOf, extensions, failures, tree, psks, newLeaves } = attempt;
    const { groupId } = old.groupContext;
    for (const queued of proposals) {
      const { type, name } = entryOf(env.features, queued);
      if (type > 7 && !attempt.supportedByAll("proposals", type)) {
        attempt.fail(queued, violation("valn0311", `${name}, which a member does not support`)); // RFC 9420 §12.2
      }
    }
    const isSetBy = (type: number, by: QueuedProposal | undefined): boolean =>
      settersOf.has(type) && settersOf.get(type) === by;
    for (const by of new Set(settersOf.values())) {
      const set = extensions.filter(({ extensionType }) => isSetBy(extensionType, by)); // bounded: setters know the types
      await attempt.judge(by, () => checkMembersSupport(tree, set));
    }
    await attempt.judge(settersOf.get(ExtensionType.externalSenders), async () => {
      const senders = newExternalSenders(old.groupContext.extensions, extensions);
      const occasion = { groupId, purpose: "external-sender" } as const;
      await validateCredentials(
        env,
        senders.map((presented) => ({ presented, occasion })),
      );
    });
    const adds = newLeaves.some(({ keyPackage, by }) => keyPackage !== undefined && !failures.has(by));
    for (const { psk, by } of psks.filter((entry) => !failures.has(entry.by))) {
      await attempt.judge(by, async () => {
        const ofGroup = psk.pskType === PskType.resumption && "pskGroupId" in psk;
        if (ofGroup && adds && attempt.side === "sender" && equalBytes(psk.pskGroupId, groupId)) {
          throw new MlsError(
            "ERR_MLS_USAGE",
            "newcomers have no resumption PSK of this group: add them in another commit",
          );
        }
        await findPsk?.(psk);
      });
    }
  }
}

/** What the caller asked for and cannot be committed: nothing of it is dropped silently (RFC 9420 §12.4). */
function refusalOf(
  asked: readonly QueuedProposal[],
  failures: ReadonlyMap<QueuedProposal, MlsError>,
): MlsError {
  const isAsked = new Set(asked);
  const first = [...failures].find(([queued]) => isAsked.has(queued))![1]; // as a receiver would come upon it
  const adds = asked.filter(({ proposal }) => "keyPackage" in proposal);
  const refused = adds.flatMap((queued, index) => {
    const { code, rule, message } = failures.get(queued) ?? {};
    return code === undefined ? [] : [{ index, code, rule, message: message ?? "" }];
  });
  const { code, message, rule, details } = first;
  return refused.length === 0
    ? first
    : new MlsError(code, message, { cause: first, rule, details: { ...details, refused } });
}
