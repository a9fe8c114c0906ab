import { bytesToHex, equalBytes, isMlsError } from "@openmls-ts/traits";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type PublicEpoch, PskValues } from "../epoch/index.ts";
import { openStagedCommit } from "../group/receive/staged-commit.ts";
import { MlsGroup, PublicGroup } from "../index.ts";
import { SenderType } from "../registry.ts";
import { client } from "../testing/client.ts";
import { forgeCommit } from "../testing/forge-commit.ts";
import { forgeProposal } from "../testing/forge.ts";
import type { Inside } from "../testing/inside.ts";
import { sharePsk } from "../testing/proposals.ts";
import { FEATURES, type Item, makeItem, newPool, type Pool, plans } from "../testing/random-plans.ts";
import { insideOf, newWorld, type World } from "../testing/world.ts";
import type { PlanSide, QueuedProposal } from "../wire/index.ts";
import { type CommitPlan, makePlan } from "./index.ts";

/** What somebody makes of a commit: the next epoch, or why there is none. */
type Verdict = { readonly refused: string } | { readonly next: string };

const NO_PSKS = new Uint8Array(32);

let all: World;
let pool: Pool;
let observer: PublicGroup;
let mallory: Inside;

const seen = { accepted: 0, rules: new Set<string>(), leftOut: new Set<string>() };

const refusalOf = (error: unknown): { readonly refused: string } => {
  if (!isMlsError(error)) throw error;
  return { refused: `${error.code} ${error.rule}` };
};

/** An epoch as far as everybody knows it. */
function epochOf({ groupContext, tree }: PublicEpoch): string {
  const { epoch, treeHash, confirmedTranscriptHash, extensions } = groupContext;
  expect(equalBytes(treeHash, tree.treeHash())).toBe(true);
  const list = extensions.map(({ extensionType, extensionData }) => [
    extensionType,
    bytesToHex(extensionData),
  ]);
  return JSON.stringify([String(epoch), bytesToHex(treeHash), bytesToHex(confirmedTranscriptHash), list]);
}

async function verdictOf(group: MlsGroup | PublicGroup, commit: Uint8Array): Promise<Verdict | undefined> {
  try {
    const processed = await group.processMessage(commit);
    if (processed.kind !== "commit") throw new Error(processed.kind);
    const { staged } = openStagedCommit(processed.stagedCommit);
    const { next } = staged;
    const verdict = next === undefined ? undefined : { next: epochOf(next) }; // who is removed knows no more
    processed.stagedCommit.discard();
    return verdict;
  } catch (error) {
    return refusalOf(error);
  }
}

/** What a list comes to for one side. */
async function planOf(
  side: PlanSide,
  proposals: readonly QueuedProposal[],
  { env, epoch, ownLeaf }: Inside = mallory,
): Promise<CommitPlan | { readonly refused: string }> {
  const psks = new PskValues(env);
  try {
    const input = { env, old: epoch, proposals, committer: ownLeaf, side };
    return await makePlan({ ...input, findPsk: async (id) => psks.find(id) });
  } catch (error) {
    return refusalOf(error);
  }
}

const outcomeOf = (plan: Awaited<ReturnType<typeof planOf>>): object =>
  "refused" in plan
    ? plan
    : {
        tree: plan.tree.treeHash(),
        extensions: plan.extensions,
        effects: plan.effects,
        path: plan.pathRequired,
      };

/** Delivers a proposal to everybody who looks at commits. */
async function deliver(item: Item): Promise<{ readonly inline: boolean; readonly queued: QueuedProposal }> {
  const { proposal, author, onlyByValue, onlyByReference } = await makeItem(pool, item);
  const own = { senderType: SenderType.member, leafIndex: mallory.ownLeaf } as const;
  if (onlyByValue === true || (!item.byReference && onlyByReference !== true)) {
    return { inline: true, queued: { proposal, sender: own, reference: undefined } };
  }
  const from = all[author];
  const { message, reference } = await forgeProposal(await insideOf(from), from.signer, proposal);
  for (const group of [all.alice.group, all.bob.group, observer]) {
    expect(await group.processMessage(message)).toMatchObject({ kind: "proposal", stored: true });
    await group.removePendingProposal(reference);
  }
  await all.alice.group.restorePendingProposal(reference);
  const sender = { ...own, leafIndex: from.group.ownLeafIndex };
  return { inline: false, queued: { proposal, sender, reference } };
}

/** That all who get a commit and stay come to the same end. @returns it */
async function expectAgreement(commit: Uint8Array, receivers: readonly MlsGroup[]): Promise<Verdict> {
  const verdicts = [];
  for (const group of receivers) {
    verdicts.push(await verdictOf(group, commit));
  }
  const public_ = await verdictOf(observer, commit);
  const first = verdicts.find((verdict) => verdict !== undefined) ?? public_!;
  for (const verdict of verdicts) {
    expect([first, undefined]).toContainEqual(verdict);
  }
  if ("refused" in first && first.refused.startsWith("ERR_MLS_MISSING_PSK")) {
    expect(public_).toHaveProperty("next"); // an observer has no PSKs
  } else {
    expect(public_).toEqual(first);
  }
  return first;
}

async function play(items: readonly Item[]): Promise<void> {
  const list: Awaited<ReturnType<typeof deliver>>[] = [];
  for (const item of items) {
    list.push(await deliver(item));
  }
  const reloaded = (await MlsGroup.load(all.bob.provider, all.bob.group.groupId))!;
  const receivers = [all.alice.group, all.bob.group, reloaded];

  // Mallory commits all of it, whatever it is worth
  const proposals = list.map(({ queued }) => queued);
  const planned = await planOf("receiver", proposals);
  // as a sender who asked for all of it, so that nothing can be left out
  const asked = proposals.map((queued) => ({ ...queued, reference: undefined }));
  const sent = await planOf("sender", asked);
  expect(outcomeOf(sent)).toEqual(outcomeOf(await planOf("receiver", asked)));
  expect("refused" in sent).toBe("refused" in planned);
  const forged = await forgeCommit(mallory, all.mallory.signer, {
    proposals,
    ...("refused" in planned
      ? { pskSecret: NO_PSKS }
      : {
          newLeaves: planned.added.map(({ leafIndex }) => leafIndex),
          provisional: (context) => ({ ...context, extensions: planned.extensions }),
        }),
  }).catch((error: unknown) => {
    if ("refused" in planned) return undefined; // such as a path to a leaf without a key
    throw error;
  });
  if (forged !== undefined) {
    const verdict = await expectAgreement(forged.message, receivers);
    if ("refused" in planned) {
      expect(verdict).toEqual(planned);
      seen.rules.add(planned.refused);
    } else {
      expect(verdict).toHaveProperty("next");
      seen.accepted++;
    }
  }

  // Alice commits what can be committed
  const { alice } = all;
  const inline = list.filter((one) => one.inline).map(({ queued }) => queued.proposal);
  const builder = alice.group.commit();
  inline.forEach((proposal) => builder.propose(proposal));
  try {
    const { commit, summary, leftOut } = await builder.build(alice.signer);
    const verdict = await expectAgreement(commit, receivers.slice(1));
    const { next } = (await insideOf(alice)).pending!.staged;
    expect(verdict).toEqual({ next: epochOf(next) });
    const inside = await insideOf(alice);
    for (const { proposal, reason } of leftOut) {
      seen.leftOut.add(`${reason.code} ${reason.rule}`);
      // it could not have stood beside what she took
      expect(await planOf("receiver", [...summary.proposals, proposal], inside)).toHaveProperty("refused");
    }
    await alice.group.clearPendingCommit();
  } catch (error) {
    // it is what she asked for that cannot be committed: others would say the same
    const refusal = refusalOf(error);
    expect(inline.length).toBeGreaterThan(0);
    const alone = await forgeCommit(await insideOf(alice), alice.signer, {
      proposals: inline,
      pskSecret: NO_PSKS,
    });
    expect(await verdictOf(all.bob.group, alone.message)).toEqual(refusal);
  }
  for (const { reference } of alice.group.pendingProposals) {
    await alice.group.removePendingProposal(reference);
  }
}

describe("a random plan", () => {
  beforeAll(async () => {
    const limits = { maxLifetime: 0xffff_ffff_ffff_ffffn, maxStoredProposals: 1 << 16 };
    all = await newWorld({ provider: { features: FEATURES, limits } });
    await sharePsk(all, "a", "b");
    pool = await newPool(all);
    const { alice } = all;
    const watcher = await client("watcher", alice.provider.crypto, 1, { features: FEATURES, limits });
    observer = await PublicGroup.fromGroupInfo(
      watcher.provider,
      await alice.group.exportGroupInfo(alice.signer),
    );
    mallory = await insideOf(all.mallory);
  });

  it("is judged alike by sender, receiver, observer and a reloaded member, and leads to one epoch", async () => {
    await fc.assert(fc.asyncProperty(plans, play), { numRuns: 120, seed: 42, endOnFailure: true });
    // that the plans were worth it
    expect(seen.accepted).toBeGreaterThan(10);
    expect(seen.rules.size).toBeGreaterThan(10);
    expect(seen.leftOut.size).toBeGreaterThan(5);
  });
});
