import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MlsError, type MlsErrorCode } from "../packages/traits/src/index.ts";
import { errorTexts } from "./errors-text.ts";
import { errorsPage } from "./errors.ts";
import { workspaceRoot } from "./workspace.ts";

const page = readFileSync(join(workspaceRoot, "docs", "errors.md"), "utf8");

it("docs/errors.md is what pnpm errors writes", () => {
  expect(page).toBe(errorsPage());
});

it("every error leads to a section", () => {
  for (const code of Object.keys(errorTexts) as MlsErrorCode[]) {
    const [file, anchor] = new MlsError(code, "text").docs.split("#");
    expect(file).toBe("docs/errors.md");
    expect(page).toContain(`<a id="${anchor ?? ""}">`);
  }
});
