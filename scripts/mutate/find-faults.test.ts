import { describe, expect, it } from "vitest";
import { type Fault, withFault } from "./fault.ts";
import { findFaults } from "./find-faults.ts";

/** Each fault of a piece of code as `kind: the code with it`. */
function faultsOf(code: string): string[] {
  return findFaults("a.ts", code).map((fault) => `${fault.kind}: ${withFault(code, fault)}`);
}

describe("faults", () => {
  it("drop a guard: what throws, what says no, a check by itself, a comparison of bytes", () => {
    expect(faultsOf('if (a) throw new Error("x" + 1);')).toEqual([
      'guard: if (false) throw new Error("x" + 1);',
    ]);
    expect(faultsOf("if (a) { log(); return false; }")).toContain(
      "guard: if (false) { log(); return false; }",
    );
    expect(faultsOf("await checkLeaf(a);")).toEqual(["guard: "]);
    expect(faultsOf("b.validateAll(a);")).toEqual(["guard: "]);
    expect(faultsOf("f(equalBytes(a, b));")).toEqual(["guard: f(true);"]);
    expect(faultsOf("if (a) b();")).toEqual([]);
    expect(faultsOf("checkers(a);")).toEqual([]);
  });

  it("leave a secret where it was", () => {
    expect(faultsOf("wipe(a, b);")).toEqual(["wipe: "]);
    expect(faultsOf("secret.wipe();")).toEqual(["wipe: "]);
    expect(faultsOf("key.fill(0);")).toContain("wipe: ");
    expect(faultsOf("key.fill(7);")).not.toContain("wipe: ");
    expect(faultsOf("const a = scratch.temporary(new Secret(b));")).toEqual([
      "wipe: const a = new Secret(b);",
    ]);
  });

  it("forget a write, and write in another order", () => {
    expect(faultsOf("{ batch.put(a, b); commit(c); log(); }")).toEqual([
      "write: {  commit(c); log(); }",
      "order: { commit(c); batch.put(a, b); log(); }",
      "write: { batch.put(a, b);  log(); }",
      "order: { batch.put(a, b); log(); commit(c); }",
    ]);
    expect(faultsOf("{ one(); two(); }")).toEqual([]);
  });

  it("change details: comparisons, numbers, words, labels", () => {
    expect(faultsOf("const a = b < c && d;")).toEqual([
      "detail: const a = b <= c && d;",
      "detail: const a = b < c || d;",
    ]);
    expect(faultsOf("const a = 1_000 + b;")).toEqual([
      "detail: const a = 1001 + b;",
      "detail: const a = 1_000 - b;",
    ]);
    expect(faultsOf("const a = 1n;")).toEqual(["detail: const a = 2n;"]);
    expect(faultsOf("const a = !true;")).toEqual(["detail: const a = true;", "detail: const a = !false;"]);
    expect(faultsOf('deriveSecret(a, "epoch");')).toEqual(['detail: deriveSecret(a, "epochx");']);
    expect(faultsOf('const a = "b" + c;')).toEqual([]);
  });

  it("leave types, imports and the texts of errors alone", () => {
    expect(faultsOf('import { a } from "./a.ts";')).toEqual([]);
    expect(faultsOf("type A = 1 | 2; interface B { readonly c: true }")).toEqual([]);
    expect(faultsOf("const a: 1 = b as 2;")).toEqual([]);
    expect(faultsOf("throw new Error(`${a + 1}`);")).toEqual([]);
  });

  it("say where they are, in one line", () => {
    const [fault] = findFaults("packages/a/src/a.ts", "\n\nif (\n  a ===\n  b\n) throw c;") as [Fault];
    expect(fault).toMatchObject({ file: "packages/a/src/a.ts", line: 4, change: "a === b → false" });
  });
});
