import {
  type Codec,
  checked,
  decode,
  encode,
  type Extension,
  type Feature,
  type FeatureExtension,
  type KeyPackageStruct,
  opaque,
  struct,
  uint16,
  vector,
} from "@openmls-ts/mls-core";
import { MlsError, violation } from "@openmls-ts/traits";

/** The extension type app_data_dictionary, and the component in it that marks a last resort. */
const APP_DATA_DICTIONARY = 0x0006;
const LAST_RESORT_COMPONENT = 0x0004;
/** The extension type of earlier drafts, which OpenMLS and mls-rs write and look for. */
const LAST_RESORT_EXTENSION = 0x000a;

/** `component`: as the draft has it now; `extension`: as its earlier versions, and its implementations, have it. */
export type LastResortForm = "component" | "extension";

/** What may be chosen about the mark. */
export interface LastResortOptions {
  /** How this client's key packages are marked; both forms are always read. Default: `["component"]`. */
  readonly write?: readonly LastResortForm[];
}

//   struct {
//       ComponentID component_id;
//       opaque data<V>;
//   } ComponentData;
interface ComponentData {
  readonly componentId: number;
  readonly data: Uint8Array;
}

//   struct {
//       ComponentData component_data<V>;  /* ascending, none twice */
//   } AppDataDictionary;
const dictionary: Codec<{ readonly componentData: readonly ComponentData[] }> = struct({
  componentData: checked(vector(struct<ComponentData>({ componentId: uint16, data: opaque })), (entries) => {
    entries.forEach(({ componentId }, at) => {
      if (at > 0 && componentId <= entries[at - 1]!.componentId) {
        throw violation("xd01", "the components of a dictionary do not ascend");
      }
    });
  }),
});

function marks({ extensionType, extensionData }: Extension): boolean {
  return extensionType === APP_DATA_DICTIONARY
    ? decode(dictionary, extensionData).componentData.some(
        ({ componentId }) => componentId === LAST_RESORT_COMPONENT,
      )
    : extensionType === LAST_RESORT_EXTENSION;
}

function checkMark(data: Uint8Array): void {
  if (data.length > 0) {
    throw violation("xl01", "the mark of a last resort has no data");
  }
}

const KNOWN: readonly FeatureExtension[] = [
  {
    type: APP_DATA_DICTIONARY,
    places: ["keyPackage", "leafNode", "groupContext", "groupInfo"],
    check: (data) => {
      for (const { componentId, data: inside } of decode(dictionary, data).componentData) {
        if (componentId === LAST_RESORT_COMPONENT) checkMark(inside);
      }
    },
  },
  {
    type: LAST_RESORT_EXTENSION,
    places: ["keyPackage"],
    check: checkMark,
  },
];

const MARKS: Readonly<Record<LastResortForm, Extension>> = {
  component: {
    extensionType: APP_DATA_DICTIONARY,
    extensionData: encode(dictionary, {
      componentData: [{ componentId: LAST_RESORT_COMPONENT, data: new Uint8Array() }],
    }),
  },
  extension: { extensionType: LAST_RESORT_EXTENSION, extensionData: new Uint8Array() },
};

/**
 * Last-resort key packages (draft-ietf-mls-extensions): `KeyPackage.builder().markAsLastResort()` writes the mark, by which
 * servers know that it is for the time when all others are used up. Its private keys stay after a join (RFC 9420 §16.8).
 * @throws MlsError `ERR_MLS_USAGE` for another form
 */
export function lastResort(options: LastResortOptions = {}): Feature & {
  /** Whether a key package carries the mark, in either form. */
  readonly isMarked: (keyPackage: Pick<KeyPackageStruct, "extensions">) => boolean;
} {
  const forms = [...(options.write ?? ["component"])];
  if (forms.length === 0 || forms.some((form) => !Object.hasOwn(MARKS, form))) {
    throw new MlsError("ERR_MLS_USAGE", 'write is a list of "component" and "extension"', {
      details: { argument: "write" },
    });
  }
  const isMarked = ({ extensions }: Pick<KeyPackageStruct, "extensions">): boolean => extensions.some(marks);
  return {
    name: "last_resort",
    extensions: KNOWN,
    objects: {
      extensionsFor: (place, facts) =>
        place === "keyPackage" && facts.lastResort === true ? forms.map((form) => MARKS[form]) : [],
      reusable: isMarked,
    },
    isMarked,
  };
}
