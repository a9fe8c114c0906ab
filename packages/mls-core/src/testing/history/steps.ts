import fc from "fast-check";

/** A choice among however many there are when the step is played: taken modulo their number. */
type Pick = number;

/** How a commit is carried through, whatever it does. */
export interface CommitManner {
  readonly by: Pick;
  /** Whether the pending proposals are committed too. */
  readonly pending: boolean;
  readonly path: boolean;
  /** Whether the committer sees its own commit come back before merging. */
  readonly echo: boolean;
  /** Whether the committer is replaced by what its store holds while the commit is pending. */
  readonly restart: boolean;
  /** Whether the committer says something while the commit is pending. */
  readonly chatty: boolean;
  /** Whether the committer merges before the others hear of the commit. */
  readonly first: boolean;
}

/** One event in the life of a group. */
export type Step =
  | (CommitManner & { readonly kind: "add"; readonly count: number })
  | (CommitManner & { readonly kind: "remove"; readonly who: readonly Pick[] })
  | (CommitManner & { readonly kind: "update"; readonly newKey: boolean })
  | (CommitManner & { readonly kind: "psk"; readonly resumption: boolean; readonly age: Pick })
  | (CommitManner & { readonly kind: "extensions"; readonly senders: boolean; readonly required: boolean })
  | (CommitManner & { readonly kind: "clear" })
  | { readonly kind: "proposeAdd"; readonly by: Pick; readonly how: "member" | "newcomer" | "server" }
  | {
      readonly kind: "proposeRemove";
      readonly by: Pick;
      readonly who: Pick;
      readonly how: "member" | "server";
    }
  | { readonly kind: "proposeUpdate"; readonly by: readonly Pick[]; readonly newKey: boolean }
  | { readonly kind: "proposePsk"; readonly by: Pick; readonly resumption: boolean; readonly age: Pick }
  | {
      readonly kind: "proposeExtensions";
      readonly by: Pick;
      readonly senders: boolean;
      readonly required: boolean;
    }
  | { readonly kind: "dropProposal"; readonly by: Pick; readonly which: Pick }
  | { readonly kind: "externalJoin"; readonly via: Pick; readonly psk: boolean }
  | { readonly kind: "resync"; readonly who: Pick; readonly via: Pick; readonly newKey: boolean }
  | {
      readonly kind: "race";
      readonly winner: Pick;
      readonly loser: Pick;
      readonly outsider: boolean;
      readonly restart: boolean;
    }
  | { readonly kind: "send"; readonly by: Pick; readonly count: number; readonly restart: boolean }
  | { readonly kind: "deliver"; readonly to: Pick; readonly order: readonly Pick[] }
  | { readonly kind: "restart"; readonly who: Pick }
  | { readonly kind: "attack"; readonly on: Pick; readonly message: Pick; readonly how: Attack };

/** What is done to a message before it is thrown at a member. */
export type Attack =
  | { readonly kind: "flip"; readonly at: Pick; readonly bit: number }
  | { readonly kind: "cut"; readonly at: Pick }
  | { readonly kind: "extend"; readonly bytes: Uint8Array }
  | { readonly kind: "random"; readonly bytes: Uint8Array }
  | { readonly kind: "old" };

const pick = fc.nat(0xffff);
const yes = fc.boolean();
const mostly = fc.nat(4).map((n) => n > 0);
const rarely = fc.nat(3).map((n) => n === 3);
const manner = {
  by: pick,
  pending: mostly,
  path: yes,
  echo: yes,
  restart: rarely,
  chatty: rarely,
  first: yes,
};
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);

const attack: fc.Arbitrary<Attack> = fc.oneof(
  fc.record({ kind: kind("flip"), at: pick, bit: fc.nat(7) }),
  fc.record({ kind: kind("cut"), at: pick }),
  fc.record({ kind: kind("extend"), bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: kind("random"), bytes: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ kind: kind("old") }),
);

function step(most: number): fc.Arbitrary<Step> {
  const some = fc.integer({ min: 1, max: most });
  const few = fc.array(pick, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: kind("add"), ...manner, count: some }) },
    { weight: 3, arbitrary: fc.record({ kind: kind("remove"), ...manner, who: few }) },
    { weight: 4, arbitrary: fc.record({ kind: kind("update"), ...manner, newKey: yes }) },
    { weight: 2, arbitrary: fc.record({ kind: kind("psk"), ...manner, resumption: yes, age: pick }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind("extensions"), ...manner, senders: mostly, required: yes }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind("clear"), ...manner }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: kind("proposeAdd"),
        by: pick,
        how: fc.constantFrom("member", "newcomer", "server"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind("proposeRemove"),
        by: pick,
        who: pick,
        how: fc.constantFrom("member", "server"),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: kind("proposeUpdate"), by: few, newKey: yes }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("proposePsk"), by: pick, resumption: yes, age: pick }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind("proposeExtensions"), by: pick, senders: mostly, required: yes }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind("dropProposal"), by: pick, which: pick }) },
    { weight: 2, arbitrary: fc.record({ kind: kind("externalJoin"), via: pick, psk: yes }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("resync"), who: pick, via: pick, newKey: yes }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: kind("race"), winner: pick, loser: pick, outsider: rarely, restart: yes }),
    },
    {
      weight: 9,
      arbitrary: fc.record({
        kind: kind("send"),
        by: pick,
        count: fc.integer({ min: 1, max: 5 }),
        restart: rarely,
      }),
    },
    {
      weight: 9,
      arbitrary: fc.record({
        kind: kind("deliver"),
        to: pick,
        order: fc.array(pick, { minLength: 1, maxLength: 12 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: kind("restart"), who: pick }) },
    { weight: 4, arbitrary: fc.record({ kind: kind("attack"), on: pick, message: pick, how: attack }) },
  );
}

/** The life of a group. */
export interface History {
  /** With how many members it begins, its creator included. */
  readonly members: number;
  readonly steps: readonly Step[];
}

/** Any history. @param members at the beginning @param length number of steps */
export function histories(members: Range, length: Range): fc.Arbitrary<History> {
  return fc.record({
    members: fc.integer({ min: members.min, max: members.max }),
    steps: fc.array(step(Math.max(2, members.max >> 2)), {
      minLength: length.min,
      maxLength: length.max,
      size: "max",
    }),
  });
}

/** Bounds, both included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}
