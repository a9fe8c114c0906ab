import { badArgument, choiceArgument, numberArgument, optionsArgument } from "@openmls-ts/traits";

/**
 * The code points of draft-ietf-mls-extensions and draft-ietf-mls-targeted-messages; none is final. `applicationPsk` has one
 * byte, the others two.
 */
export interface CodePoints {
  // extension types
  readonly appDataDictionary: number;
  readonly supportedWireFormats: number;
  readonly requiredWireFormats: number;
  readonly lastResortExtension: number;
  // proposal types
  readonly appDataUpdate: number;
  readonly appEphemeral: number;
  readonly selfRemove: number;
  // components
  readonly appComponents: number;
  readonly safeAad: number;
  readonly contentMediaTypes: number;
  readonly lastResort: number;
  readonly appAck: number;
  // the rest
  readonly applicationPsk: number;
  readonly multiCredential: number;
  readonly weakMultiCredential: number;
  /** The wire format mls_targeted_message. */
  readonly targetedMessage: number;
  /** What labels of components begin with. */
  readonly baseLabel: string;
}

/** Whose code points: the draft's, or what an implementation has in their place. */
export type Ecosystem = "draft" | "openmls" | "mls-rs" | "wire";

const DRAFT: CodePoints = {
  appDataDictionary: 0x0006,
  supportedWireFormats: 0x0007,
  requiredWireFormats: 0x0008,
  lastResortExtension: 0x000a, // of drafts up to -03; peers have it still
  appDataUpdate: 0x0008,
  appEphemeral: 0x0009,
  selfRemove: 0x000a,
  appComponents: 0x0001,
  safeAad: 0x0002,
  contentMediaTypes: 0x0003,
  lastResort: 0x0004,
  appAck: 0x0005,
  applicationPsk: 3,
  multiCredential: 0x0003,
  weakMultiCredential: 0x0004,
  targetedMessage: 0x0006,
  baseLabel: "MLS Component",
};

/** The one table: where an ecosystem differs from the draft. */
const DIFFERENT: Readonly<Record<Ecosystem, Partial<CodePoints>>> = {
  draft: {},
  openmls: { baseLabel: "Application" },
  "mls-rs": { selfRemove: 0xf003, baseLabel: "MLS 1.0 Application" },
  wire: {},
};

/** The first that is not RFC 9420's own. */
const FIRST: Partial<Record<keyof CodePoints, number>> = {
  appDataDictionary: 6,
  supportedWireFormats: 6,
  requiredWireFormats: 6,
  lastResortExtension: 6,
  appDataUpdate: 8,
  appEphemeral: 8,
  selfRemove: 8,
  applicationPsk: 3,
  multiCredential: 3,
  weakMultiCredential: 3,
  targetedMessage: 6,
};

/** An ecosystem's code points by name, or some of one's own, the others being the draft's. */
export type CodePointChoice = Ecosystem | (Partial<CodePoints> & { readonly preset?: Ecosystem });

/**
 * All code points of a choice. Everybody in a group needs the same.
 * @throws MlsError `ERR_MLS_USAGE`
 */
export function codePoints(choice: CodePointChoice = "draft"): CodePoints {
  const names = Object.keys(DRAFT) as (keyof CodePoints)[];
  const { preset = "draft", ...own } =
    typeof choice === "string"
      ? { preset: choice }
      : optionsArgument<Exclude<CodePointChoice, string>>("codePoints", choice, [...names, "preset"]);
  const name = choiceArgument("codePoints", preset, Object.keys(DIFFERENT) as Ecosystem[]);
  const chosen: CodePoints = { ...DRAFT, ...DIFFERENT[name], ...own };
  for (const key of names) {
    const value: unknown = chosen[key];
    if (key !== "baseLabel") {
      numberArgument(`codePoints.${key}`, value, FIRST[key] ?? 0, key === "applicationPsk" ? 0xff : 0xffff);
    } else if (typeof value !== "string") {
      throw badArgument("codePoints.baseLabel", value, "a text");
    }
  }
  return chosen;
}
