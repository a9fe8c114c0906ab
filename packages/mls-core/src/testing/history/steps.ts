import fc from "fast-check";
import type { World } from "./world.ts";

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
  | (CommitManner & { readonly kind: "poll"; readonly question: number })
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
  | {
      readonly kind: "proposePoll";
      readonly by: Pick;
      readonly question: number;
      readonly how: "member" | "server";
    }
  /** Dismisses a proposal, or wants it back; or one after the other. */
  | {
      readonly kind: "changeMind";
      readonly by: Pick;
      readonly which: Pick;
      readonly back: boolean;
      readonly twice: boolean;
    }
  | { readonly kind: "externalJoin"; readonly via: Pick; readonly psk: boolean; readonly polls: boolean }
  | {
      readonly kind: "resync";
      readonly who: Pick;
      readonly via: Pick;
      readonly newKey: boolean;
      /** What is in the joiner's store: nothing, the group, or the group as it was an epoch ago. */
      readonly old: "deleted" | "kept" | "stale";
      /** Whether another commit comes first, so that it takes a second attempt. */
      readonly late: boolean;
    }
  /** Two objects on one store; whether the first one goes on. */
  | {
      readonly kind: "double";
      readonly by: Pick;
      readonly what: "speak" | "dismiss" | "propose";
      readonly back: boolean;
    }
  | { readonly kind: "crime"; readonly by: Pick; readonly victim: Pick; readonly crime: Crime }
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

/** One kind of step. */
export type StepOf<K extends Step["kind"]> = Extract<Step, { readonly kind: K }>;

/** How steps are played. */
export type Plays<K extends Step["kind"]> = {
  readonly [S in K]: (world: World, step: StepOf<S>) => Promise<void>;
};

/** Rules that a commit may violate. */
export const CRIMES = [
  "valn0303",
  "valn0304",
  "valn0305",
  "valn0306",
  "valn0308",
  "valn0309",
  "valn0701",
  "poll-once",
] as const;
export type Crime = (typeof CRIMES)[number];

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

const question = fc.nat(3);
const how = fc.constantFrom("member" as const, "server" as const);

function step(most: number): fc.Arbitrary<Step> {
  const some = fc.integer({ min: 1, max: most });
  const few = fc.array(pick, { minLength: 1, maxLength: 3 });
  const context = { senders: mostly, required: yes };
  const who = fc.constantFrom("member" as const, "newcomer" as const, "server" as const);
  const old = fc.constantFrom("deleted" as const, "kept" as const, "stale" as const);
  const what = fc.constantFrom("speak" as const, "dismiss" as const, "propose" as const);
  const arbitrary: { readonly [K in Step["kind"]]: [number, fc.Arbitrary<Omit<StepOf<K>, "kind">>] } = {
    add: [6, fc.record({ ...manner, count: some })],
    remove: [3, fc.record({ ...manner, who: few })],
    update: [4, fc.record({ ...manner, newKey: yes })],
    psk: [2, fc.record({ ...manner, resumption: yes, age: pick })],
    extensions: [1, fc.record({ ...manner, ...context })],
    poll: [3, fc.record({ ...manner, question })],
    clear: [1, fc.record(manner)],
    proposeAdd: [3, fc.record({ by: pick, how: who })],
    proposeRemove: [2, fc.record({ by: pick, who: pick, how })],
    proposeUpdate: [3, fc.record({ by: few, newKey: yes })],
    proposePsk: [1, fc.record({ by: pick, resumption: yes, age: pick })],
    proposeExtensions: [1, fc.record({ by: pick, ...context })],
    proposePoll: [4, fc.record({ by: pick, question, how })],
    changeMind: [4, fc.record({ by: pick, which: pick, back: rarely, twice: yes })],
    externalJoin: [2, fc.record({ via: pick, psk: yes, polls: mostly })],
    resync: [2, fc.record({ who: pick, via: pick, newKey: yes, old, late: rarely })],
    race: [2, fc.record({ winner: pick, loser: pick, outsider: rarely, restart: yes })],
    send: [9, fc.record({ by: pick, count: fc.integer({ min: 1, max: 5 }), restart: rarely })],
    deliver: [9, fc.record({ to: pick, order: fc.array(pick, { minLength: 1, maxLength: 12 }) })],
    restart: [3, fc.record({ who: pick })],
    double: [2, fc.record({ by: pick, what, back: yes })],
    crime: [2, fc.record({ by: pick, victim: pick, crime: fc.constantFrom(...CRIMES) })],
    attack: [4, fc.record({ on: pick, message: pick, how: attack })],
  };
  return fc.oneof(
    ...Object.entries(arbitrary).map(([kind, [weight, fields]]) => ({
      weight,
      arbitrary: (fields as fc.Arbitrary<object>).map((rest) => ({ kind, ...rest }) as Step),
    })),
  );
}

/** The life of a group. */
export interface History {
  /** With how many members it begins, its creator included. */
  readonly members: number;
  /** Whether all handshake messages are public, and somebody follows them from outside. */
  readonly open: boolean;
  readonly steps: readonly Step[];
}

/** Any history. @param members at the beginning @param length number of steps */
export function histories(members: Range, length: Range): fc.Arbitrary<History> {
  return fc.record({
    members: fc.integer({ min: members.min, max: members.max }),
    open: yes,
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
