import {
  type AnyProposal,
  type CustomProposal,
  type Extension,
  type Feature,
  requiredCapabilitiesOf,
} from "@openmls-ts/mls-core";
import {
  badArgument,
  bytesArgument,
  functionArgument,
  listArgument,
  optionsArgument,
} from "@openmls-ts/traits";
import { type ComponentFacts, componentsFeature } from "./app-components.ts";
import { type AppDataComponent, type AppDataUpdate, appDataUpdateEntry } from "./app-data-update.ts";
import { type CodePointChoice, codePoints } from "./code-points.ts";
import {
  type ComponentData,
  componentIdArgument,
  componentIdsArgument,
  componentIn,
  componentsList,
  dictionaryEntry,
} from "./dictionary.ts";

export type { AppDataComponent, AppDataUpdate, ComponentData, ComponentFacts };

export interface AppDataOptions {
  readonly components: readonly AppDataComponent[];
  /** Components that all members of groups made here must know. */
  readonly required?: readonly number[];
  readonly codePoints?: CodePointChoice;
}

/** The feature with makers and readers. */
export interface AppDataFeature extends Feature {
  /** A proposal that updates a component's data. */
  readonly update: (componentId: number, update: Uint8Array) => CustomProposal;
  /** A proposal that removes a component's data. */
  readonly remove: (componentId: number) => CustomProposal;
  readonly read: (proposal: AnyProposal) => AppDataUpdate | undefined;
  /** A component's data: of `group.extensions` or `summary.extensions`, a leaf, KeyPackage or GroupInfo. */
  readonly dataIn: (extensions: readonly Extension[], componentId: number) => Uint8Array | undefined;
}

/**
 * Application data in the GroupContext (draft-ietf-mls-extensions): a dictionary with an entry a component, changed by
 * AppDataUpdate proposals that the application interprets. Members need the same components; so does an observer.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function appData(options: AppDataOptions): AppDataFeature {
  const given = optionsArgument<AppDataOptions>("options", options, ["components", "required", "codePoints"]);
  const types = codePoints(given.codePoints);
  const { appDataUpdate: type } = types;
  const components = new Map<number, AppDataComponent>();
  for (const component of listArgument("components", given.components)) {
    const id = componentIdArgument("components.id", component.id);
    functionArgument("components.update", component.update);
    if (components.has(id)) throw badArgument("components", id, "one component of each id");
    components.set(id, component);
  }
  const required =
    given.required === undefined ? undefined : componentIdsArgument("required", given.required);
  const own = (place: "initial" | "leafNode" | "keyPackage" | "welcome" | "groupInfo"): ComponentData[] =>
    [...components].flatMap(([componentId, component]) => {
      const data = component[place];
      return data === undefined ? [] : [{ componentId, data: bytesArgument(`components.${place}`, data) }];
    });
  const list = { componentId: types.appComponents, data: componentsList(required ?? []) };
  const { leafNode, keyPackage, welcome, groupInfo, initial } = {
    leafNode: own("leafNode"),
    keyPackage: own("keyPackage"),
    welcome: own("welcome"),
    groupInfo: own("groupInfo"),
    initial: [...own("initial"), ...(required === undefined ? [] : [list])],
  };
  const base = componentsFeature(types, [...components.keys()], {
    leafNode,
    keyPackage,
    welcome,
    groupInfo,
    groupContext: initial,
  });

  const entry = appDataUpdateEntry(types, components);
  return {
    ...base,
    name: "app data",
    proposals: [entry],
    extensions: [
      dictionaryEntry(types, ({ extensions }, proposed) =>
        // required before or after the commit
        [extensions, proposed].some(
          (those) => requiredCapabilitiesOf(those)?.proposalTypes.includes(type) === true,
        ),
      ),
    ],
    update: (componentId, update) => entry.make({ componentId, update: bytesArgument("update", update) }),
    remove: (componentId) => entry.make({ componentId, update: undefined }),
    read: entry.read,
    dataIn: (extensions, componentId) => componentIn(extensions, types, componentId),
  };
}
