import {
  type Codec,
  decode,
  encode,
  type Extension,
  type Feature,
  type FeatureExtension,
  type KeyPackageStruct,
  opaque,
  struct,
  uint16,
  uint16s,
  vector,
} from "@openmls-ts/mls-core";
import { choiceArgument, isMlsError, MlsError, numberArgument, optionsArgument } from "@openmls-ts/traits";

/** The code points of the draft, and of the extension that peers have in its place. */
export const LAST_RESORT_TYPES = {
  /** Extension app_data_dictionary. */
  dictionary: 0x0006,
  /** Component app_components, in a leaf's dictionary. */
  appComponents: 0x0001,
  /** Component last_resort_key_package. */
  component: 0x0004,
  /** Extension last_resort_key_package, of drafts up to -03, OpenMLS and mls-rs. */
  extension: 0x000a,
} as const;

/** Code points by their names. */
export type LastResortTypes = Readonly<Record<keyof typeof LAST_RESORT_TYPES, number>>;

export interface LastResortOptions {
  /**
   * How a KeyPackage is marked; every form is read. Default: `component`, as the draft has it. Peers that read
   * `extension` alone need `both`.
   */
  readonly form?: "component" | "extension" | "both";
  /** Code points other than {@link LAST_RESORT_TYPES}. */
  readonly types?: Partial<LastResortTypes>;
}

/** The feature with a reader of its mark. */
export interface LastResortFeature extends Feature {
  /** Whether a KeyPackage of anybody is marked as one of last resort; a malformed mark is none. */
  readonly isMarked: (keyPackage: Pick<KeyPackageStruct, "extensions">) => boolean;
}

//   struct {
//       ComponentID component_id;
//       opaque data<V>;
//   } ComponentData;
interface ComponentData {
  readonly id: number;
  readonly data: Uint8Array;
}

/**
 * Last-resort KeyPackages (draft-ietf-mls-extensions): `markAsLastResort` writes the mark that makes a KeyPackage
 * reusable into it, where delivery service and members see it, and a marked one keeps its private keys after a join.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function lastResort(options?: LastResortOptions): LastResortFeature {
  const { form: chosen, types } = optionsArgument<LastResortOptions>("options", options, ["form", "types"]);
  const form = choiceArgument("form", chosen ?? "component", ["component", "extension", "both"]);
  const names = Object.keys(LAST_RESORT_TYPES) as (keyof typeof LAST_RESORT_TYPES)[];
  const given = {
    ...LAST_RESORT_TYPES,
    ...optionsArgument<Partial<LastResortTypes>>("types", types, names),
  };
  names.forEach((name) => numberArgument(`types.${name}`, given[name], 0, 0xffff));
  const { dictionary, appComponents, component, extension } = given;

  //   struct {
  //       ComponentData component_data<V>;
  //   } AppDataDictionary;
  const entries: Codec<readonly ComponentData[]> = vector(
    struct<ComponentData>({ id: uint16, data: opaque }),
  );
  const inDictionary = (id: number, data: Uint8Array): Extension => ({
    extensionType: dictionary,
    extensionData: encode(entries, [{ id, data }]),
  });
  const readDictionary = (data: Uint8Array): boolean => {
    const list = decode(entries, data);
    if (list.some(({ id }, at) => at > 0 && list[at - 1]!.id >= id)) {
      throw malformed("components that are not in ascending order");
    }
    const mark = list.find(({ id }) => id === component);
    return mark !== undefined && isMark(mark.data);
  };

  const extensions: FeatureExtension[] = [];
  if (form !== "extension") {
    const places = ["keyPackage", "leafNode", "groupContext", "groupInfo"] as const;
    extensions.push({ type: dictionary, places, check: (data) => void readDictionary(data) });
  }
  if (form !== "component") {
    extensions.push({ type: extension, places: ["keyPackage"], check: (data) => void isMark(data) });
  }
  const isMarked = ({ extensions: list }: Pick<KeyPackageStruct, "extensions">): boolean =>
    list.some(({ extensionType: type, extensionData: data }) => {
      try {
        return (type === dictionary && readDictionary(data)) || (type === extension && isMark(data));
      } catch (error) {
        if (isMlsError(error)) {
          return false;
        }
        throw error;
      }
    });
  return {
    name: "last resort",
    extensions,
    objects: {
      extensionsFor: (place, { lastResort: marked }) => {
        const list: Extension[] = [];
        if (place === "leafNode" && form !== "extension") {
          // Who lists the dictionary says which components it knows.
          list.push(inDictionary(appComponents, encode(uint16s, [appComponents, component])));
        }
        if (place === "keyPackage" && marked === true) {
          if (form !== "extension") {
            list.push(inDictionary(component, new Uint8Array()));
          }
          if (form !== "component") {
            list.push({ extensionType: extension, extensionData: new Uint8Array() });
          }
        }
        return list;
      },
      reusable: isMarked,
    },
    isMarked,
  };
}

/** The mark has no content. @throws MlsError `ERR_MLS_DECODE` */
function isMark(data: Uint8Array): true {
  if (data.length > 0) {
    throw malformed("a mark of last resort with content");
  }
  return true;
}

function malformed(message: string): MlsError {
  return new MlsError("ERR_MLS_DECODE", message);
}
