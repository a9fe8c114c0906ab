/** A fault that changes nothing anybody could notice, and why. */
export interface Equivalent {
  readonly file: string;
  /** As the list of survivors prints it. */
  readonly change: string;
  readonly why: string;
}

/** Looked at one by one. */
export const EQUIVALENTS: readonly Equivalent[] = [];
