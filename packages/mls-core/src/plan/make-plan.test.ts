import { MlsError, utf8, violation } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { opaque } from "../codec/index.ts";
import {
  customExtension,
  defineProposal,
  type Feature,
  FeatureSet,
  type PlanStep,
} from "../feature/index.ts";
import { ProposalType, SenderType } from "../registry.ts";
import { forgeKeyPackage } from "../testing/forge.ts";
import type { Inside } from "../testing/inside.ts";
import { add, gce, remove } from "../testing/proposals.ts";
import { mlsError } from "../testing/suites.ts";
import { insideOf, newcomer, newWorld } from "../testing/world.ts";
import {
  type Plan,
  type PlanSide,
  type Proposal,
  ProposalOrder,
  type QueuedProposal,
} from "../wire/index.ts";
import { type CommitPlan, makePlan } from "./index.ts";

const TYPE = 0xf001;
const COUNTER = 0xf002;

type Apply = (body: string, plan: Plan, queued: QueuedProposal) => void;

/** A proposal type that does what a test wants. */
const fake = (apply: Apply, more: Partial<Parameters<typeof defineProposal<Uint8Array>>[0]> = {}) =>
  defineProposal<Uint8Array>({
    type: TYPE,
    name: "a fake",
    codec: opaque,
    apply: (body, queued, plan) => apply(String.fromCharCode(...body), plan, queued),
    ...more,
  });

const counter = (isProtected = false): Feature =>
  customExtension(COUNTER, { places: ["groupContext"], protected: () => isProtected });

let inside: Promise<Inside> | undefined;

/** Alice's state in a group of four whose members list the fake types. */
async function alice(): Promise<Inside> {
  const features = [{ name: "fake", proposals: [fake(() => undefined)] }, counter(), customExtension(0xf003)];
  inside ??= newWorld({ provider: { features } }).then(async (world) => insideOf(world.alice));
  return inside;
}

interface Wanted {
  readonly features: readonly Feature[];
  readonly proposals?: readonly (Proposal | QueuedProposal)[];
  readonly side?: PlanSide;
  readonly extensions?: readonly number[];
}

const byReference = (proposal: Proposal, leafIndex = 1, octet = 1): QueuedProposal => ({
  proposal,
  sender: { senderType: SenderType.member, leafIndex },
  reference: new Uint8Array(32).fill(octet),
});

const emptyOf = (extensionType: number) => ({ extensionType, extensionData: new Uint8Array() });

/** What Alice at leaf 0 would commit. */
async function planOf({
  features,
  proposals = [],
  side = "receiver",
  extensions = [],
}: Wanted): Promise<CommitPlan> {
  const { env, epoch } = await alice();
  const sender = { senderType: SenderType.member, leafIndex: 0 } as const;
  return makePlan({
    env: { ...env, features: new FeatureSet(features) },
    old: { ...epoch, groupContext: { ...epoch.groupContext, extensions: extensions.map(emptyOf) } },
    proposals: proposals.map((one) =>
      "proposal" in one ? one : { proposal: one, sender, reference: undefined },
    ),
    committer: 0,
    side,
  });
}

const withFake = (apply: Apply, more?: Parameters<typeof fake>[1]): Feature[] => [
  { name: "fake", proposals: [fake(apply, more)] },
  counter(),
];
const make = (text: string): Proposal => fake(() => undefined).make(utf8(text));

describe("steps of a plan", () => {
  const SIDES = ["sender", "receiver", "observer"] as const;

  it.each(SIDES)("run among the proposals by their order, and at the end (%s)", async (side) => {
    const seen: string[] = [];
    const step = (name: string, order: number): PlanStep => ({
      order,
      run: (plan) => {
        const leaves = [...plan.leaves()].map(([leafIndex]) => leafIndex).join("");
        seen.push(`${name} ${leaves} ${plan.extensions.length}`);
      },
    });
    const plan = [
      step("end", Infinity),
      step("after adds", ProposalOrder.add + 1),
      step("before removes", ProposalOrder.remove - 1),
      step("after removes", ProposalOrder.remove + 1),
      step("first", 0),
    ];
    const keyPackage = await forgeKeyPackage(await newcomer("dave"), {
      leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, extensions: [COUNTER] } }),
    });
    const dave = { proposalType: ProposalType.add, keyPackage };
    const proposals = [make("x"), dave, remove(2), gce(COUNTER)];
    const late = withFake((body) => seen.push(`apply ${body}`));
    const { added } = await planOf({ features: [...late, { name: "steps", plan }], proposals, side });
    expect(added).toMatchObject([{ leafIndex: 2 }]);
    expect(seen).toEqual([
      "first 0123 0",
      "before removes 0123 1",
      "after removes 013 1",
      "after adds 0123 1",
      "apply x",
      "end 0123 1",
    ]);
  });

  it("come in the order of the commit within one order, whatever the order of other types", async () => {
    const seen: string[] = [];
    const features = withFake((body, plan) => seen.push(`${body} ${String(plan.leaf(2) === undefined)}`), {
      order: ProposalOrder.remove - 5,
    });
    await planOf({ features, proposals: [make("b"), remove(2), make("a")] });
    expect(seen).toEqual(["b false", "a false"]);
  });

  it.each(SIDES)("refuse the whole commit (%s)", async (side) => {
    const plan: PlanStep[] = [
      {
        order: Infinity,
        run: () => {
          throw violation("valn0301", "not today");
        },
      },
    ];
    const features = [...withFake(() => undefined), { name: "no", plan }];
    const proposals = [byReference(make("x")), byReference(make("y"), 2, 2)];
    const refusal = mlsError("ERR_MLS_VALIDATION", "valn0301");
    await expect(planOf({ features, proposals, side })).rejects.toThrow(refusal);
  });

  it("that refuse one received proposal leave it out of a commit of ours, and the rest goes on", async () => {
    const plan: PlanStep[] = [
      {
        order: Infinity,
        run: ({ proposals }) => {
          if (proposals.some((queued) => queued.reference?.[0] === 3)) {
            throw violation("valn0301", "not that one");
          }
        },
      },
    ];
    const features = [...withFake(() => undefined), { name: "no", plan }];
    const proposals = [1, 2, 3, 4, 5].map((octet) => byReference(make(String(octet)), 1, octet));
    const made = await planOf({ features, proposals, side: "sender" });
    expect(made.proposals).toEqual(proposals.filter((_, at) => at !== 2));
    expect(made.leftOut).toMatchObject([{ proposal: proposals[2], reason: { rule: "valn0301" } }]);
    const inline = { ...proposals[2]!, proposal: make("3") };
    const refused = planOf({ features, proposals: [proposals[0]!, inline], side: "receiver" });
    await expect(refused).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn0301"));
  });

  it("at the end do not run for what failed before", async () => {
    let ran = 0;
    const plan: PlanStep[] = [
      {
        order: Infinity,
        run: () => {
          ran++;
        },
      },
    ];
    const planned = planOf({ features: [{ name: "late", plan }], proposals: [remove(9)] });
    await expect(planned).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn0701"));
    expect(ran).toBe(0);
  });
});

describe("what a proposal of a feature may do to the group", () => {
  const setting = (extensionType = COUNTER): Feature[] =>
    withFake((body, plan) => plan.setExtension(extensionType, utf8(body)));

  it("changes an extension in its place, or appends it", async () => {
    const two = [COUNTER, 0xf003].map(emptyOf);
    const proposals = [make("1"), make("2")];
    const changed = await planOf({ features: setting(), proposals, extensions: [COUNTER, 0xf003] });
    expect(changed.extensions).toEqual([{ ...two[0], extensionData: utf8("2") }, two[1]]);
    const appended = await planOf({ features: setting(0xf002), proposals: [make("1")], extensions: [] });
    expect(appended.extensions).toEqual([{ extensionType: COUNTER, extensionData: utf8("1") }]);
  });

  it("is judged by the extensions that come of it (rfc85)", async () => {
    const features = setting(0xf0f0); // no member lists it
    const refusal = mlsError("ERR_MLS_VALIDATION", "rfc85");
    await expect(planOf({ features, proposals: [make("1")] })).rejects.toThrow(refusal);
    const { leftOut } = await planOf({ features, proposals: [byReference(make("1"))], side: "sender" });
    expect(leftOut).toMatchObject([{ reason: { rule: "rfc85" } }]);
  });

  it("is judged by what it sets itself, and not by what others set", async () => {
    const features = setting(0xf0f0);
    const proposals = [byReference(gce(COUNTER), 1, 1), byReference(make("1"), 1, 2)];
    const { leftOut, extensions } = await planOf({ features, proposals, side: "sender" });
    expect(leftOut).toMatchObject([{ proposal: proposals[1], reason: { rule: "rfc85" } }]);
    expect(extensions).toEqual([emptyOf(COUNTER)]);
  });

  it("is asked for the members' support where a step of its own sets an extension (rfc85)", async () => {
    const step = (extensionType: number): Feature => ({
      name: "step",
      plan: [{ order: 0, run: (plan) => plan.setExtension(extensionType, utf8("s")) }],
    });
    const set = await planOf({ features: [step(COUNTER)] });
    expect(set.extensions).toEqual([{ extensionType: COUNTER, extensionData: utf8("s") }]);
    for (const side of ["sender", "receiver", "observer"] as const) {
      const lacking = planOf({ features: [step(0xf0f0)], side });
      await expect(lacking).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "rfc85"));
    }
  });

  it("leaves the group's own extensions alone", async () => {
    const before = [COUNTER].map(emptyOf);
    const { epoch } = await alice();
    const untouched = [...epoch.groupContext.extensions];
    await planOf({ features: setting(), proposals: [make("1")], extensions: [COUNTER] });
    expect(epoch.groupContext.extensions).toEqual(untouched);
    expect(before[0]?.extensionData).toHaveLength(0);
  });

  it("leaves effects for the application, in the order of the commit, as copies", async () => {
    const value = utf8("zero");
    const features = withFake((body, plan) => plan.effect(body, value));
    const { effects } = await planOf({ features, proposals: [make("b"), make("a")] });
    value.fill(0);
    expect(effects).toEqual([
      { name: "b", value: utf8("zero") },
      { name: "a", value: utf8("zero") },
    ]);
  });

  it("removes somebody who asked for it, and says by whom", async () => {
    const features = withFake((body, plan) => plan.removeMember(Number(body), body === "2"));
    const proposals = [byReference(make("2"), 2), make("1")];
    const { removed, tree, pathRequired } = await planOf({ features, proposals });
    expect(removed).toMatchObject([
      { leafIndex: 2, left: true, by: proposals[0] },
      { leafIndex: 1, left: false, by: { proposal: proposals[1] } },
    ]);
    expect([...tree.members()].map(([leafIndex]) => leafIndex)).toEqual([0, 3]);
    expect(pathRequired).toBe(false);
    const withPath = withFake(() => undefined, { path: true });
    expect((await planOf({ features: withPath, proposals: [make("x")] })).pathRequired).toBe(true);
  });

  it("counts the support of those who stay (RFC 9420 §12.2)", async () => {
    const answers: boolean[] = [];
    const features = withFake((_, plan) => {
      answers.push(plan.supportedByAll("extensions", COUNTER), plan.supportedByAll("extensions", 0xf0f0));
    });
    await planOf({ features, proposals: [make("x"), remove(1)] });
    expect(answers).toEqual([true, false]);
    const { env, epoch } = await alice();
    // a newcomer who lacks the type does not count: it is no member of the epoch that ends
    await planOf({ features, proposals: [await add("dave"), make("x")] });
    expect(answers.slice(2)).toEqual([true, false]);
    expect(env.features.proposals.has(TYPE)).toBe(true);
    expect(epoch.tree.memberCount).toBe(4);
  });

  it("that fails is left out by a sender, unless the caller asked for it; nothing of it stays", async () => {
    const features = withFake((body, plan) => {
      plan.effect("before", utf8(body));
      if (body === "bad") {
        plan.removeMember(1);
        throw violation("valn0301", "bad");
      }
    });
    const proposals = [byReference(make("bad")), byReference(make("good"), 2, 2)];
    const made = await planOf({ features, proposals, side: "sender" });
    expect(made.removed).toHaveLength(0);
    expect(made.effects).toEqual([{ name: "before", value: utf8("good") }]);
    expect(made.leftOut).toMatchObject([{ proposal: proposals[0], reason: { rule: "valn0301" } }]);
    for (const side of SIDES_OF_OTHERS) {
      await expect(planOf({ features, proposals, side })).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION", "valn0301"),
      );
    }
    await expect(planOf({ features, proposals: [make("bad")], side: "sender" })).rejects.toThrow(
      mlsError("ERR_MLS_VALIDATION", "valn0301"),
    );
  });

  it("whose failure is none of the protocol's stops everything", async () => {
    const broken = withFake(() => {
      throw new TypeError("a bug");
    });
    const proposals = [byReference(make("x"))];
    await expect(planOf({ features: broken, proposals, side: "sender" })).rejects.toThrow(TypeError);
    const store = withFake(() => {
      throw new MlsError("ERR_MLS_STORAGE", "the disk is gone");
    });
    await expect(planOf({ features: store, proposals, side: "sender" })).rejects.toThrow(
      mlsError("ERR_MLS_STORAGE"),
    );
  });
});

const SIDES_OF_OTHERS = ["receiver", "observer"] as const;

describe("a protected extension", () => {
  const features = (isProtected: boolean): Feature[] => [
    { name: "fake", proposals: [fake((body, plan) => plan.setExtension(COUNTER, utf8(body)))] },
    counter(isProtected),
  ];
  const changing = {
    proposalType: 7,
    extensions: [{ extensionType: COUNTER, extensionData: utf8("9") }],
  } as const;

  it.each([
    ["changes", [COUNTER], changing],
    ["adds", [], gce(COUNTER)],
    ["drops", [COUNTER], gce()],
  ] as const)("is not what GroupContextExtensions %s (trap44)", async (_, extensions, proposal) => {
    const list = { proposals: [proposal], extensions };
    await expect(planOf({ features: features(false), ...list })).resolves.toBeDefined();
    for (const side of ["sender", "receiver", "observer"] as const) {
      await expect(planOf({ features: features(true), ...list, side })).rejects.toThrow(
        mlsError("ERR_MLS_VALIDATION", "trap44"),
      );
    }
  });

  it("may stay as it is, and its own proposals change it", async () => {
    const list = { proposals: [gce(COUNTER), make("5")], extensions: [COUNTER] };
    const { extensions } = await planOf({ features: features(true), ...list });
    expect(extensions).toEqual([{ extensionType: COUNTER, extensionData: utf8("5") }]);
  });
});

describe("claims of a feature's proposals", () => {
  const features = withFake(() => undefined, {
    claims: (body) => ({ key: "the one", rule: "valn0308", rank: body[0] === 0x68 ? 1 : 0 }), // "h…" goes first
  });

  it("let one stand, for a sender the higher, else the newer", async () => {
    const [low, high, newer] = ["low", "high", "newer"].map((text, at) => byReference(make(text), 1, at));
    const choose = async (...proposals: QueuedProposal[]): Promise<readonly QueuedProposal[]> =>
      (await planOf({ features, proposals, side: "sender" })).proposals;
    expect(await choose(low!, high!, newer!)).toEqual([high]);
    expect(await choose(low!, newer!)).toEqual([newer]);
    const { leftOut } = await planOf({ features, proposals: [low!, high!], side: "sender" });
    expect(leftOut).toMatchObject([{ proposal: low, reason: { rule: "valn0308" } }]);
  });

  it("refuse a second one of others and of the caller", async () => {
    for (const side of ["sender", "receiver", "observer"] as const) {
      const planned = planOf({ features, proposals: [make("low"), make("high")], side });
      await expect(planned).rejects.toThrow(mlsError("ERR_MLS_VALIDATION", "valn0308"));
    }
  });
});
