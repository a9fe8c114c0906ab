import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Runs the quickstart as `npm start` does, without the install before it. */
function quickstart(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const flags = ["--conditions=@openmls-ts/source", "--disable-warning=ExperimentalWarning"];
  // FORCE_COLOR is what a test runner may set for its own output.
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, main, ...args], {
    env,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

describe("the quickstart", () => {
  it.each([
    ["noble", 3],
    ["node", 7],
    ["webcrypto", 4],
  ])("tells its story with %s, suite %i, and every claim holds", (crypto, suite) => {
    const { code, stdout, stderr } = quickstart("--crypto", crypto, "--suite", String(suite));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nAll \d+ claims hold\./);
    expect(stdout).toContain(`suite ${suite}, MLS_`);
    expect(stdout).toContain("Charlie's client can no longer read that: ERR_MLS_GROUP_INACTIVE");
    expect(stdout.includes("\u001b")).toBe(false); // not a terminal: no colours
    const folder = /one SQLite file each in (.+)/.exec(stdout)?.[1];
    expect(folder).toBeDefined();
    expect(existsSync(folder ?? "")).toBe(false);
  });

  it("lists the suites when there is no such suite", () => {
    const { code, stdout, stderr } = quickstart("--suite", "9");
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("--suite 9");
    expect(stderr.match(/MLS_\d+_DHKEM/g)).toHaveLength(7);
  });

  it("lists the providers when there is no such provider", () => {
    const { code, stderr } = quickstart("--crypto", "toString");
    expect(code).toBe(2);
    expect(stderr).toContain("One of: noble, node, webcrypto");
  });

  it("refuses options that it does not know, and says which there are", () => {
    const { code, stderr } = quickstart("--siute", "1");
    expect(code).toBe(2);
    expect(stderr).toContain("--suite N");
  });

  it("explains itself", () => {
    const { code, stdout } = quickstart("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("npm start -- [--suite N] [--crypto NAME]");
  });
});
