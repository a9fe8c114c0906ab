import type { Rule } from "eslint";
import { isArrayLike } from "./array-types.ts";

/** Code that runs many times: a loop, or a callback that an array's method calls for each element. */
export interface Repetition {
  readonly what: string;
  readonly line: number;
  /** Where the names are declared that differ from turn to turn: the loop with its head, or the callback. */
  readonly range: readonly [start: number, end: number];
}

const callers = new Set([
  ..."every filter find findIndex findLast findLastIndex flatMap forEach map reduce reduceRight some sort".split(
    " ",
  ),
]);

const functions = new Set(["ArrowFunctionExpression", "FunctionExpression", "FunctionDeclaration"]);

/** The parts of each loop that run at each turn. What is iterated over, and the start of a `for`, run once. */
const loopParts: Readonly<Record<string, readonly string[]>> = {
  ForStatement: ["test", "update", "body"],
  ForOfStatement: ["body"],
  ForInStatement: ["body"],
  WhileStatement: ["test", "body"],
  DoWhileStatement: ["test", "body"],
};

function partOf(parent: Rule.Node, child: Rule.Node): string | undefined {
  return Object.entries(parent).find(([, value]) => value === child)?.[0];
}

function repetition(what: string, node: Rule.Node): Repetition {
  return { what, line: node.loc?.start.line ?? 0, range: node.range ?? [0, 0] };
}

/** The repetitions around `node`, innermost first, as far out as the code runs where it stands. */
export function enclosingRepetition(context: Rule.RuleContext, node: Rule.Node): Repetition[] {
  const found: Repetition[] = [];
  let at = node;
  for (let parent = at.parent; parent !== null; parent = at.parent) {
    if (loopParts[parent.type]?.includes(partOf(parent, at) ?? "") === true) {
      found.push(repetition("the loop", parent));
    }
    if (functions.has(at.type)) {
      // Named, returned or a method: who knows when it runs. A callback is taken to run where it stands.
      if (parent.type !== "CallExpression" && parent.type !== "NewExpression") return found;
      if (parent.callee === at) return found;
      const { callee } = parent;
      if (
        callee.type === "MemberExpression" &&
        callee.property.type === "Identifier" &&
        callers.has(callee.property.name) &&
        isArrayLike(context, callee.object)
      ) {
        found.push(repetition(`\`${callee.property.name}\``, at));
      }
    }
    at = parent;
  }
  return found;
}
