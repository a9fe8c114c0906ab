import type { Field, Inspection } from "./field.ts";

/** Choices of {@link formatInspection}. */
export interface FormatOptions {
  /** Levels that are shown. Default: all. */
  readonly depth?: number;
  /** Whether offsets, lengths and sections are shown. Default: `true`. */
  readonly places?: boolean;
}

/** A description as lines of text, each field indented below its structure. */
export function formatInspection(inspection: Inspection, options: FormatOptions = {}): string {
  const { depth = Infinity, places = true } = options;
  const lines = [`${inspection.kind}, ${inspection.size} bytes`];
  const write = (field: Field, level: number): void => {
    const { name, type, value, note, problem, section, offset, length, children = [] } = field;
    const about = [note, places ? section : undefined].filter((part) => part !== undefined).join(", ");
    lines.push(
      `${places ? `${String(offset).padStart(7)} ${String(length).padStart(6)}  ` : ""}${"  ".repeat(level)}${name}: ${type}` +
        `${value === undefined ? "" : ` ${value}`}${about === "" ? "" : `  (${about})`}${problem === undefined ? "" : `  ← ${problem}`}`,
    );
    if (level + 1 < depth) for (const child of children) write(child, level + 1);
    else if (children.length > 0) lines.push(`${" ".repeat(places ? 16 : 0)}${"  ".repeat(level + 1)}…`);
  };
  for (const child of inspection.root.children ?? []) write(child, 0);
  const { problem } = inspection;
  if (problem !== undefined) {
    lines.push(`breaks off at byte ${problem.offset}, in ${problem.path}: ${problem.message}`);
  }
  return lines.join("\n");
}
