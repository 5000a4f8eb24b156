/**
 * The project's TypeScript files as a list of what each one imports and which globals it touches, read
 * from the compiler's own syntax trees: neither comments nor strings can mislead it.
 */
import { fileURLToPath } from "node:url";
import {
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isNamedExports,
  isNamedImports,
} from "typescript/unstable/ast/is";
import { SyntaxKind, type Node, type SourceFile } from "typescript/unstable/ast";
import { API, type Project } from "typescript/unstable/async";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

export interface Import {
  readonly specifier: string;
  /** What is imported by name; `*` for a whole module, or one imported for its effects. */
  readonly names: readonly { readonly name: string; readonly isType: boolean }[];
}

export interface ProjectFile {
  /** From the project's root: `src/probe/mod.ts`. */
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  /** Of the globals asked for (`Date`, `Math.random`), those that it touches. */
  readonly globals: readonly string[];
}

/** Every file of the project that is under one of `folders`. */
export async function readProject(
  folders: readonly string[],
  globalNames: readonly string[],
): Promise<ProjectFile[]> {
  const api = new API({ cwd: PROJECT });
  try {
    const snapshot = await api.updateSnapshot({ openProjects: [`${PROJECT}tsconfig.json`] });
    const project = snapshot.getProjects()[0]!;
    const names = await project.program.getSourceFileNames();
    const inFolders = names.filter((name) =>
      folders.some((folder) => name.startsWith(`${PROJECT}${folder}/`)),
    );
    return await Promise.all(inFolders.map((name) => readFile(project, name, globalNames)));
  } finally {
    await api.close();
  }
}

async function readFile(
  project: Project,
  name: string,
  globalNames: readonly string[],
): Promise<ProjectFile> {
  const file = (await project.program.getSourceFile(name))!;
  const imports: Import[] = [];
  const suspects: Node[] = [];
  visit(file, (node) => {
    const found = readImport(node);
    if (found !== undefined) imports.push(found);
    if (isIdentifier(node) && globalNames.includes(nameOf(node)) && !isNameOfMember(node))
      suspects.push(node);
  });
  return {
    path: name.slice(PROJECT.length),
    lineCount: file.text.trimEnd().split("\n").length,
    imports,
    globals: await keepGlobals(project, suspects),
  };
}

function visit(node: Node | SourceFile, look: (node: Node) => void): void {
  node.forEachChild((child) => {
    look(child);
    visit(child, look);
  });
}

/** `import`, `export ... from`, `import()` and `import("x").Type`. */
function readImport(node: Node): Import | undefined {
  if (isImportDeclaration(node)) {
    const clause = node.importClause;
    const isWholeType = clause?.phaseModifier === SyntaxKind.TypeKeyword;
    const bindings = clause?.namedBindings;
    const specifier = textOf(node.moduleSpecifier);
    if (clause === undefined || bindings === undefined || !isNamedImports(bindings)) {
      const name = clause?.name === undefined ? "*" : "default";
      return { specifier, names: [{ name, isType: isWholeType }] };
    }
    return { specifier, names: readNames(bindings.elements, isWholeType) };
  }
  if (isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const { exportClause, isTypeOnly } = node;
    const specifier = textOf(node.moduleSpecifier);
    if (exportClause === undefined || !isNamedExports(exportClause)) {
      return { specifier, names: [{ name: "*", isType: isTypeOnly }] };
    }
    return { specifier, names: readNames(exportClause.elements, isTypeOnly) };
  }
  if (node.kind === SyntaxKind.ImportType) return readCall(node, true);
  if (node.kind === SyntaxKind.ImportKeyword && node.parent.kind === SyntaxKind.CallExpression) {
    return readCall(node.parent, false);
  }
  return undefined;
}

interface Named {
  readonly isTypeOnly: boolean;
  readonly name: Node;
  readonly propertyName?: Node | undefined;
}

function readNames(elements: Iterable<Named>, isWholeType: boolean): Import["names"] {
  return [...elements].map(({ name, propertyName, isTypeOnly }) => ({
    name: textOf(propertyName ?? name),
    isType: isWholeType || isTypeOnly,
  }));
}

/** An import whose module is the first string in it. */
function readCall(node: Node, isType: boolean): Import {
  let specifier = "(computed)";
  visit(node, (child) => {
    if (child.kind === SyntaxKind.StringLiteral && specifier === "(computed)")
      specifier = textOf(child);
  });
  return { specifier, names: [{ name: "*", isType }] };
}

function textOf(node: Node): string {
  return "text" in node && typeof node.text === "string" ? node.text : "(computed)";
}

/** The `b` of `a.b`, `{ b: 1 }`, `{ b() {} }`, `interface { b: T }`: not a reference to anything. */
function isNameOfMember(node: Node): boolean {
  const { parent } = node;
  const isMember =
    parent.kind === SyntaxKind.PropertyAccessExpression ||
    parent.kind === SyntaxKind.PropertyAssignment ||
    parent.kind === SyntaxKind.PropertySignature ||
    parent.kind === SyntaxKind.PropertyDeclaration ||
    parent.kind === SyntaxKind.MethodDeclaration ||
    parent.kind === SyntaxKind.MethodSignature;
  return isMember && "name" in parent && parent.name === node;
}

/** `Math.random` for the `Math` in it, so that the rest of a global may be used. */
function nameOf(node: Node): string {
  const { parent } = node;
  const isOwner =
    parent.kind === SyntaxKind.PropertyAccessExpression &&
    "expression" in parent &&
    parent.expression === node &&
    "name" in parent;
  const whole = isOwner ? `${textOf(node)}.${textOf(parent.name as Node)}` : "";
  return whole === "Math.random" ? whole : textOf(node);
}

/** Leaves out what is declared in the project itself. */
async function keepGlobals(project: Project, nodes: readonly Node[]): Promise<string[]> {
  if (nodes.length === 0) return [];
  const symbols = await project.checker.getSymbolAtLocation(nodes);
  const names = nodes.filter((_, index) => {
    const declarations = symbols[index]?.declarations ?? [];
    return !declarations.some(({ path }) => isOwn(path));
  });
  return [...new Set(names.map(nameOf))];
}

function isOwn(path: string): boolean {
  return path.startsWith(PROJECT) && !path.startsWith(`${PROJECT}node_modules/`);
}
