import { MlsError } from "@openmls-ts/traits";
import type { Field } from "./field.ts";
import { inspect } from "./inspect.ts";

/** A node as it is drawn. */
export interface DrawnNode {
  readonly index: number;
  readonly blank: boolean;
  /** Of a leaf: its identity in words. Of a parent: the beginning of its key. */
  readonly label: string;
  readonly unmerged: readonly number[];
  readonly parentHash: string | undefined;
}

/** The nodes of an encoded ratchet tree, padded to a full tree. @throws MlsError `ERR_MLS_DECODE` */
export function nodesOf(tree: Uint8Array | string): DrawnNode[] {
  const { root, problem } = inspect(tree, { as: "RatchetTree" });
  if (problem !== undefined) {
    throw new MlsError("ERR_MLS_DECODE", `no ratchet tree: ${problem.message} at byte ${problem.offset}`);
  }
  const fields = root.children?.[0]?.children ?? [];
  const width = fullWidth(fields.length);
  const nodes: DrawnNode[] = [];
  for (let index = 0; index < width; index++) nodes.push(nodeOf(index, fields[index]));
  return nodes;
}

function fullWidth(length: number): number {
  let leaves = 1;
  while (2 * leaves - 1 < length) leaves *= 2;
  return 2 * leaves - 1;
}

function nodeOf(index: number, field: Field | undefined): DrawnNode {
  const node = field?.children?.find(({ type }) => type === "LeafNode" || type === "ParentNode");
  if (node === undefined) {
    return { index, blank: true, label: "", unmerged: [], parentHash: undefined };
  }
  const part = (name: string, of: Field = node): Field | undefined =>
    of.children?.find((child) => child.name === name);
  const hash = part("parent_hash")?.value;
  const credential = part("credential");
  const identity = credential === undefined ? undefined : part("identity", credential)?.value;
  const unmerged = part("unmerged_leaves")?.children ?? [];
  return {
    index,
    blank: false,
    label:
      identity ?? (index % 2 === 0 ? `leaf ${index / 2}` : (part("encryption_key")?.value ?? "").slice(0, 6)),
    unmerged: unmerged.map(({ value = "" }) => Number.parseInt(value, 10)),
    parentHash: hash === "empty" ? undefined : hash,
  };
}
