/** All small changes of the Raft core, each with the name by which the journal knows it. */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { nameOf } from "./journal.ts";
import { FOLDER, ROOT } from "./judge.ts";
import { mutantsOf } from "./mutants_of.ts";
import type { MutantOf } from "./preload.ts";

export interface Named extends MutantOf {
  readonly name: string;
}

const isTest = (name: string) => /_test$|^_test|_bench$/u.test(name);

export function coreMutants(): readonly Named[] {
  const files = [...new Glob(`${FOLDER}/**/*.ts`).scanSync(ROOT)].toSorted();
  return files.flatMap((file) => {
    const name = basename(file, ".ts");
    if (isTest(name) || name === "mod") return [];
    const source = readFileSync(join(ROOT, file), "utf8");
    const mutants = mutantsOf(source).map((mutant) => ({ file, ...mutant }));
    return mutants.map((mutant) => ({ ...mutant, name: nameOf(mutant, source) }));
  });
}

/** Whether `wanted`, `log` or `log:88`, means it. */
export function isMeantBy(wanted: string, { file, line }: MutantOf): boolean {
  const name = basename(file, ".ts");
  return wanted === name || wanted === `${name}:${line}`;
}
