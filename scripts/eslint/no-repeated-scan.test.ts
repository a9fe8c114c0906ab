import { RuleTester } from "eslint";
import tseslint from "typescript-eslint";
import { afterAll, describe, it } from "vitest";
import { noRepeatedScan } from "./no-repeated-scan.ts";

const runner = RuleTester as unknown as Record<"describe" | "it" | "afterAll", unknown>;
Object.assign(runner, { describe, it, afterAll });

const types = new RuleTester({
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: {
      projectService: { allowDefaultProject: ["*.ts"] },
      tsconfigRootDir: import.meta.dirname,
    },
  },
});

const head = `declare const as: readonly number[]; declare const bs: readonly number[]; declare const x: number;
interface Leaf { readonly list: readonly number[]; readonly name: string }
declare const leaves: readonly Leaf[];\n`;

const valid: Readonly<Record<string, string>> = {
  "one scan": "as.includes(x);",
  "two scans, one after the other": "as.filter((a) => a > 1).some((a) => a > x);",
  "the array that is iterated over": "for (const a of as.filter((b) => b > 1)) console.log(a);",
  "the start of a for": "for (let i = as.indexOf(x); i < 9; i++) console.log(i);",
  "a list of the element itself": "for (const leaf of leaves) leaf.list.includes(x);",
  "a list of the callback's argument": "leaves.some(({ list }) => list.includes(x));",
  "a list made in the loop": "for (const leaf of leaves) { const own = leaf.list; own.includes(x); }",
  text: `for (const leaf of leaves) { "abc".includes(leaf.name); leaf.name.indexOf("x"); }`,
  "a set": "const set = new Set(as); for (const b of bs) set.has(b);",
  "a method of the same name": "const o = { find(n: number) { return n; } }; for (const b of bs) o.find(b);",
  "a literal": "for (const b of bs) [1, 2, 3].includes(b);",
  "a constant literal": "const few = [1, 2, 3] as const; for (const b of bs) few.some((n) => n === b);",
  "a tuple": "declare const pair: readonly [number, number]; bs.map((b) => pair.includes(b));",
  "a reason on the line": "for (const b of bs) as.includes(b); // bounded: at most five suites",
  "a reason above": "for (const b of bs) {\n// bounded: at most five suites\nas.includes(b); }",
  "a function that is made in a loop and runs later":
    "const fs = []; for (const b of bs) { const f = () => as.includes(b); fs.push(f); }",
  "a callback of something else": "declare function once<T>(f: () => T): T; once(() => as.includes(x));",
};

const invalid: Readonly<Record<string, string>> = {
  "in a for-of": "for (const b of bs) as.includes(b);",
  "in the test of a while": "let n = 0; while (as.includes(n)) n++;",
  "in the body of a for": "for (let i = 0; i < 9; i++) { if (as.indexOf(i) >= 0) break; }",
  "in a callback": "bs.filter((b) => !as.includes(b));",
  "in a callback of flatMap": "leaves.flatMap((leaf) => as.filter((a) => a > leaf.list.length));",
  "in a callback for a set": "new Set(bs).forEach((b) => as.find((a) => a === b));",
  "of the array that is being iterated": "as.filter((a, i) => as.findIndex((b) => b === a) !== i);",
  "of a property":
    "class C { list: number[] = []; all(): boolean { return as.every((a) => this.list.includes(a)); } }",
  "through an optional chain":
    "declare const o: { list?: number[] } | undefined; bs.map((b) => o?.list?.includes(b));",
  "of the outer element in an inner loop":
    "for (const l of leaves) for (const n of l.list) l.list.indexOf(n);",
  "in a callback of something else in a loop":
    "declare function once<T>(f: () => T): T; for (const b of bs) once(() => as.includes(b));",
  "of a constant that grows":
    "const seen: number[] = []; for (const b of bs) { if (!seen.includes(b)) seen.push(b); }",
  "of a literal that grows": "const seen = [0]; for (const b of bs) { if (!seen.includes(b)) seen.push(b); }",
  "a comment without a reason": "for (const b of bs) as.includes(b); // bounded:",
};

types.run("no-repeated-scan", noRepeatedScan, {
  valid: Object.entries(valid).map(([name, code]) => ({ name, code: head + code, filename: "valid.ts" })),
  invalid: Object.entries(invalid).map(([name, code]) => ({
    name,
    code: head + code,
    filename: "invalid.ts",
    errors: [{ messageId: "scan" }],
  })),
});

new RuleTester({ languageOptions: { parser: tseslint.parser } }).run(
  "no-repeated-scan without types",
  noRepeatedScan,
  {
    valid: ["xs.includes(1); const few = [1, 2]; for (const y of ys) few.includes(y);"],
    invalid: [{ code: "for (const y of ys) xs.includes(y);", errors: [{ messageId: "scan" }] }],
  },
);
