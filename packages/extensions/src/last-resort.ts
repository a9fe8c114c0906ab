import type { Extension, Feature, FeatureExtension, KeyPackageStruct } from "@openmls-ts/mls-core";
import { choiceArgument, isMlsError, MlsError, optionsArgument } from "@openmls-ts/traits";
import { componentsFeature } from "./app-components.ts";
import { type CodePointChoice, codePoints } from "./code-points.ts";
import { withGreaseEntry } from "./component-grease.ts";
import { componentIn, dictionaryEntry, dictionaryExtension } from "./dictionary.ts";

export interface LastResortOptions {
  /**
   * How a KeyPackage is marked; every form is read. Default: `component`, as the draft has it. Peers that read
   * `extension` alone need `both`.
   */
  readonly form?: "component" | "extension" | "both";
  readonly codePoints?: CodePointChoice;
}

/** The feature with a reader of its mark. */
export interface LastResortFeature extends Feature {
  /** Whether a KeyPackage of anybody is marked as one of last resort; a malformed mark is none. */
  readonly isMarked: (keyPackage: Pick<KeyPackageStruct, "extensions">) => boolean;
}

/**
 * Last-resort KeyPackages (draft-ietf-mls-extensions): `markAsLastResort` writes the mark that makes a KeyPackage
 * reusable into it, where delivery service and members see it, and a marked one keeps its private keys after a join.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function lastResort(options?: LastResortOptions): LastResortFeature {
  const given = optionsArgument<LastResortOptions>("options", options, ["form", "codePoints"]);
  const form = choiceArgument("form", given.form ?? "component", ["component", "extension", "both"]);
  const types = codePoints(given.codePoints);
  const { appDataDictionary: dictionary, lastResort: component, lastResortExtension: extension } = types;
  const mark = { componentId: component, data: new Uint8Array() };
  const base = componentsFeature(types, [component]);
  const readDictionary = (extensionData: Uint8Array): boolean => {
    const data = componentIn([{ extensionType: dictionary, extensionData }], types, component);
    return data !== undefined && isMark(data);
  };

  const extensions: FeatureExtension[] = [];
  if (form !== "extension") {
    const entry = dictionaryEntry(types);
    const check = (data: Uint8Array): void => {
      entry.check?.(data);
      readDictionary(data);
    };
    extensions.push({ ...entry, check });
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
    ...(form === "extension" ? {} : base),
    name: "last resort",
    extensions,
    objects: {
      extensionsFor: (place, facts) => {
        const list: Extension[] = [
          ...(form === "extension" ? [] : (base.objects.extensionsFor?.(place, facts) ?? [])),
        ];
        if (place === "keyPackage" && facts.lastResort === true) {
          if (form !== "extension") {
            list.push(dictionaryExtension(types, withGreaseEntry([mark], facts)));
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
