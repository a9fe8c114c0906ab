// pnpm api [--write]: the public declarations of each published package against its report in etc/, so that a change
// of the public surface is seen in review. Needs `pnpm build` before. With --write it brings the reports up to date.
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workspacePackages, workspaceRoot } from "./workspace.ts";

/** Comments are judged elsewhere; signatures are what counts here. */
const SILENT = ExtractorLogLevel.None;

const REPORTS = join(workspaceRoot, "etc");

/** Declarations by the name of their report: each entry of `exports` that has types. */
function entriesOf(path: string, folder: string): (readonly [report: string, types: string])[] {
  const { exports } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, { readonly types?: string } | string>>;
  };
  return Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === "string" || target.types === undefined
      ? []
      : [[`${folder}${entry.slice(1).replaceAll("/", ".")}`, join(path, target.types)] as const],
  );
}

/** The report of one entry, less its warnings: what counts here are the signatures. */
function reportOf(path: string, name: string, types: string, target: string): string {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: path,
      mainEntryPointFilePath: types,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "es2022",
            lib: ["ES2022", "DOM"],
            module: "nodenext",
            types: ["node"],
            strict: true,
            skipLibCheck: true,
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: target,
        reportTempFolder: target,
        includeForgottenExports: false,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: SILENT } },
        extractorMessageReporting: { default: { logLevel: SILENT } },
        tsdocMessageReporting: { default: { logLevel: SILENT } },
      },
    },
    configObjectFullPath: join(path, "api-extractor.json"),
    packageJsonFullPath: join(path, "package.json"),
  });
  Extractor.invoke(config, { localBuild: true, messageCallback: (message) => (message.handled = true) });
  return readFileSync(join(target, `${name}.api.md`), "utf8");
}

const write = process.argv.includes("--write");
const target = mkdtempSync(join(tmpdir(), "openmls-ts-api-"));
mkdirSync(REPORTS, { recursive: true });
for (const { path, folder } of workspacePackages().filter(({ published }) => published)) {
  for (const [name, types] of entriesOf(path, folder)) {
    const file = join(REPORTS, `${name}.api.md`);
    const report = reportOf(path, name, types, target);
    if (existsSync(file) && readFileSync(file, "utf8") === report) continue;
    if (write) {
      writeFileSync(file, report);
      console.log(`written  etc/${name}.api.md`);
    } else {
      console.error(
        `etc/${name}.api.md is not what ${folder} declares: look at the change, then pnpm api --write`,
      );
      process.exitCode = 1;
    }
  }
}
rmSync(target, { recursive: true, force: true });
