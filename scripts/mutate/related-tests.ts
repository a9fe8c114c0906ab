import { posix } from "node:path";
import ts from "typescript";

/** Texts of files by path, relative to the root, with slashes. */
export type Files = ReadonlyMap<string, string>;

/** Which files import which, and what tests can notice. */
export class RelatedTests {
  readonly #importers = new Map<string, string[]>();

  /** @param entries source files by what users import: `@openmls-ts/traits` */
  constructor(files: Files, entries: ReadonlyMap<string, string>) {
    for (const [file, text] of files) {
      for (const { fileName } of ts.preProcessFile(text).importedFiles) {
        const target = fileName.startsWith(".")
          ? posix.join(posix.dirname(file), fileName)
          : entries.get(fileName);
        if (target !== undefined) this.#importers.set(target, [...(this.#importers.get(target) ?? []), file]);
      }
    }
  }

  /**
   * The tests that import a file, at once or through others; the likeliest to notice a fault first: the one of the same
   * name, then those that name a rule of the file, then by the length of the way.
   * @param first tests that come before others, such as those of a rule
   */
  of(file: string, first: ReadonlySet<string> = new Set()): string[] {
    const distance = new Map([[file, 0]]);
    for (const [node, steps] of distance) {
      for (const importer of this.#importers.get(node) ?? []) {
        if (!distance.has(importer)) distance.set(importer, steps + 1);
      }
    }
    const own = file.replace(/\.ts$/, ".test.ts");
    const rank = (test: string, steps: number): number => {
      if (test === own) return -2;
      if (first.has(test)) return -1;
      return posix.dirname(test) === posix.dirname(file) ? steps : steps + 100;
    };
    return [...distance]
      .filter(([node]) => node.endsWith(".test.ts"))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .sort(([a, one], [b, other]) => rank(a, one) - rank(b, other))
      .map(([node]) => node);
  }
}
