import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { workspaceRoot } from "../workspace.ts";
import { EQUIVALENTS } from "./equivalents.ts";
import { findFaults } from "./find-faults.ts";

it.each(EQUIVALENTS)("the fault in $file that changes nothing can still be planted", ({ file, change }) => {
  const text = readFileSync(join(workspaceRoot, file), "utf8");
  expect(findFaults(file, text).map((fault) => fault.change)).toContain(change);
});
