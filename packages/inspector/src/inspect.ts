import { choiceArgument, optionsArgument } from "@openmls-ts/traits";
import { keyPackage, leafNode, ratchetTree } from "./nodes.ts";
import { Describer, Malformed } from "./describer.ts";
import type { Field, Inspection } from "./field.ts";
import { commit, groupContext, proposal, updatePath } from "./handshake.ts";
import { bytesOf } from "./input.ts";
import { groupInfo, mlsMessage, privateMessage, publicMessage, welcome } from "./messages.ts";

const STRUCTURES: Readonly<Record<StructureName, (d: Describer) => void>> = {
  MLSMessage: mlsMessage,
  KeyPackage: (d) => keyPackage(d),
  Welcome: welcome,
  GroupInfo: groupInfo,
  RatchetTree: ratchetTree,
  PublicMessage: publicMessage,
  PrivateMessage: privateMessage,
  LeafNode: (d) => leafNode(d),
  GroupContext: (d) => groupContext(d),
  Commit: (d) => commit(d),
  UpdatePath: (d) => updatePath(d),
  Proposal: (d) => proposal(d),
};

/** A structure that bytes can be read as. */
export type StructureName =
  | "MLSMessage"
  | "KeyPackage"
  | "Welcome"
  | "GroupInfo"
  | "RatchetTree"
  | "PublicMessage"
  | "PrivateMessage"
  | "LeafNode"
  | "GroupContext"
  | "Commit"
  | "UpdatePath"
  | "Proposal";

/** All that bytes can be read as; without being told, the first that fits. */
export const STRUCTURE_NAMES: readonly StructureName[] = Object.keys(STRUCTURES) as StructureName[];

/** Choices of {@link inspect}. */
export interface InspectOptions {
  /** Read as this. Default: an MLSMessage, or the first bare structure of {@link STRUCTURE_NAMES} that fits to the last byte. */
  readonly as?: StructureName;
}

/**
 * Describes any structure of MLS field by field. What breaks off is described up to there. Nothing is decrypted and no signature
 * verified. Costs as much as the input has bytes, for each structure that is tried.
 * @param input bytes, or hexadecimal or base64 text
 * @throws MlsError `ERR_MLS_USAGE` for something else
 */
export function inspect(input: Uint8Array | string, options?: InspectOptions): Inspection {
  const { as } = optionsArgument<InspectOptions>("options", options, ["as"]);
  if (as !== undefined) choiceArgument("options.as", as, STRUCTURE_NAMES);
  const bytes = bytesOf(input);
  const names = as === undefined ? candidates(bytes) : [as];
  let best: Inspection | undefined;
  for (const name of names) {
    const found = describe(bytes, name);
    if (found.problem === undefined) return found;
    if (best === undefined || found.problem.offset > (best.problem?.offset ?? 0)) best = found;
  }
  return best!;
}

/** An MLSMessage says so in its first bytes. */
function candidates(bytes: Uint8Array): readonly StructureName[] {
  const [a, b, c, d] = bytes;
  const message = a === 0 && b === 1 && c === 0 && d !== undefined && d >= 1 && d <= 6;
  return message ? ["MLSMessage", "KeyPackage"] : STRUCTURE_NAMES;
}

function describe(bytes: Uint8Array, kind: StructureName): Inspection {
  const describer = new Describer(bytes, kind);
  try {
    STRUCTURES[kind](describer);
    describer.finish();
    return { kind, size: bytes.length, root: describer.root };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const { offset, message } = error;
    const path = pathTo(describer.root);
    return { kind, size: bytes.length, root: describer.root, problem: { offset, message, path } };
  }
}

/** Where the problem stands, `content.commit.path`. */
function pathTo(root: Field): string {
  const names: string[] = [];
  for (
    let field: Field | undefined = root.children?.at(-1);
    field !== undefined;
    field = field.children?.at(-1)
  ) {
    names.push(field.name);
    if (field.problem !== undefined) break;
  }
  return names.join(".");
}
