import {
  decode,
  encode,
  type Extension,
  type Feature,
  type LeafNode,
  uint16s,
  WireFormat,
} from "@openmls-ts/mls-core";
import { listArgument, numberArgument, optionsArgument, violation } from "@openmls-ts/traits";
import { type CodePointChoice, codePoints } from "./code-points.ts";

export interface WireFormatsOptions {
  /** Wire formats beside RFC 9420's that this client reads; listed in its leaves. */
  readonly supported?: readonly number[];
  /** Wire formats that all members of groups made here must read. */
  readonly required?: readonly number[];
  readonly codePoints?: CodePointChoice;
}

/** The feature with its readers and a maker. */
export interface WireFormatsFeature extends Feature {
  /** What a leaf says that its client reads, beside RFC 9420's. */
  readonly supportedBy: (leaf: Pick<LeafNode, "extensions">) => readonly number[];
  /** What `group.extensions` require. */
  readonly requiredIn: (extensions: readonly Extension[]) => readonly number[];
  /** For GroupContextExtensions. @throws MlsError `ERR_MLS_USAGE` */
  readonly required: (wireFormats: readonly number[]) => Extension;
}

/**
 * Which wire formats members read, and which a group requires (draft-ietf-mls-extensions): RFC 9420's capabilities have no
 * place for them. RFC 9420's own are not listed.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function wireFormats(options?: WireFormatsOptions): WireFormatsFeature {
  const given = optionsArgument<WireFormatsOptions>("options", options, [
    "supported",
    "required",
    "codePoints",
  ]);
  const types = codePoints(given.codePoints);
  //   struct {
  //       WireFormat wire_formats<V>;
  //   } WireFormats;
  const extension = (extensionType: number, name: string, list: readonly number[]): Extension => {
    const formats = listArgument(name, list).map((format, at) =>
      numberArgument(`${name}[${at}]`, format, WireFormat.mlsKeyPackage + 1, 0xffff),
    );
    return { extensionType, extensionData: encode(uint16s, formats) };
  };
  const read = (list: readonly Extension[], type: number): readonly number[] => {
    const found = list.find(({ extensionType }) => extensionType === type);
    return found === undefined ? [] : decode(uint16s, found.extensionData);
  };
  const check = (data: Uint8Array): void => void decode(uint16s, data);
  const { supportedWireFormats, requiredWireFormats } = types;
  const judge = (
    extensions: readonly Extension[],
    leaves: Iterable<readonly [leafIndex: number, LeafNode]>,
  ): void => {
    const needed = read(extensions, requiredWireFormats);
    for (const [leafIndex, leaf] of needed.length === 0 ? [] : leaves) {
      const known = new Set(read(leaf.extensions, supportedWireFormats));
      const missing = needed.find((format) => !known.has(format));
      if (missing !== undefined) {
        throw violation("xw01", `the member at leaf ${leafIndex} does not read wire format ${missing}`, {
          details: { leafIndex, wireFormat: missing },
        });
      }
    }
  };
  const supported = extension(supportedWireFormats, "supported", given.supported ?? []);
  const required =
    given.required === undefined ? undefined : extension(requiredWireFormats, "required", given.required);
  return {
    name: "wire formats",
    extensions: [
      { type: supportedWireFormats, places: ["leafNode"], check },
      { type: requiredWireFormats, places: ["groupContext"], check },
    ],
    plan: [
      {
        order: Infinity,
        run: (plan) => {
          judge(plan.extensions, plan.leaves());
        },
        pathLeaf: ({ extensions, leafIndex, leafNode }) => {
          judge(extensions, [[leafIndex, leafNode]]);
        },
      },
    ],
    objects: {
      extensionsFor: (place) =>
        place === "leafNode"
          ? [supported]
          : place === "groupContext" && required !== undefined
            ? [required]
            : [],
    },
    supportedBy: ({ extensions }) => read(extensions, supportedWireFormats),
    requiredIn: (extensions) => read(extensions, requiredWireFormats),
    required: (list) => extension(requiredWireFormats, "wireFormats", list),
  };
}
