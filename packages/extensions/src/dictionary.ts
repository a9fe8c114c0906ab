import {
  checked,
  type Codec,
  decode,
  encode,
  type Extension,
  type FeatureExtension,
  opaque,
  struct,
  uint16,
  uint16s,
  vector,
} from "@openmls-ts/mls-core";
import { badArgument, equalBytes, listArgument, MlsError, numberArgument } from "@openmls-ts/traits";
import type { CodePoints } from "./code-points.ts";
import { isComponentGrease } from "./component-grease.ts";

//   struct {
//       ComponentID component_id;
//       opaque data<V>;
//   } ComponentData;
/** What one component of an application keeps in an object. */
export interface ComponentData {
  /** 0 to 65535; from 0x8000 on for private use. */
  readonly componentId: number;
  readonly data: Uint8Array;
}

/** @throws MlsError `ERR_MLS_DECODE`, rule as given, unless component ids ascend */
export function ascending(list: readonly Pick<ComponentData, "componentId">[], rule: string): void {
  if (list.some(({ componentId }, at) => at > 0 && list[at - 1]!.componentId >= componentId)) {
    throw new MlsError("ERR_MLS_DECODE", "components that are not in ascending order", { rule });
  }
}

//   struct {
//       ComponentData component_data<V>;
//   } AppDataDictionary;
/** Writes what will be read: a value that breaks a rule of its own is not written. @throws MlsError as reading it */
export function encodeStrictly<T>(codec: Codec<T>, value: T): Uint8Array {
  const bytes = encode(codec, value);
  decode(codec, bytes);
  return bytes;
}

/** An app_data_dictionary: one entry a component, ascending. */
export const appDataDictionary: Codec<readonly ComponentData[]> = checked(
  vector(struct<ComponentData>({ componentId: uint16, data: opaque })),
  (list) => {
    ascending(list, "xd01");
  },
);

/** The entries of a dictionary among extensions; none if there is no dictionary. @throws MlsError `ERR_MLS_DECODE` */
export function dictionaryIn(
  extensions: readonly Extension[],
  { appDataDictionary: type }: Pick<CodePoints, "appDataDictionary">,
): readonly ComponentData[] {
  const found = extensions.find(({ extensionType }) => extensionType === type);
  return found === undefined ? [] : decode(appDataDictionary, found.extensionData);
}

/** What a component has in a dictionary among extensions. */
export function componentIn(
  extensions: readonly Extension[],
  types: Pick<CodePoints, "appDataDictionary">,
  id: number,
): Uint8Array | undefined {
  return dictionaryIn(extensions, types).find(({ componentId }) => componentId === id)?.data;
}

/** The components that a list component of a leaf (supported) or GroupContext (required) names, less reserved ids. */
export function listedIn(
  extensions: readonly Extension[],
  types: Pick<CodePoints, "appDataDictionary">,
  list: number,
): readonly number[] {
  const data = componentIn(extensions, types, list);
  return data === undefined ? [] : decode(uint16s, data).filter((id) => !isComponentGrease(id));
}

/** Component ids that a caller lists. @throws MlsError `ERR_MLS_USAGE` */
export function componentIdsArgument(name: string, value: readonly number[]): number[] {
  return listArgument(name, value).map((id, at) => componentIdArgument(`${name}[${at}]`, id));
}

/** A component id that a caller gives; none that is reserved as GREASE. @throws MlsError `ERR_MLS_USAGE` */
export function componentIdArgument(name: string, value: number): number {
  const id = numberArgument(name, value, 0, 0xffff);
  if (isComponentGrease(id)) throw badArgument(name, id, "a component id that is not reserved");
  return id;
}

/** A list of components, ascending. */
export function componentsList(ids: Iterable<number>): Uint8Array {
  return encode(
    uint16s,
    [...new Set(ids)].sort((a, b) => a - b),
  );
}

/** A dictionary as an extension, entries in any order. */
export function dictionaryExtension(
  { appDataDictionary: extensionType }: Pick<CodePoints, "appDataDictionary">,
  entries: Iterable<ComponentData>,
): Extension {
  const sorted = [...entries].sort((a, b) => a.componentId - b.componentId);
  return { extensionType, extensionData: encodeStrictly(appDataDictionary, sorted) };
}

/** The extension type as every feature brings it that has components: what they put into it becomes one dictionary. */
export function dictionaryEntry(
  types: CodePoints,
  protects?: FeatureExtension["protected"],
): FeatureExtension {
  return {
    type: types.appDataDictionary,
    places: ["keyPackage", "leafNode", "groupContext", "groupInfo"],
    check: (data) => {
      const lists = [types.appComponents, types.safeAad];
      for (const { componentId, data: content } of decode(appDataDictionary, data)) {
        if (lists.includes(componentId)) decode(uint16s, content);
      }
    },
    merge: (parts) => merged(types, parts),
    ...(protects === undefined ? {} : { protected: protects }),
  };
}

/** Several dictionaries as one; lists of components are united. @throws MlsError `ERR_MLS_USAGE` */
function merged(types: CodePoints, parts: readonly Uint8Array[]): Uint8Array {
  const lists = [types.appComponents, types.safeAad];
  const all = new Map<number, Uint8Array>();
  for (const { componentId: id, data } of parts.flatMap((part) => decode(appDataDictionary, part))) {
    const before = all.get(id);
    if (before === undefined) {
      all.set(id, data);
    } else if (lists.includes(id)) {
      all.set(id, componentsList([...decode(uint16s, before), ...decode(uint16s, data)]));
    } else if (!equalBytes(before, data)) {
      throw new MlsError("ERR_MLS_USAGE", `two features, or feature and caller, set component ${id}`);
    }
  }
  const entries = [...all].map(([componentId, data]) => ({ componentId, data }));
  return dictionaryExtension(types, entries).extensionData;
}
