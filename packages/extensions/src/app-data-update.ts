import {
  type Codec,
  type DefinedProposal,
  defineProposal,
  opaque,
  type Plan,
  ProposalOrder,
  type Queued,
  uint16,
  uint8,
} from "@openmls-ts/mls-core";
import { deepCopy, isBytes, MlsError, violation } from "@openmls-ts/traits";
import { ANYWHERE, ask, type ComponentFacts, factsOf, refused } from "./app-components.ts";
import type { CodePoints } from "./code-points.ts";
import { dictionaryExtension, dictionaryIn } from "./dictionary.ts";

/** A component of the application that keeps data in the group. */
export interface AppDataComponent {
  /** 0 to 65535; from 0x8000 on for private use. */
  readonly id: number;
  /**
   * What the component's data become by updates, in the order of the commit: on every member, the committer and observers.
   * Nothing but the arguments may decide. `undefined`, or an exception, refuses the updates.
   */
  readonly update: (
    old: Uint8Array | undefined,
    updates: readonly Uint8Array[],
    facts: ComponentFacts,
  ) => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Whether its data may be removed. Default: yes. */
  readonly remove?: (facts: ComponentFacts) => boolean | Promise<boolean>;
  /** Its data in groups that are made here. */
  readonly initial?: Uint8Array;
  /** What its entry is in this client's leaves, KeyPackages, and GroupInfos: in a Welcome, or published. */
  readonly leafNode?: Uint8Array;
  readonly keyPackage?: Uint8Array;
  readonly welcome?: Uint8Array;
  readonly groupInfo?: Uint8Array;
}

/** What an AppDataUpdate does. */
export interface AppDataUpdate {
  readonly componentId: number;
  /** `undefined` removes the component's data. */
  readonly update: Uint8Array | undefined;
}

//   struct {
//       ComponentID component_id;
//       AppDataUpdateOperation op; /* update(1), remove(2) */
//       select (AppDataUpdate.op) {
//           case update: opaque update<V>;
//           case remove: struct{};
//       };
//   } AppDataUpdate;
const [UPDATE, REMOVE] = [1, 2] as const;
const body: Codec<AppDataUpdate> = {
  size: ({ update }) => 3 + (update === undefined ? 0 : opaque.size(update)),
  write: (writer, { componentId, update }) => {
    uint16.write(writer, componentId);
    uint8.write(writer, update === undefined ? REMOVE : UPDATE);
    if (update !== undefined) opaque.write(writer, update);
  },
  read: (reader) => {
    const componentId = uint16.read(reader);
    const op = uint8.read(reader);
    if (op !== UPDATE && op !== REMOVE) {
      throw new MlsError("ERR_MLS_DECODE", `an AppDataUpdate with operation ${op}`, { rule: "xd04" });
    }
    return { componentId, update: op === UPDATE ? opaque.read(reader) : undefined };
  },
};

/** What an attempt at a commit has of one component. */
interface Progress {
  /** All proposals of the component. */
  readonly same: Queued[];
  readonly old: Uint8Array | undefined;
  /** Those that were taken so far. */
  readonly updates: Uint8Array[];
  readonly taken: Queued[];
}

type Entries = Map<number, Uint8Array>;

/** The proposal type AppDataUpdate, for some components. */
export function appDataUpdateEntry(
  types: CodePoints,
  components: ReadonlyMap<number, AppDataComponent>,
): DefinedProposal<AppDataUpdate> {
  const entriesOf = (plan: Plan): Entries =>
    new Map(dictionaryIn(plan.extensions, types).map(({ componentId, data }) => [componentId, data]));
  const set = (plan: Plan, entries: Entries): void => {
    const all = [...entries].map(([componentId, data]) => ({ componentId, data }));
    plan.setExtension(types.appDataDictionary, dictionaryExtension(types, all).extensionData);
  };
  const removes = ({ proposal }: Queued): boolean => entry.read(proposal)?.update === undefined;
  const attempts = new WeakMap<Plan, Map<number, Progress>>();
  const progressOf = (plan: Plan): Map<number, Progress> => {
    const known = attempts.get(plan);
    if (known !== undefined) return known;
    const [old, begun] = [entriesOf(plan), new Map<number, Progress>()];
    for (const queued of plan.proposals) {
      const id = entry.read(queued.proposal)?.componentId;
      if (id === undefined) continue;
      const progress = begun.get(id) ?? { same: [], old: old.get(id), updates: [], taken: [] };
      progress.same.push(queued);
      begun.set(id, progress);
    }
    attempts.set(plan, begun);
    return begun;
  };

  /** One removal, or updates alone. Of a committer's list what the caller asks for stays, else the newest. */
  const checkTogether = ({ same }: Progress, queued: Queued): void => {
    const winner = same.find(({ reference }) => reference === undefined) ?? same.at(-1)!;
    const fits = queued === winner || (!removes(queued) && !removes(winner));
    if (!fits && same.some(removes)) {
      throw violation("xd05", "a removal of a component's data beside something else of the component");
    }
  };
  const remove = async (component: AppDataComponent, queued: Queued, plan: Plan): Promise<void> => {
    const { id, remove: may } = component;
    const entries = entriesOf(plan);
    if (!entries.delete(id)) {
      throw violation("xd06", `a removal of data that component ${id} has not`);
    }
    if (may !== undefined && !(await ask("xd08", id, async () => may(factsOf(plan, [queued]))))) {
      throw refused("xd08", id);
    }
    set(plan, entries);
  };
  const update = async (component: AppDataComponent, so: Progress, plan: Plan): Promise<void> => {
    const { id } = component;
    const { old, updates } = deepCopy({ old: so.old, updates: so.updates });
    const data: unknown = await ask("xd08", id, async () =>
      component.update(old, updates, factsOf(plan, so.taken)),
    );
    if (!isBytes(data)) {
      throw refused("xd08", id);
    }
    set(plan, entriesOf(plan).set(id, data));
  };

  const entry = defineProposal<AppDataUpdate>({
    type: types.appDataUpdate,
    name: "an AppDataUpdate",
    codec: body,
    places: ANYWHERE,
    order: ProposalOrder.reinit + 20, // after all of the RFC's own, and AppEphemeral
    apply: async (proposed, queued, plan) => {
      const component = components.get(proposed.componentId);
      if (component === undefined) {
        throw violation(
          "xd04",
          `an AppDataUpdate of component ${proposed.componentId}, which is unknown here`,
        );
      }
      const so = progressOf(plan).get(component.id)!;
      checkTogether(so, queued);
      if (proposed.update === undefined) {
        await remove(component, queued, plan);
        return;
      }
      so.updates.push(proposed.update);
      so.taken.push(queued);
      // A committer learns of each update whether it is at fault; others ask once for all of them.
      if (plan.side === "sender" || queued === so.same.at(-1)) {
        try {
          await update(component, so, plan);
        } catch (error) {
          so.updates.pop();
          so.taken.pop();
          throw error;
        }
      }
    },
  });
  return entry;
}
