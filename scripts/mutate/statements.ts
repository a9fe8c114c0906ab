import ts from "typescript";

/** The call that a statement consists of, awaited or not. */
export function callOf(node: ts.Node): ts.CallExpression | undefined {
  if (!ts.isExpressionStatement(node)) return undefined;
  let { expression }: { expression: ts.Expression } = node;
  while (ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)) ({ expression } = expression);
  return ts.isCallExpression(expression) ? expression : undefined;
}

/** The last name of what is called: `put` of `batch.put(…)`. */
export function nameOf({ expression }: ts.CallExpression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : "";
}

/** The first name of what is called: `batch` of `batch.put(…)`. */
export function ownerOf({ expression }: ts.CallExpression): string {
  let node: ts.Expression = expression;
  while (ts.isPropertyAccessExpression(node)) node = node.expression;
  return ts.isIdentifier(node) ? node.text : "";
}

/** Whether a call overwrites a secret. */
export function wipes(call: ts.CallExpression): boolean {
  const name = nameOf(call);
  const zero = call.arguments[0];
  return /^(?:wipe|discard)/.test(name) || (name === "fill" && zero !== undefined && zero.getText() === "0");
}

/** Whether a call puts something into a batch, or into force once that is written. */
export function writes(call: ts.CallExpression): boolean {
  const name = nameOf(call);
  if (ownerOf(call) === "batch") return /^(?:put|delete|expect|deletePrefix)/.test(name);
  return /^(?:write|delete|erase|commit$|apply$|store)/.test(name);
}

/** Whether a call does nothing but refuse. */
export function checks(call: ts.CallExpression): boolean {
  return /^(?:check|require|verify|assert|validate|judge)(?:[A-Z]|$)/.test(nameOf(call));
}

/** Whether a branch refuses: it throws, or says no. */
export function refuses(branch: ts.Statement): boolean {
  const last = ts.isBlock(branch) ? branch.statements[branch.statements.length - 1] : branch;
  if (last === undefined) return false;
  if (ts.isThrowStatement(last)) return true;
  return ts.isReturnStatement(last) && last.expression?.kind === ts.SyntaxKind.FalseKeyword;
}
