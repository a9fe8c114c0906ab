import ts from "typescript";
import type { Fault, FaultKind } from "./fault.ts";
import { callOf, checks, nameOf, refuses, wipes, writes } from "./statements.ts";

const OTHER: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: "!==",
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: "===",
  [ts.SyntaxKind.LessThanToken]: "<=",
  [ts.SyntaxKind.LessThanEqualsToken]: "<",
  [ts.SyntaxKind.GreaterThanToken]: ">=",
  [ts.SyntaxKind.GreaterThanEqualsToken]: ">",
  [ts.SyntaxKind.AmpersandAmpersandToken]: "||",
  [ts.SyntaxKind.BarBarToken]: "&&",
  [ts.SyntaxKind.PlusToken]: "-",
  [ts.SyntaxKind.MinusToken]: "+",
};
// Labels of RFC 9420 are short and have no blanks but between two words.
const LABEL = /^[a-z][A-Za-z_]*(?: [a-z]+)?$/;

type Report = (kind: FaultKind, node: ts.Node, replacement: string) => void;

/** The faults that can be planted in the code of one file, in the order of their places. */
export function findFaults(file: string, text: string): Fault[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const faults: Fault[] = [];
  const report = (kind: FaultKind, start: number, end: number, replacement: string): void => {
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    const short = (code: string): string => code.replaceAll(/\s+/g, " ").slice(0, 80);
    const change = `${short(text.slice(start, end))} → ${replacement === "" ? "nothing" : short(replacement)}`;
    faults.push({ file, kind, start, end, replacement, line, change });
  };
  const at: Report = (kind, node, replacement) => report(kind, node.getStart(source), node.end, replacement);
  const visit = (node: ts.Node): void => {
    if (isQuiet(node)) return;
    inStatement(node, at);
    inExpression(node, at);
    for (const [first, second] of swaps(node)) {
      const [a, b] = [first.getStart(source), second.getStart(source)];
      const swapped = text.slice(b, second.end) + text.slice(first.end, b) + text.slice(a, first.end);
      report("order", a, second.end, swapped);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return faults.sort((a, b) => (a.start === b.start ? a.end - b.end : a.start - b.start));
}

/** What no test is about: types, imports, the texts of errors. */
function isQuiet(node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isThrowStatement(node)
  );
}

function inStatement(node: ts.Node, report: Report): void {
  if (ts.isIfStatement(node) && refuses(node.thenStatement)) report("guard", node.expression, "false");
  const call = callOf(node);
  if (call === undefined) return;
  if (checks(call)) report("guard", node, "");
  else if (wipes(call)) report("wipe", node, "");
  else if (writes(call)) report("write", node, "");
}

function inExpression(node: ts.Node, report: Report): void {
  if (ts.isCallExpression(node)) {
    const [argument] = node.arguments;
    // a secret that nobody wipes
    if (nameOf(node) === "temporary" && argument !== undefined) report("wipe", node, argument.getText());
    if (nameOf(node) === "equalBytes") report("guard", node, "true");
  } else if (ts.isBinaryExpression(node)) {
    const { operatorToken, left, right } = node;
    const other = OTHER[operatorToken.kind];
    const adds = other === "+" || other === "-";
    if (other !== undefined && !(adds && !isNumber(left) && !isNumber(right))) {
      report("detail", operatorToken, other);
    }
  } else if (isNumber(node)) {
    report("detail", node, plusOne(node.getText()));
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) report("detail", node, "false");
  else if (node.kind === ts.SyntaxKind.FalseKeyword) report("detail", node, "true");
  else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    report("detail", node, node.operand.getText());
  } else if (ts.isStringLiteral(node) && isLabel(node)) report("detail", node, `"${node.text}x"`);
}

function isNumber(node: ts.Node): boolean {
  return ts.isNumericLiteral(node) || ts.isBigIntLiteral(node);
}

function plusOne(literal: string): string {
  const digits = literal.replaceAll("_", "");
  return digits.endsWith("n") ? `${BigInt(digits.slice(0, -1)) + 1n}n` : String(Number(digits) + 1);
}

/** A text that goes into a hash or a key: an argument beside others of a call. */
function isLabel(node: ts.StringLiteral): boolean {
  const { parent } = node;
  return (
    ts.isCallExpression(parent) &&
    parent.arguments.length > 1 &&
    /^(?:derive|expand|sign|verify|seal|makeHash|refHash|encrypt|decrypt)/.test(nameOf(parent)) &&
    LABEL.test(node.text)
  );
}

/** Neighbours whose order could matter: one of the two writes or wipes. */
function* swaps(node: ts.Node): Iterable<readonly [ts.Statement, ts.Statement]> {
  if (!ts.isBlock(node)) return;
  for (const [at, first] of node.statements.entries()) {
    const second = node.statements[at + 1];
    const calls = [callOf(first), second === undefined ? undefined : callOf(second)];
    const [one, other] = calls;
    if (second === undefined || one === undefined || other === undefined) continue;
    if ([one, other].some((call) => writes(call) || wipes(call))) yield [first, second];
  }
}
