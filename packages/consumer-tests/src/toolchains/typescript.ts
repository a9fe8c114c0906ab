import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../run.ts";
import type { Check, Toolchain } from "./toolchain.ts";

const VERSIONS = ["5.7.3", "5.8.3", "5.9.3", "6.0.3", "7.0.2"];

const RESOLUTIONS = {
  nodenext: { module: "nodenext" },
  bundler: { module: "preserve", moduleResolution: "bundler" },
};

const SERVER = { files: ["app.ts"], options: { lib: ["ES2022"], types: ["node"] } };
const PAGE = { files: ["browser.ts"], options: { lib: ["ES2022", "DOM"], types: [] } };
const CHOICES = [
  [true, SERVER],
  [false, SERVER],
  [true, PAGE],
] as const;

/** Every declaration is read (skipLibCheck: false), once with exact optional properties and once without. */
function checkOf(version: string, resolution: keyof typeof RESOLUTIONS): Check {
  return {
    title: `TypeScript ${version}, ${resolution}`,
    run: async (folder) => {
      for (const [exactOptionalPropertyTypes, project] of CHOICES) {
        const config = {
          compilerOptions: {
            ...RESOLUTIONS[resolution],
            target: "es2022",
            ...project.options,
            strict: true,
            skipLibCheck: false,
            exactOptionalPropertyTypes,
            noEmit: true,
          },
          files: project.files,
        };
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
        const tsc = join(folder, "node_modules", `typescript-${version}`, "bin", "tsc");
        await mustRun(process.execPath, [tsc, "-p", "tsconfig.json"], { cwd: folder });
      }
    },
  };
}

export const typescript: Toolchain = {
  id: "typescript",
  tools: {
    ...Object.fromEntries(VERSIONS.map((version) => [`typescript-${version}`, `npm:typescript@${version}`])),
    "@types/node": "^22.12.0",
    "@types/better-sqlite3": "^7.6.0",
  },
  checks: VERSIONS.flatMap((version) => [checkOf(version, "nodenext"), checkOf(version, "bundler")]),
};
