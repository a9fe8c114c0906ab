/** One change of the format of a table's records: from one number to the next. */
export interface FormatStep {
  readonly table: string;
  /** The format that it reads; it makes the next one. */
  readonly from: number;
  /** The value without its format octet, in the next format; a new array. */
  readonly convert: (value: Uint8Array) => Uint8Array;
}

/** Which formats of records there are. */
export interface Formats {
  /** The oldest that is read, and that of tables without a step. */
  readonly oldest: number;
  /** Of each table in the order of its formats, without a gap. */
  readonly steps: readonly FormatStep[];
}

/**
 * The formats that this release reads. Format 1 was written during development, before there was a release.
 *
 * - `group` 3: whether the state is a copy that may not send; in format 2 there were no such copies
 */
export const FORMATS: Formats = {
  oldest: 2,
  steps: [
    {
      table: "group",
      from: 2,
      convert: (value: Uint8Array): Uint8Array => {
        const next = new Uint8Array(value.length + 1); // the last octet: no copy
        next.set(value);
        return next;
      },
    },
  ],
};

/** The format that records of a table are written in. */
export function presentFormat(table: string, { oldest, steps }: Formats = FORMATS): number {
  return steps.reduce((format, step) => (step.table === table ? step.from + 1 : format), oldest);
}
