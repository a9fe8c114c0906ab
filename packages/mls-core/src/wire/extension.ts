import { violation } from "@openmls-ts/traits";
import { checked, type Codec, opaque, struct, uint16, vector } from "../codec/index.ts";

/** One extension: a type and data that only the type's definition can read (RFC 9420 §7.2, 13.4). */
export interface Extension {
  readonly extensionType: number;
  readonly extensionData: Uint8Array;
}

//   struct {
//       ExtensionType extension_type;
//       opaque extension_data<V>;
//   } Extension;
const extension: Codec<Extension> = struct<Extension>({ extensionType: uint16, extensionData: opaque });

/** No extension type occurs twice in a list. @throws MlsError `ERR_MLS_VALIDATION` rule rfc114 */
export function checkUniqueTypes(list: readonly Extension[]): void {
  if (new Set(list.map((entry) => entry.extensionType)).size !== list.length) {
    throw violation("rfc114", "an extension type occurs twice in one list"); // RFC 9420 §13.4
  }
}

const list: Codec<readonly Extension[]> = checked(vector(extension), checkUniqueTypes);

/** `Extension extensions<V>`, each type once, when read and when written */
export const extensions: Codec<readonly Extension[]> = {
  ...list,
  size: (value) => {
    const size = list.size(value);
    checkUniqueTypes(value);
    return size;
  },
};

/** The data of the extension of a type, or `undefined`. */
export function findExtension(list: readonly Extension[], type: number): Uint8Array | undefined {
  return list.find((entry) => entry.extensionType === type)?.extensionData;
}

/** A list in which the type stands once, with these data. */
export function withExtension(list: readonly Extension[], added: Extension): readonly Extension[] {
  return [...list.filter((entry) => entry.extensionType !== added.extensionType), added];
}
