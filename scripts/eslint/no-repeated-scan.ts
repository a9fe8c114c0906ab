// Reports the quadratic kind: a search through one array for each element of another. The fix is a Set or a Map made
// before the loop, or, where the array is small for a reason, a comment `// bounded: reason`.
import type { Rule } from "eslint";
import { enclosingRepetition, type Repetition } from "./repetition.ts";
import { isSmallArray, isArrayLike } from "./array-types.ts";

const scans = new Set(["includes", "some", "find", "findIndex", "indexOf", "filter"]);

type Context = Rule.RuleContext;
type CallExpression = Extract<Rule.Node, { type: "CallExpression" }>;
type Expression = Extract<CallExpression["callee"], { type: "MemberExpression" }>["object"];

/** `// bounded: reason` on a line of the call, or alone on the line above it. */
function isExcused({ sourceCode }: Context, call: CallExpression, method: Rule.Node): boolean {
  const lines = [call.loc?.start.line, method.loc?.start.line].filter((line) => line !== undefined);
  return sourceCode.getAllComments().some((comment) => {
    if (!/^\s*bounded: \S/.test(comment.value) || comment.loc === undefined || comment.loc === null)
      return false;
    const line = comment.loc.start.line;
    const alone = sourceCode.lines[line - 1]?.trimStart().startsWith("//") === true;
    return lines.includes(line) || (alone && lines.includes(line + 1));
  });
}

/** Whether the array is another one at each turn, because a name in its expression is declared by the repetition. */
function variesWithin({ sourceCode }: Context, array: Expression, repetition: Repetition): boolean {
  const [start, end] = repetition.range;
  const [from, to] = array.range ?? [0, 0];
  const scope = sourceCode.getScope(array);
  for (let at: typeof scope | null = scope; at !== null; at = at.upper) {
    for (const { identifier, resolved } of at.references) {
      const [position] = identifier.range ?? [-1];
      if (position < from || position >= to) continue;
      for (const { name } of resolved?.defs ?? []) {
        const [declared] = (name as Rule.Node).range ?? [-1];
        if (declared >= start && declared < end) return true;
      }
    }
  }
  return false;
}

/** Reports a search of an array that is the same at each turn of a loop around it, or of a callback over another array. */
export const noRepeatedScan: Rule.RuleModule = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      scan:
        "`{{method}}` searches the whole array at each turn of {{what}} (line {{line}}): quadratic. " +
        "Use a Set or Map made before, or say `// bounded: reason`.",
    },
  },
  create(context) {
    return {
      CallExpression(node): void {
        const call = node;
        const callee = call.callee;
        if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier" || callee.computed)
          return;
        const method = callee.property;
        if (!scans.has(method.name) || !isArrayLike(context, callee.object)) return;
        if (isSmallArray(context, callee.object)) return;
        for (const repetition of enclosingRepetition(context, call)) {
          if (variesWithin(context, callee.object, repetition)) continue;
          if (isExcused(context, call, method as Rule.Node)) return;
          const { what, line } = repetition;
          context.report({
            node: method,
            messageId: "scan",
            data: { method: method.name, what, line: String(line) },
          });
          return;
        }
      },
    };
  },
};
