import ts from "typescript";

/** Not part of a declaration's public shape: bodies, and members that a declaration file hides. */
function isHidden(node: ts.Node): boolean {
  if (ts.isBlock(node)) return true;
  const name = (node as Partial<ts.NamedDeclaration>).name;
  if (name !== undefined && ts.isPrivateIdentifier(name)) return true;
  if (ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal")) return true; // stripInternal
  return (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true
  );
}

/** The last name of `a.b.C`. */
function rightmost(name: ts.EntityName | ts.Expression): ts.Node {
  if (ts.isQualifiedName(name)) return name.right;
  return ts.isPropertyAccessExpression(name) ? name.name : name;
}

/** The part of `node` that a declaration file would show for it. */
function shapeOf(node: ts.Node): readonly (ts.Node | undefined)[] {
  // The annotation says all. Without one, what the initializer spells out counts.
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node))
    return [node.type ?? node.initializer];
  if (ts.isParameter(node)) return [node.type];
  if (ts.isArrowFunction(node)) return [...(node.typeParameters ?? []), ...node.parameters, node.type];
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
    return ts.isConstTypeReference(node.type) ? [node.expression] : [node.type];
  }
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  return children;
}

/** The names of types, and of values behind `typeof`, `extends` and `new`, that the public shape of a declaration uses. */
export function typesNamedBy(declaration: ts.Node): ts.Node[] {
  const names: ts.Node[] = [];
  const visit = (node: ts.Node | undefined): void => {
    if (node === undefined || isHidden(node)) return;
    if (ts.isTypeReferenceNode(node)) names.push(rightmost(node.typeName));
    else if (ts.isTypeQueryNode(node)) names.push(rightmost(node.exprName));
    else if (ts.isExpressionWithTypeArguments(node)) names.push(rightmost(node.expression));
    else if (ts.isNewExpression(node)) names.push(rightmost(node.expression));
    else if (ts.isImportTypeNode(node) && node.qualifier !== undefined) names.push(rightmost(node.qualifier));
    for (const child of shapeOf(node)) visit(child);
  };
  visit(declaration);
  return names;
}
