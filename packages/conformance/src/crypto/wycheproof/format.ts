/** One test of a Wycheproof file; which of the values are there depends on the file's type. */
export interface WycheproofTest {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "acceptable" | "invalid";
  readonly [field: string]: unknown;
}

/** One group of tests with parameters in common. */
export interface WycheproofTestGroup {
  readonly type: string;
  readonly tests: readonly WycheproofTest[];
  readonly [field: string]: unknown;
}

/** A file as `JSON.parse` returns it. */
export interface WycheproofFile {
  readonly testGroups: readonly WycheproofTestGroup[];
}

/** A hexadecimal field. */
export function hexField(record: Readonly<Record<string, unknown>>, field: string): Uint8Array {
  const value = record[field];
  if (typeof value !== "string") {
    throw new TypeError(`the Wycheproof file has no ${field} where one is expected`);
  }
  const bytes = new Uint8Array(value.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(value.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}
