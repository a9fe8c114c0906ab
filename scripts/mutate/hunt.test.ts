import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workspaceRoot } from "../workspace.ts";
import type { Fault } from "./fault.ts";
import { findFaults } from "./find-faults.ts";
import { Hunt } from "./hunt.ts";

const CODE = `export function limited(n: number): number {
  if (n > 10) throw new Error("too much");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += i;
  return sum;
}
export const unused = (a: boolean): boolean => !a;
`;
const TESTS = `import { expect, it } from "vitest";
import { limited } from "./code.ts";
it("adds", () => { expect(limited(4)).toBe(6); });
it("refuses", () => { expect(() => limited(11)).toThrow("too much"); });
`;

let root = "";
let hunt: Hunt;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "mutate-"));
  symlinkSync(join(workspaceRoot, "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, "code.ts"), CODE);
  writeFileSync(join(root, "code.test.ts"), TESTS);
  writeFileSync(join(root, "other.test.ts"), 'import { it } from "vitest";\nit("passes", () => {});\n');
  writeFileSync(join(root, "vitest.config.ts"), "export default { test: { include: ['*.test.ts'] } };\n");
  hunt = new Hunt(root, 16_000);
});
afterAll(() => {
  hunt.close();
  rmSync(root, { recursive: true });
});

const faultThat = (change: string): Fault => {
  const found = findFaults("code.ts", CODE).find((fault) => fault.change === change);
  return found ?? expect.fail(change);
};
const tests = ["other.test.ts", "code.test.ts"];

describe("a hunt for faults", () => {
  it("tells which tests notice a fault, what nobody notices, and forgets a fault before the next", async () => {
    const guard = faultThat("n > 10 → false");
    const silent = faultThat("!a → a");
    expect(await hunt.judge(guard, tests)).toEqual({ fault: guard, caught: true, by: "code.test.ts" });
    expect(await hunt.judge(silent, tests)).toEqual({ fault: silent, caught: false, by: undefined });
    expect(await hunt.judge(guard, tests)).toMatchObject({ caught: true });
    expect(await hunt.judge(guard, ["other.test.ts"])).toMatchObject({ caught: false });
    expect(await hunt.failing(tests)).toEqual([]);
    expect(readFileSync(join(root, "code.ts"), "utf8")).toBe(CODE);
  });

  it("ends a fault that never ends, and goes on", async () => {
    const endless: Fault = {
      ...faultThat("0 → 1"),
      start: CODE.indexOf("i++"),
      end: CODE.indexOf("i++") + 3,
    };
    expect(await hunt.judge({ ...endless, replacement: "i--" }, tests)).toMatchObject({
      caught: true,
      by: "it does not end",
    });
    expect(await hunt.judge(faultThat("!a → a"), tests)).toMatchObject({ caught: false });
  });

  it("finds tests that fail by themselves", async () => {
    writeFileSync(
      join(root, "broken.test.ts"),
      'import { it } from "vitest";\nit("x", () => { throw 1; });\n',
    );
    expect(await hunt.failing([...tests, "broken.test.ts"])).toEqual(["broken.test.ts"]);
    rmSync(join(root, "broken.test.ts"));
  });
});
