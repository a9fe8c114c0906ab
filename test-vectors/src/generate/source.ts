import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";

/** What cases are made with. */
export interface CaseSource {
  readonly crypto: CryptoProvider;
}

/** A file of cases in one format. */
export interface GeneratedFile {
  /** Path below the package's folder. */
  readonly file: string;
  /** Name of the format in `formats/`. */
  readonly format: string;
  readonly cases: (suite: CipherSuite, source: CaseSource) => Promise<readonly object[]>;
}

/**
 * All of them for suite 1, and one for each of the others in turn: for what hardly depends on the suite, so that the
 * checked-in files stay small.
 */
export function inTurn<T>(suite: CipherSuite, all: readonly T[]): readonly T[] {
  return suite.id === 1 ? all : [all[suite.id % all.length]!];
}
