/**
 * Which files a program is made of: a test that never loads a changed file cannot notice the change, and
 * need not run.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const transpiler = new Bun.Transpiler({ loader: "ts" });

/** The file and all that it imports, directly or not, as absolute paths. Imports of types load nothing. */
export function loadedBy(file: string, found = new Set<string>()): Set<string> {
  const path = resolve(file);
  if (found.has(path)) return found;
  found.add(path);
  for (const imported of transpiler.scanImports(readFileSync(path, "utf8"))) {
    if (imported.path.startsWith(".")) loadedBy(resolve(dirname(path), imported.path), found);
  }
  return found;
}
