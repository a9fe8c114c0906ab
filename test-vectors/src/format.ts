import type { CipherSuite, CryptoProvider } from "@openmls-ts/traits";

/** What a case is run with. */
export interface CaseContext {
  readonly crypto: CryptoProvider;
  /** The suite that the case names. Formats without a suite never ask; the getter throws for them. */
  readonly suite: CipherSuite;
}

/** How the cases of one kind of file are recognised and run. */
export interface VectorFormat<V = unknown> {
  readonly name: string;
  /** Whether a file of this name (lower case, no folder, no extension, `-` for `_`) holds this format. */
  readonly fileName: RegExp;
  /** Whether the name alone tells: other formats, unknown here, have the same fields. Default: no. */
  readonly byName?: boolean;
  /** Fields that every case has and that, together, no other format's cases have. */
  readonly keys: readonly string[];
  /** Whether a case is about what suites of MLS have; others of its file are not run and not counted. Default: all are. */
  covers?(vector: V): boolean;
  /** Why nothing of this format can run with a provider in this runtime, if so. Suites are looked after elsewhere. */
  unsupported?(context: Pick<CaseContext, "crypto">): Promise<string | undefined>;
  /** Resolves when the case holds and rejects, saying what differs, when it does not. */
  run(vector: V, context: CaseContext): Promise<void>;
}

/** The suite number that a case names, or `undefined` for formats without one. */
export function suiteOf(vector: unknown): number | undefined {
  const suite = isObject(vector) ? vector["cipher_suite"] : undefined;
  return typeof suite === "number" ? suite : undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** File name without folder, extension, and differences in spelling. */
export function bareName(file: string): string {
  const name = file.split(/[\\/]/).at(-1) ?? file;
  return name
    .replace(/\.json$/i, "")
    .replaceAll("_", "-")
    .toLowerCase();
}

/**
 * The format of a file: by the fields of its first case and, where several formats have these fields, or a field was
 * left out, by the name of the file.
 */
export function recognise(
  formats: readonly VectorFormat[],
  file: string,
  firstCase: unknown,
): VectorFormat | undefined {
  if (!isObject(firstCase)) {
    return undefined;
  }
  const name = bareName(file);
  const byShape = formats.filter(
    ({ keys, byName, fileName }) =>
      keys.every((key) => Object.hasOwn(firstCase, key)) && (byName !== true || fileName.test(name)),
  );
  return byShape.find(({ fileName }) => fileName.test(name)) ?? byShape[0];
}
