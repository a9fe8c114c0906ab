/** What a fault breaks. */
export type FaultKind = "guard" | "wipe" | "write" | "order" | "detail";

/** All kinds, in the order in which a sample takes them in turn. */
export const FAULT_KINDS: readonly FaultKind[] = ["guard", "wipe", "write", "order", "detail"];

/** A change of one place of a file that makes it wrong, if a test looks. */
export interface Fault {
  /** Relative to the root, with slashes. */
  readonly file: string;
  readonly kind: FaultKind;
  /** What is replaced: offsets into the text. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** From 1. */
  readonly line: number;
  /** What was changed into what, in one line. */
  readonly change: string;
}

/** A file with a fault in it. */
export function withFault(text: string, { start, end, replacement }: Fault): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
