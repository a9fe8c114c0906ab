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
  cases(suite: CipherSuite, source: CaseSource): Promise<object[]>;
}
