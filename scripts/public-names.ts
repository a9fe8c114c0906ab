import ts from "typescript";
import { packageEntries, programOf, resolved } from "./check-public-types.ts";

/** What users of the workspace's packages can write. */
export interface PublicNames {
  /**
   * @param name of something that is exported, such as `MlsGroup`; `Type#member` for what its instances have, of a union
   *   one of its parts; `value.member` for what stands on a class or an object itself
   */
  readonly has: (name: string) => boolean;
  /** The texts that a type of literals allows, such as the codes of errors. */
  readonly literalsOf: (type: string) => readonly string[];
}

/** The public names of the packages below `root`. */
export function publicNames(root: string): PublicNames {
  const entries = packageEntries(root);
  const program = programOf(entries);
  const checker = program.getTypeChecker();
  const exported = new Map<string, ts.Symbol[]>();
  for (const { file } of entries) {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module)) {
      exported.set(symbol.name, [...(exported.get(symbol.name) ?? []), resolved(checker, symbol)]);
    }
  }
  const has = (name: string): boolean => {
    const [, owner = "", mark, member = ""] = /^(\w+)(?:([#.])(\w+))?$/.exec(name) ?? [];
    return (exported.get(owner) ?? []).some((symbol) => {
      if (mark === undefined) return true;
      if (mark === ".") return checker.getTypeOfSymbol(symbol).getProperty(member) !== undefined;
      return partsOf(checker.getDeclaredTypeOfSymbol(symbol)).some((part) =>
        isPublic(part.getProperty(member)),
      );
    });
  };
  const literalsOf = (type: string): string[] =>
    (exported.get(type) ?? []).flatMap((symbol) =>
      partsOf(checker.getDeclaredTypeOfSymbol(symbol)).flatMap((part) =>
        part.isStringLiteral() ? [part.value] : [],
      ),
    );
  return { has, literalsOf };
}

function partsOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type];
}

function isPublic(member: ts.Symbol | undefined): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (
    member !== undefined &&
    (member.declarations ?? []).every((node) => (ts.getCombinedModifierFlags(node) & hidden) === 0)
  );
}
