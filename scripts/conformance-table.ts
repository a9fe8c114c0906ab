// `pnpm conformance-table`: whether README.md's table of conformance cases by store is what is run; `--write` writes it. The
// number of cases follows from what the file that runs them lets them do; .ci/run must have the command.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storageProviderCases } from "../packages/conformance/src/index.ts";
import { runTool, workspaceRoot } from "./workspace.ts";

/** Where the cases are run on a store. */
export interface StoreRow {
  readonly store: string;
  /** Has the context of the cases, as `open`, `reopen` and `openSecond`. */
  readonly context: string;
  /** Runs them: names `storageCasesFor`, and `mark`. */
  readonly runner: string;
  readonly mark: string;
  readonly command: string;
}

const sqlite = "packages/storage-sqlite/src/";
const encrypted = "packages/storage-encrypted/src/conformance.test.ts";
const inBrowser = "packages/browser-tests/src/tasks/conformance.ts";
const postgres = "packages/storage-postgres/src/testing/conformance.postgres.ts";
const guide = "docs/write-a-provider.md";

function row(store: string, runner: string, mark: string, command = "npm test", context = runner): StoreRow {
  return { store, context, runner, mark, command };
}

export const ROWS: readonly StoreRow[] = [
  row("memory", "packages/storage-memory/src/conformance.test.ts", "memoryStorage()"),
  row("SQLite, better-sqlite3", `${sqlite}conformance.test.ts`, "better-sqlite3"),
  row("SQLite, `node:sqlite`", `${sqlite}conformance.test.ts`, "node:sqlite"),
  row("SQLite, Bun", `${sqlite}testing/bun-conformance.ts`, "loadBunSqlite", "pnpm test:bun"),
  row(
    "IndexedDB",
    inBrowser,
    "function conformance(",
    "pnpm test:browser",
    "packages/storage-indexeddb/src/testing/context.ts",
  ),
  row("PostgreSQL", postgres, "postgresStorage", "pnpm test:postgres"),
  row("encrypted over memory", encrypted, "inMemory("),
  row("encrypted over SQLite", encrypted, "onSqlite("),
  row("encrypted over IndexedDB", inBrowser, "function encryptedConformance(", "pnpm test:browser"),
  row("the key-value files of [write-a-provider.md](docs/write-a-provider.md)", guide, "folderStorage"),
];

/** The table. @param text of a file below the root @throws Error where a row is not true */
export function conformanceTable(rows: readonly StoreRow[], text: (file: string) => string): string {
  const all = storageProviderCases.length;
  const lines = rows.map(({ store, context, runner, mark, command }) => {
    for (const needed of ["storageCasesFor(", mark]) {
      if (!text(runner).includes(needed)) throw new Error(`${store}: ${runner} has no ${needed}`);
    }
    if (!text(".ci/run").includes(command)) throw new Error(`${store}: .ci/run does not run ${command}`);
    const offers = (part: string): boolean =>
      new RegExp(`^\\s*(?:async )?${part}\\b`, "m").test(text(context));
    const run = storageProviderCases.filter(({ needs }) => needs.every(offers)).length;
    const lacks = [
      ...(offers("reopen") ? [] : ["lasts no longer than its process"]),
      ...(offers("openSecond") ? [] : ["is for one process"]),
    ];
    const note = run === all ? "" : `, as it ${lacks.join(" and ")}`;
    return `| ${store} | ${run} of ${all}${note} | \`${command}\` |`;
  });
  return ["| store | cases that hold | run by |", "| --- | --- | --- |", ...lines, ""].join("\n");
}

const section = /(\n## Conformance by store\n[^|]*)((?:\|.*\n)+)/;

/** A page with the table in its place. @throws Error for a page without */
export function withTable(page: string, table: string): string {
  if (!section.test(page)) throw new Error("README.md has no section “Conformance by store” with a table");
  return page.replace(section, (_, before: string) => before + table);
}

const cells = (page: string): string => page.replace(/ +/g, " ").replace(/-+/g, "-");

if (import.meta.main) {
  const read = (file: string): string => readFileSync(join(workspaceRoot, file), "utf8");
  const present = read("README.md");
  const page = withTable(present, conformanceTable(ROWS, read));
  if (process.argv.includes("--write")) {
    writeFileSync(join(workspaceRoot, "README.md"), page);
    runTool("prettier", ["--write", "README.md"]);
  } else if (cells(page) !== cells(present)) {
    console.error(
      "README.md's table of conformance cases is not what is run: `pnpm conformance-table --write`",
    );
    process.exitCode = 1;
  } else {
    console.log(`conformance by store: ${ROWS.length} rows of README.md are what is run`);
  }
}
