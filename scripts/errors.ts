// pnpm errors: writes docs/errors.md, one section for each code an MlsError can have.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorTexts } from "./errors-text.ts";
import { workspaceRoot } from "./workspace.ts";

/** The page. */
export function errorsPage(): string {
  const sections = Object.entries(errorTexts).map(
    ([code, { when, why, remedy }]) =>
      `<a id="${code.toLowerCase()}"></a>\n\n## ${code}\n\n- **When** ${when}.\n- **Why:** ${why}\n- **What to do:** ${remedy}\n`,
  );
  return `# Errors

<!-- written by pnpm errors -->

Whatever fails rejects with an \`MlsError\`. Switch on its \`code\`, which is stable; messages are for people and may change.
\`docs\` of an error leads to its section here, or, if a rule of the protocol was violated, to that rule in
[rules.md](rules.md). A call that failed has changed nothing, but that the key of a genuine message is spent.

${sections.join("\n")}`;
}

if (import.meta.main) writeFileSync(join(workspaceRoot, "docs", "errors.md"), errorsPage());
