import {
  checked,
  type Codec,
  decode,
  encode,
  type Extension,
  type Feature,
  opaque,
  struct,
  vector,
} from "@openmls-ts/mls-core";
import {
  badArgument,
  bytesArgument,
  bytesToHex,
  listArgument,
  MlsError,
  optionsArgument,
  utf8,
  violation,
} from "@openmls-ts/traits";
import { componentsFeature, sendersStep } from "./app-components.ts";
import { type CodePointChoice, codePoints } from "./code-points.ts";
import { componentIn } from "./dictionary.ts";

/** A media type with its parameters, without quotes and escapes. */
export interface MediaType {
  /** As `text/plain`; empty for the group's first. */
  readonly type: string;
  readonly parameters?: readonly (readonly [name: string, value: string])[];
}

/** What an application message holds in a group that requires media types. */
export interface TypedContent {
  readonly mediaType: MediaType;
  readonly content: Uint8Array;
}

export interface MediaTypesOptions {
  /** What this client can receive, one or more; listed in its leaves. */
  readonly supported: readonly MediaType[];
  /** What all members of groups made here must be able to receive, one or more. With it, their messages are framed. */
  readonly required?: readonly MediaType[];
  readonly codePoints?: CodePointChoice;
}

/** The feature with writer and readers. */
export interface MediaTypesFeature extends Feature {
  /** Data for `createMessage` in a group that requires media types. @throws MlsError `ERR_MLS_USAGE` */
  readonly wrap: (content: Uint8Array, mediaType?: MediaType) => Uint8Array;
  /** What the `data` of a message are, by `group.extensions` of its epoch. @throws MlsError `ERR_MLS_DECODE` */
  readonly unwrap: (extensions: readonly Extension[], data: Uint8Array) => TypedContent;
  /** The media types in the extensions of a group (required) or leaf (supported). */
  readonly listedIn: (extensions: readonly Extension[]) => readonly MediaType[];
}

interface RawParameter {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}
interface RawType {
  readonly type: Uint8Array;
  readonly parameters: readonly RawParameter[];
}
//   struct {
//       opaque parameter_name<V>;
//       opaque parameter_value<V>;
//   } Parameter;
//   struct {
//       opaque type<V>;
//       Parameter parameters<V>;
//   } MediaType;
const rawType = struct<RawType>({
  type: opaque,
  parameters: vector(struct<RawParameter>({ name: opaque, value: opaque })),
});
//   struct {
//       MediaType media_type_list<V>; /* at least one */
//   } MediaTypeList;
const rawList: Codec<readonly RawType[]> = checked(vector(rawType), (list) => {
  if (list.length === 0) throw new MlsError("ERR_MLS_DECODE", "no media types", { rule: "xm01" });
});
//   struct {
//       MediaType media_type;
//       opaque inner_application_content<V>;
//   } ApplicationFraming;
interface Framing {
  readonly mediaType: RawType;
  readonly content: Uint8Array;
}
const framing = struct<Framing>({ mediaType: rawType, content: opaque });

/**
 * Media types of application messages (draft-ietf-mls-extensions): members say which they receive, and in a group that
 * requires some every message says which it is.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function mediaTypes(options: MediaTypesOptions): MediaTypesFeature {
  const given = optionsArgument<MediaTypesOptions>("options", options, [
    "supported",
    "required",
    "codePoints",
  ]);
  const types = codePoints(given.codePoints);
  const { contentMediaTypes: componentId } = types;
  const entry = (name: string, list: readonly MediaType[]): { componentId: number; data: Uint8Array } => {
    const raw = listArgument(name, list).map((mediaType) => rawOf(name, mediaType));
    if (raw.length === 0) throw badArgument(name, list, "one media type or more");
    return { componentId, data: encode(rawList, raw) };
  };
  const listIn = (extensions: readonly Extension[]): readonly RawType[] => {
    const data = componentIn(extensions, types, componentId);
    return data === undefined ? [] : decode(rawList, data);
  };
  const base = componentsFeature(types, [componentId], {
    leafNode: [entry("supported", given.supported)],
    groupContext: given.required === undefined ? [] : [entry("required", given.required)],
  });
  const keyOf = (raw: RawType): string => bytesToHex(encode(rawType, raw));
  return {
    ...base,
    name: "media types",
    applicationData: {
      active: ({ extensions }) => componentIn(extensions, types, componentId) !== undefined,
      check: (data) => void decode(framing, data),
    },
    plan: [
      ...base.plan,
      sendersStep(
        (extensions) => listIn(extensions).map(keyOf),
        (needed, leafIndex, leaf) => {
          const known = new Set(listIn(leaf.extensions).map(keyOf));
          if (!needed.every((key) => known.has(key))) {
            throw violation(
              "xm03",
              `the member at leaf ${leafIndex} does not receive a required media type`,
              {
                details: { leafIndex },
              },
            );
          }
        },
      ),
    ],
    wrap: (content, mediaType = { type: "" }) =>
      encode(framing, {
        mediaType: rawOf("mediaType", mediaType),
        content: bytesArgument("content", content),
      }),
    unwrap: (extensions, data) => {
      const { mediaType, content } = decode(framing, data);
      const [first] = mediaType.type.length > 0 ? [mediaType] : listIn(extensions);
      return { mediaType: typeOf(first ?? mediaType), content };
    },
    listedIn: (extensions) => listIn(extensions).map(typeOf),
  };
}

/** Media types are ASCII (RFC 6838 §4.2), the values of parameters UTF-8. */
function rawOf(name: string, value: MediaType): RawType {
  const { type, parameters = [] } = (value as Partial<MediaType> | null | undefined) ?? {};
  if (typeof type !== "string" || !/^[!-~]*$/.test(type)) {
    throw badArgument(`${name}.type`, type, "a media type, as text/plain");
  }
  const text = (part: unknown): Uint8Array => {
    if (typeof part !== "string") throw badArgument(`${name}.parameters`, part, "pairs of texts");
    return utf8(part);
  };
  return {
    type: utf8(type),
    parameters: listArgument(`${name}.parameters`, parameters).map((pair) => ({
      name: text(pair[0]),
      value: text(pair[1]),
    })),
  };
}

function typeOf({ type, parameters }: RawType): MediaType {
  const list = parameters.map(({ name, value }) => [textOf(name), textOf(value)] as const);
  return { type: textOf(type), ...(list.length === 0 ? {} : { parameters: list }) };
}

/** @throws MlsError `ERR_MLS_DECODE` for what is no UTF-8 */
function textOf(bytes: Uint8Array): string {
  try {
    return decodeURIComponent(bytesToHex(bytes).replace(/../g, "%$&"));
  } catch (cause) {
    throw new MlsError("ERR_MLS_DECODE", "a media type that is no text", { cause });
  }
}
