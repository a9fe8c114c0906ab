import { decode, type Feature, type GroupContext } from "@openmls-ts/mls-core";
import { optionsArgument, violation } from "@openmls-ts/traits";
import { componentsFeature, sendersStep } from "./app-components.ts";
import { type CodePointChoice, codePoints } from "./code-points.ts";
import {
  type ComponentData,
  componentIdArgument,
  componentIdsArgument,
  componentIn,
  componentsList,
  encodeStrictly,
  listedIn,
} from "./dictionary.ts";
import { safeAadItems } from "./safe-aad-items.ts";

export type { ComponentData };

export interface SafeAadOptions {
  /** Components of the application that send additional authenticated data; listed in this client's leaves. */
  readonly components?: readonly number[];
  /** Components that all members of a new group must understand. With it, groups made here have Safe AAD. */
  readonly required?: readonly number[];
  readonly codePoints?: CodePointChoice;
}

/** The feature with writer and reader of authenticated data. */
export interface SafeAadFeature extends Feature {
  /** Whether a group has Safe AAD. */
  readonly isActive: (context: Pick<GroupContext, "extensions">) => boolean;
  /** Authenticated data of components, in any order, for `authenticatedData`. @throws MlsError `ERR_MLS_DECODE` rule xq01 for two of one component */
  readonly encode: (items: readonly ComponentData[]) => Uint8Array;
  /** The items of a message's `authenticatedData`; of a message of a group without Safe AAD they are not to be asked. */
  readonly decode: (authenticatedData: Uint8Array) => readonly ComponentData[];
}

/**
 * Safe AAD (draft-ietf-mls-extensions): authenticated data that several components of an application share. In groups that
 * have it all messages are framed so; those without items carry an empty list, which the library writes by itself.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function safeAad(options?: SafeAadOptions): SafeAadFeature {
  const given = optionsArgument<SafeAadOptions>("options", options, ["components", "required", "codePoints"]);
  const types = codePoints(given.codePoints);
  const components = componentIdsArgument("components", given.components ?? []);
  const required =
    given.required === undefined ? undefined : componentIdsArgument("required", given.required);
  const list = (ids: readonly number[]): ComponentData => ({
    componentId: types.safeAad,
    data: componentsList(ids),
  });
  const base = componentsFeature(types, components, {
    leafNode: [list(components)],
    groupContext: required === undefined ? [] : [list(required)],
  });
  return {
    ...base,
    name: "Safe AAD",
    plan: [
      ...base.plan,
      sendersStep(
        (extensions) => listedIn(extensions, types, types.safeAad),
        (needed, leafIndex, leaf) => {
          const known = new Set(listedIn(leaf.extensions, types, types.safeAad));
          if (!needed.every((id) => known.has(id))) {
            throw violation("xq05", `the member at leaf ${leafIndex} lacks required Safe AAD components`, {
              details: { leafIndex },
            });
          }
        },
      ),
    ],
    isActive: ({ extensions }) => componentIn(extensions, types, types.safeAad) !== undefined,
    encode: (items) => {
      items.forEach(({ componentId }) => componentIdArgument("items.componentId", componentId));
      return encodeStrictly(
        safeAadItems,
        [...items].sort((a, b) => a.componentId - b.componentId),
      );
    },
    decode: (authenticatedData) => decode(safeAadItems, authenticatedData),
  };
}
