import { utf8, violation } from "@openmls-ts/traits";
import fc from "fast-check";
import { opaque } from "../codec/index.ts";
import { customExtension, defineProposal, type Feature } from "../feature/index.ts";
import { LeafNodeSource, ProposalType } from "../registry.ts";
import type { KeyPackageStruct, Proposal, UnsignedLeafNode } from "../wire/index.ts";
import { flip, forgeKeyPackage } from "./forge.ts";
import { forgeUpdate, type UpdateDefects } from "./forge-update.ts";
import { gce, psk, reinit, remove } from "./proposals.ts";
import { insideOf, newcomer, type Player, type World } from "./world.ts";

const NOTE = 0xf002;
const COUNT = 0xf003;

/** A proposal type that leaves an effect, and one that counts in an extension; both refuse what is empty. */
export const note = defineProposal<Uint8Array>({
  type: NOTE,
  name: "a note",
  codec: opaque,
  apply: (body, _, plan) => {
    if (body.length === 0) throw violation("valn0301", "an empty note");
    plan.effect("note", body);
  },
});
export const count = defineProposal<Uint8Array>({
  type: COUNT,
  name: "a count",
  codec: opaque,
  path: true,
  claims: (body) => (body.length === 2 ? { key: "count", rule: "valn0308" } : undefined),
  apply: (body, _, plan) => {
    if (body.length === 0) throw violation("valn0301", "an empty count");
    plan.setExtension(COUNT, body);
  },
});

export const FEATURES: readonly Feature[] = [
  { name: "note and count", proposals: [note, count] },
  customExtension(COUNT, { places: ["groupContext"] }),
];

/** One proposal of a random commit. */
export interface Item {
  readonly kind: keyof typeof KINDS;
  readonly variant: number;
  readonly byReference: boolean;
}

/** Who makes proposals that commits name. */
export type Author = "bob" | "charlie" | "mallory";

/** A proposal, and its author where only one will do. */
export interface Made {
  readonly proposal: Proposal;
  readonly author: Author;
  readonly onlyByValue?: boolean;
  readonly onlyByReference?: boolean;
}

type Maker = (pool: Pool, variant: number) => Made | Promise<Made>;

/** Key packages and players that all plans share. */
export interface Pool {
  readonly all: World;
  readonly keyPackages: readonly KeyPackageStruct[];
}

/** Newcomers' key packages, good ones first, of which the first two are of one client. */
export async function newPool(all: World): Promise<Pool> {
  const listed = (leaf: UnsignedLeafNode): UnsignedLeafNode => ({
    ...leaf,
    capabilities: { ...leaf.capabilities, extensions: [COUNT], proposals: [NOTE, COUNT] },
  });
  const [dave, erin, frank, grace] = await Promise.all(
    ["dave", "erin", "frank", "grace"].map(async (n) => newcomer(n)),
  );
  return {
    all,
    keyPackages: [
      await forgeKeyPackage(dave!, { leaf: listed }),
      await forgeKeyPackage(dave!, { leaf: listed }),
      await forgeKeyPackage(erin!, { leaf: listed }),
      await forgeKeyPackage(frank!), // lists no more than the RFC's
      await forgeKeyPackage(grace!, {
        leaf: listed,
        after: (kp) => ({ ...kp, signature: flip(kp.signature) }),
      }),
      await forgeKeyPackage(all.charlie, { leaf: listed }),
    ],
  };
}

const UPDATES: readonly (UpdateDefects | undefined)[] = [
  undefined,
  undefined,
  { editSignature: (signature) => flip(signature) },
  { leaf: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, extensions: [] } }) },
  { leaf: (leaf) => ({ ...leaf, leafNodeSource: LeafNodeSource.commit, parentHash: new Uint8Array(32) }) },
];

const pick = <T>(list: readonly T[], variant: number): T => list[variant % list.length]!;

const proposed = (proposal: Proposal, variant: number): Made => ({
  proposal,
  author: variant % 2 === 0 ? "charlie" : "mallory",
});

const updateOf = async (player: Player, author: Author, variant: number): Promise<Made> => ({
  proposal: await forgeUpdate(await insideOf(player), player.signer, pick(UPDATES, variant)),
  author,
  onlyByReference: true,
});

/** How proposals of each kind are made; about half of the variants are wrong in some company or by themselves. */
export const KINDS = {
  add: ({ keyPackages }, variant) =>
    proposed({ proposalType: ProposalType.add, keyPackage: pick(keyPackages, variant) }, variant),
  remove: (_, variant) => proposed(remove(pick([2, 1, 3, 0, 9], variant)), variant),
  update: async ({ all }, variant) =>
    pick([0, 0, 1], variant) === 0
      ? updateOf(all.charlie, "charlie", variant)
      : updateOf(all.mallory, "mallory", variant),
  psk: (_, variant) => {
    const made = pick([psk("a", variant), psk("b", variant), psk("a"), psk("unknown")], variant);
    return proposed(made, variant);
  },
  extensions: (_, variant) =>
    proposed(pick([gce(), gce(COUNT), gce(), gce(0xf0f0), gce(1), gce(0x1a1a)], variant), variant),
  reinit: (_, variant) => proposed(pick([reinit, { ...reinit, version: 0 }], variant), variant),
  note: (_, variant) => proposed(note.make(utf8(pick(["x", "y", ""], variant))), variant),
  count: (_, variant) => proposed(count.make(utf8(pick(["x", "yy", ""], variant))), variant),
  externalInit: () => ({
    proposal: { proposalType: ProposalType.externalInit, kemOutput: new Uint8Array(32).fill(9) },
    author: "mallory",
    onlyByValue: true,
  }),
} as const satisfies Record<string, Maker>;

const kind = (name: Item["kind"], weight: number) => ({ arbitrary: fc.constant(name), weight });

/** Commits of up to eight proposals. */
export const plans: fc.Arbitrary<readonly Item[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      kind("add", 4),
      kind("remove", 4),
      kind("update", 5),
      kind("psk", 4),
      kind("extensions", 3),
      kind("note", 4),
      kind("count", 3),
      kind("reinit", 1),
      kind("externalInit", 1),
    ),
    variant: fc.nat(29),
    byReference: fc.boolean(),
  }),
  { maxLength: 8 },
);

/** A proposal of a plan. */
export async function makeItem(pool: Pool, { kind: name, variant }: Item): Promise<Made> {
  return KINDS[name](pool, variant);
}
