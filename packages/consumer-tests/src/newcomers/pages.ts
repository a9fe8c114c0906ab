import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workshop.ts";

/** The code blocks of a language in a page of docs/. */
export function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return Array.from(
    text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm")),
    ([, code]) => code ?? "",
  );
}

/** The block, which is a program of fewer than 60 lines. @throws Error if it is longer */
export function shortProgram(page: string): string {
  const [program = ""] = blocksOf(page, "js");
  const lines = program.trimEnd().split("\n").length;
  if (lines >= 60 || lines < 20) throw new Error(`${page}: the program has ${lines} lines`);
  return program;
}
