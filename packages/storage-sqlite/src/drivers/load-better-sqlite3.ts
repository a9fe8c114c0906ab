import { MlsError } from "@openmls-ts/traits";
import { createRequire } from "node:module";
import type { BetterSqliteConstructor } from "./better-sqlite3-shape.ts";

/**
 * Loads better-sqlite3 from where this module, or the bundle that it is part of, has it. Not by `import`:
 * better-sqlite3 13 takes older runtimes down with it, and importing a package should do no work.
 * @throws MlsError `ERR_MLS_UNSUPPORTED_RUNTIME` if it is not there or does not load
 */
export function loadBetterSqlite(): BetterSqliteConstructor {
  // A bundler may leave the first empty (CommonJS) or with the path of the machine it ran on; CommonJS has the second.
  const places = [
    import.meta.url as string | undefined,
    typeof __filename === "string" ? __filename : undefined,
  ].filter((place) => place !== undefined);
  let cause: unknown;
  for (const place of places) {
    try {
      return createRequire(place)("better-sqlite3") as BetterSqliteConstructor;
    } catch (error) {
      cause ??= error;
    }
  }
  throw new MlsError(
    "ERR_MLS_UNSUPPORTED_RUNTIME",
    "better-sqlite3 cannot be loaded from here: it is native code that no bundle contains, and a peer dependency that an " +
      "application installs itself. Install it where the bundle runs, pass an open Database of better-sqlite3 to " +
      "sqliteStorage, or use @openmls-ts/storage-sqlite/node, which needs no native package",
    { cause },
  );
}
