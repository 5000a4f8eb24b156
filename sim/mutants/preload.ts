/**
 * `PHI_MUTANT='{"file":...}' bun --preload sim/mutants/preload.ts ...` runs anything with that change in it: the
 * changed text takes the file's place as the module loads; nothing on disk changes.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { mutated, type Mutant } from "./mutants_of.ts";

export interface MutantOf extends Mutant {
  /** From the project's root. */
  readonly file: string;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const mutant = JSON.parse(process.env["PHI_MUTANT"] ?? "null") as MutantOf | null;
if (mutant === null) throw new Error("PHI_MUTANT is not set");
const path = join(resolve(import.meta.dir, "../.."), mutant.file);
Bun.plugin({
  name: "mutant",
  setup(build) {
    build.onLoad({ filter: new RegExp(`^${RegExp.escape(path)}$`, "u") }, () => {
      return { contents: mutated(readFileSync(path, "utf8"), mutant), loader: "ts" };
    });
  },
});
