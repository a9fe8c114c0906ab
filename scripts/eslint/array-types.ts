import type { Rule } from "eslint";
import ts from "typescript";

type Node = Extract<Rule.Node, { type: "MemberExpression" }>["object"];

/** What typescript-eslint's parser offers when it has type information. */
interface TypeServices {
  readonly program: ts.Program | null;
  readonly getTypeAtLocation: (node: Node) => ts.Type;
}

function typeOf(context: Rule.RuleContext, node: Node): readonly [ts.TypeChecker, ts.Type] | undefined {
  const services = context.sourceCode.parserServices as Partial<TypeServices>;
  const { program, getTypeAtLocation } = services;
  if (program === undefined || program === null || getTypeAtLocation === undefined) return undefined;
  const checker = program.getTypeChecker();
  return [checker, checker.getNonNullableType(getTypeAtLocation(node))];
}

/** Arrays, and sets and maps for whoever calls `forEach` on them; without type information, anything. */
export function isArrayLike(context: Rule.RuleContext, node: Node): boolean {
  const typed = typeOf(context, node);
  if (typed === undefined) return true;
  const [checker, type] = typed;
  const parts = type.isUnion() ? type.types : [type];
  return parts.some(
    (part) =>
      checker.isArrayType(part) ||
      checker.isTupleType(part) ||
      /^(?:Readonly)?(?:Set|Map)$/.test(part.getSymbol()?.name ?? ""),
  );
}

function isFixedTuple(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (!checker.isTupleType(type)) return false;
  const { target } = type as ts.TupleTypeReference;
  return (target.combinedFlags & ts.ElementFlags.Variable) === 0;
}

/** Without `as const` and the like. */
function unwrapped(node: Rule.Node): Rule.Node {
  const inner = /^TS(?:As|Satisfies|NonNull)/.test(node.type)
    ? (node as unknown as { readonly expression: Rule.Node }).expression
    : undefined;
  return inner === undefined ? node : unwrapped(inner);
}

function isLiteral(node: Rule.Node): boolean {
  const array = unwrapped(node);
  return (
    array.type === "ArrayExpression" && array.elements.every((element) => element?.type !== "SpreadElement")
  );
}

/** An array as long as the code spells out: a literal, a constant that is one, or a tuple. */
export function isSmallArray(context: Rule.RuleContext, node: Node): boolean {
  if (isLiteral(node as Rule.Node)) return true;
  const typed = typeOf(context, node);
  if (typed !== undefined && isFixedTuple(...typed)) return true;
  if (node.type !== "Identifier") return false;
  for (
    let scope: ReturnType<typeof context.sourceCode.getScope> | null = context.sourceCode.getScope(node);
    scope !== null;
    scope = scope.upper
  ) {
    const variable = scope.set.get(node.name);
    if (variable === undefined) continue;
    return variable.defs.some((definition) => {
      const { init, parent } = definition.node as { init?: Rule.Node | null; parent?: { kind?: string } };
      return (
        parent?.kind === "const" &&
        init !== undefined &&
        init !== null &&
        isLiteral(init) &&
        !isPushed(variable)
      );
    });
  }
  return false;
}

/** Whether a constant array grows after all. */
function isPushed(variable: { readonly references: readonly { readonly identifier: unknown }[] }): boolean {
  return variable.references.some(({ identifier }) => {
    const parent = (identifier as Rule.Node).parent;
    return (
      parent?.type === "MemberExpression" &&
      parent.property.type === "Identifier" &&
      /^(?:push|unshift|splice)$/.test(parent.property.name)
    );
  });
}
