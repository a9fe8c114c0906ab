import {
  decode,
  type Extension,
  type Feature,
  type LeafNode,
  type ObjectFacts,
  type Plan,
  type PlanStep,
  type ProposalPlaces,
  type Queued,
  type Sender,
  uint16s,
} from "@openmls-ts/mls-core";
import { isMlsError, type MlsError, violation } from "@openmls-ts/traits";
import type { CodePoints } from "./code-points.ts";
import { componentGrease, withGreaseEntry } from "./component-grease.ts";
import {
  type ComponentData,
  componentsList,
  dictionaryEntry,
  dictionaryExtension,
  listedIn,
} from "./dictionary.ts";
import { safeAadCoder } from "./safe-aad-items.ts";

/** Where proposals of components may stand: everywhere but in external commits by reference. */
export const ANYWHERE: Partial<ProposalPlaces> = { externalSender: true, externalValue: true };

/** What an application's code may know when it judges a proposal: the same for all members. */
export interface ComponentFacts {
  /** The present epoch, which the commit ends. */
  readonly epoch: bigint;
  readonly groupId: Uint8Array;
  /** Leaf index of the committer; `undefined` for a newcomer from outside. */
  readonly committer: number | undefined;
  /** Who sent the proposals, in their order. */
  readonly senders: readonly Sender[];
}

export function factsOf(plan: Plan, queued: readonly Queued[]): ComponentFacts {
  const { groupId, epoch } = plan.groupContext;
  const senders = queued.map(({ sender }) => ({ ...sender }));
  return { epoch, groupId: new Uint8Array(groupId), committer: plan.committer, senders };
}

/** Asks an application's code, whose failure refuses the proposal. @throws MlsError */
export async function ask<T>(rule: string, id: number, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw isMlsError(cause) ? cause : refused(rule, id, cause);
  }
}

/** The application's code says no. */
export function refused(rule: string, id: number, cause?: unknown): MlsError {
  return violation(
    rule,
    `component ${id} takes it not`,
    cause === undefined ? { details: { componentId: id } } : { cause, details: { componentId: id } },
  );
}

/**
 * A step in which who commits looks at all members, and who joins from outside at itself. The draft leaves it to senders:
 * a receiver that refused would part from those who do not.
 * @param needs what a group's extensions ask for @param judge throws for a leaf that has not got it
 */
export function sendersStep<N>(
  needs: (extensions: readonly Extension[]) => readonly N[],
  judge: (needed: readonly N[], leafIndex: number, leaf: LeafNode) => void,
): PlanStep {
  return {
    order: Infinity,
    run: (plan) => {
      const needed = plan.side === "sender" ? needs(plan.extensions) : [];
      for (const [leafIndex, leaf] of needed.length === 0 ? [] : plan.leaves()) {
        judge(needed, leafIndex, leaf);
      }
    },
    pathLeaf: ({ own, extensions, leafIndex, leafNode }) => {
      const needed = own ? needs(extensions) : [];
      if (needed.length > 0) judge(needed, leafIndex, leafNode);
    },
  };
}

/** That those who come, and those who are there when more is required, know the required components. */
function requireComponents(types: CodePoints): PlanStep {
  return sendersStep(
    (extensions) => listedIn(extensions, types, types.appComponents),
    (needed, leafIndex, leaf) => {
      const known = new Set(listedIn(leaf.extensions, types, types.appComponents));
      const missing = needed.find((id) => !known.has(id));
      if (missing !== undefined) {
        throw violation("xd02", `the member at leaf ${leafIndex} does not know component ${missing}`, {
          details: { leafIndex, componentId: missing },
        });
      }
    },
  );
}

/** What stands in the dictionaries of what this client makes. */
export interface OwnData {
  readonly leafNode?: readonly ComponentData[];
  readonly keyPackage?: readonly ComponentData[];
  readonly groupContext?: readonly ComponentData[];
  readonly welcome?: readonly ComponentData[];
  readonly groupInfo?: readonly ComponentData[];
}

/** The lists of a leaf with a component that receivers ignore. */
function withGreaseLists(
  entries: readonly ComponentData[],
  types: CodePoints,
  facts: ObjectFacts,
): readonly ComponentData[] {
  const id = componentGrease(facts);
  const lists = [types.appComponents, types.safeAad];
  return entries.map((entry) =>
    id === undefined || !lists.includes(entry.componentId)
      ? entry
      : { ...entry, data: componentsList([...decode(uint16s, entry.data), id]) },
  );
}

/** What every feature has whose components a leaf lists. */
export function componentsFeature(
  types: CodePoints,
  components: readonly number[],
  own: OwnData = {},
): Required<Pick<Feature, "extensions" | "authenticatedData" | "objects" | "plan">> {
  return {
    extensions: [dictionaryEntry(types)],
    authenticatedData: safeAadCoder(types), // who lists the dictionary understands safe_aad
    plan: [requireComponents(types)],
    objects: {
      extensionsFor: (place, facts) => {
        const known = [types.appComponents, types.safeAad, ...components];
        const list = { componentId: types.appComponents, data: componentsList(known) };
        const all = [...(place === "leafNode" ? [list] : []), ...(own[place] ?? [])];
        // GREASE is not for what all members agree on.
        const entries = place === "groupContext" ? all : withGreaseEntry(all, facts);
        return entries.length === 0
          ? []
          : [
              dictionaryExtension(
                types,
                place === "leafNode" ? withGreaseLists(entries, types, facts) : entries,
              ),
            ];
      },
    },
  };
}
