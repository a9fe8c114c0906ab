// Every type that a public signature names has a name the user can import, from the package that declares it.
import { existsSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript";
import { typesNamedBy } from "./types-named.ts";
import { workspacePackages, workspaceRoot } from "./workspace.ts";

/** A way into a package: what the user imports, and the source file behind it. */
export interface Entry {
  /** Folder of the package below `packages/`. */
  readonly folder: string;
  /** `@openmls-ts/name`, or with a subpath. */
  readonly specifier: string;
  readonly file: string;
}

/** All entries of the packages below `root` that lead to a source file of theirs; testing entries left out. */
export function packageEntries(root: string = workspaceRoot): Entry[] {
  return workspacePackages(root).flatMap(({ folder, path }) => {
    const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
      exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    };
    return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
      const source = typeof target === "string" ? target : target["@openmls-ts/source"];
      if (source?.endsWith(".ts") !== true || source.includes("/testing/")) return [];
      const file = join(path, source);
      return existsSync(file)
        ? [{ folder, specifier: `@openmls-ts/${folder}${subpath.slice(1)}`, file }]
        : [];
    });
  });
}

/** The workspace's packages resolve to their sources, without an install and without symbolic links. */
export function programOf(entries: readonly Entry[]): ts.Program {
  return ts.createProgram({
    rootNames: entries.map(({ file }) => file),
    options: {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      allowImportingTsExtensions: true,
      types: [],
      paths: Object.fromEntries(entries.map(({ specifier, file }) => [specifier, [file]])),
    },
  });
}

/** Folder below `packages/` that declares `declaration`; undefined for what is not the workspace's own. */
function folderOf(root: string, declaration: ts.Node): string | undefined {
  const path = relative(join(root, "packages"), declaration.getSourceFile().fileName).split(sep);
  return path[0] === ".." || path.includes("node_modules") || path.includes("dist") ? undefined : path[0];
}

function isTypeDeclaration(node: ts.Node): boolean {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isEnumDeclaration(node)
  );
}

/** The symbol itself, not an import or export of it. */
export function resolved(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/**
 * Public types without a public name in the workspace at `root`, one line each, sorted: `package: Type` and where it is
 * needed. Empty if there are none.
 */
export function checkPublicTypes(root: string): string[] {
  const entries = packageEntries(root);
  const program = programOf(entries);
  const checker = program.getTypeChecker();
  const exported = new Set<ts.Symbol>();
  for (const { file } of entries) {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined) continue; // an entry without exports
    for (const symbol of checker.getExportsOfModule(module)) exported.add(resolved(checker, symbol));
  }

  const problems: string[] = [];
  const seen = new Set(exported);
  // `seen` grows while it is walked: a Set's iteration comes to what is added on the way.
  for (const symbol of seen) {
    for (const declaration of symbol.declarations ?? []) {
      if (folderOf(root, declaration) === undefined) continue;
      for (const name of typesNamedBy(declaration)) {
        const found = checker.getSymbolAtLocation(name);
        const target = found === undefined ? undefined : resolved(checker, found);
        const home = target?.declarations?.[0];
        if (target === undefined || home === undefined || seen.has(target)) continue;
        const folder = folderOf(root, home);
        if (folder === undefined || ts.isTypeParameterDeclaration(home)) continue;
        seen.add(target);
        // A function or constant behind `typeof` needs no name, what it says does.
        if (!isTypeDeclaration(home)) continue;
        const file = relative(root, home.getSourceFile().fileName).split(sep).join("/");
        problems.push(`${folder}: ${target.name} (${file}) is named by ${symbol.name} and exported nowhere`);
      }
    }
  }
  return problems.sort();
}

if (import.meta.main) {
  const problems = checkPublicTypes(workspaceRoot);
  for (const problem of problems) console.error(problem);
  console.log(`public types: ${problems.length} cannot be named`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
