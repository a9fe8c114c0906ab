import {
  type AnyProposal,
  type CommitSummary,
  type CustomProposal,
  defineProposal,
  type Feature,
  opaque,
  ProposalOrder,
  type Sender,
  struct,
  uint16,
} from "@openmls-ts/mls-core";
import { badArgument, bytesArgument, listArgument, optionsArgument, violation } from "@openmls-ts/traits";
import { ANYWHERE, ask, type ComponentFacts, componentsFeature, factsOf, refused } from "./app-components.ts";
import { type CodePointChoice, codePoints } from "./code-points.ts";
import { type ComponentData, componentIdArgument } from "./dictionary.ts";

/** A component of the application that attaches data to commits. */
export interface EphemeralComponent {
  /** 0 to 65535; from 0x8000 on for private use. */
  readonly id: number;
  /** Whether data are what they should be; nothing but the arguments may decide. `false`, or an exception, refuses them. */
  readonly check: (data: Uint8Array, facts: ComponentFacts) => boolean | Promise<boolean>;
}

export type { ComponentData, ComponentFacts };

export interface AppEphemeralOptions {
  readonly components: readonly EphemeralComponent[];
  readonly codePoints?: CodePointChoice;
}

/** What came with a commit. */
export interface Ephemeral extends ComponentData {
  readonly sender: Sender;
}

/** The feature with a maker and readers. */
export interface AppEphemeralFeature extends Feature {
  /** A proposal for `propose` and `commit`. @throws MlsError `ERR_MLS_USAGE` */
  readonly make: (componentId: number, data: Uint8Array) => CustomProposal;
  readonly read: (proposal: AnyProposal) => ComponentData | undefined;
  /** What came with a commit, in its order: act on it once the commit is merged. */
  readonly of: (summary: Pick<CommitSummary, "proposals">) => Ephemeral[];
}

/**
 * Application data attached to a commit (draft-ietf-mls-extensions): all members process the same, as part of the
 * transcript, and nothing of it stays in the group. What a commit that lost had with it is to be proposed again.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function appEphemeral(options: AppEphemeralOptions): AppEphemeralFeature {
  const given = optionsArgument<AppEphemeralOptions>("options", options, ["components", "codePoints"]);
  const types = codePoints(given.codePoints);
  const components = new Map<number, EphemeralComponent>();
  for (const component of listArgument("components", given.components)) {
    const id = componentIdArgument("components.id", component.id);
    if (components.has(id)) throw badArgument("components", id, "one component of each id");
    if (typeof (component.check as unknown) !== "function") {
      throw badArgument("components.check", component.check, "a function");
    }
    components.set(id, component);
  }

  //   struct {
  //       ComponentID component_id;
  //       opaque data<V>;
  //   } AppEphemeral;
  const entry = defineProposal<ComponentData>({
    type: types.appEphemeral,
    name: "an AppEphemeral",
    codec: struct<ComponentData>({ componentId: uint16, data: opaque }),
    places: ANYWHERE,
    order: ProposalOrder.reinit + 10, // after all of the RFC's own, before AppDataUpdate
    apply: async ({ componentId: id, data }, queued, plan) => {
      const component = components.get(id);
      if (component === undefined) {
        throw violation("xa01", `an AppEphemeral of component ${id}, which is unknown here`);
      }
      if (!(await ask("xa01", id, async () => component.check(data, factsOf(plan, [queued]))))) {
        throw refused("xa01", id);
      }
    },
  });
  return {
    ...componentsFeature(types, [...components.keys()]),
    name: "app ephemeral",
    proposals: [entry],
    make: (componentId, data) =>
      entry.make({
        componentId: componentIdArgument("componentId", componentId),
        data: bytesArgument("data", data),
      }),
    read: entry.read,
    of: ({ proposals }) =>
      proposals.flatMap(({ proposal, sender }) => {
        const read = entry.read(proposal);
        return read === undefined ? [] : [{ ...read, sender: { ...sender } }];
      }),
  };
}
