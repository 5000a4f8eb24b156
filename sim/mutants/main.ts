/**
 * `make mutants`: makes each small change of the Raft core in turn and runs its tests, and then so many seeds of the
 * simulator, until one of them notices. What nobody notices is either nothing that matters, and then stands in
 * `explained.ts` with why, or a hole in the tests. Prints the survivors; exit 1 if any is not explained.
 * Arguments name some of the files, for who wants no more.
 */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";
import { explanationOf } from "./explained.ts";
import { mutantsOf } from "./mutants_of.ts";
import type { MutantOf } from "./preload.ts";

const ROOT = resolve(import.meta.dir, "../..");
const FOLDER = "src/raft";
const PRELOAD = join(import.meta.dir, "preload.ts");
/** Those that the tests have not noticed: one that hangs is noticed, too. */
const SEEDS = 150;
const TESTS_WITHIN_MS = 60_000;
const SEEDS_WITHIN_MS = 180_000;

type Fate = "tests" | "simulator" | "survived";

function sources(wanted: readonly string[]): string[] {
  const found = [...new Glob(`${FOLDER}/*.ts`).scanSync(ROOT)].toSorted();
  return found.filter((file) => {
    const name = basename(file, ".ts");
    const isTest = name.endsWith("_test") || name.startsWith("_test");
    return !isTest && name !== "mod" && (wanted.length === 0 || wanted.includes(name));
  });
}

/** Whether a command of Bun's ends well with the change in it, and in time. */
async function isQuiet(
  mutant: MutantOf,
  command: readonly string[],
  withinMs: number,
): Promise<boolean> {
  const child = Bun.spawn({
    cmd: [process.execPath, ...command],
    cwd: ROOT,
    env: {
      ...process.env,
      PHI_MUTANT: JSON.stringify(mutant),
      BUN_OPTIONS: `--preload=${PRELOAD}`,
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    timeout: withinMs,
    killSignal: "SIGKILL",
  });
  return (await child.exited) === 0;
}

async function fateOf(mutant: MutantOf): Promise<Fate> {
  const tests = ["test", "--timeout=20000", "--bail=1", `./${FOLDER}`];
  if (!(await isQuiet(mutant, tests, TESTS_WITHIN_MS))) return "tests";
  const options = `--seeds ${SEEDS} --base 1 --workers 1 --stop-at-first --json`.split(" ");
  const simulator = ["sim/world/main.ts", ...options];
  if (!(await isQuiet(mutant, simulator, SEEDS_WITHIN_MS))) return "simulator";
  return "survived";
}

const mutants = sources(process.argv.slice(2)).flatMap((file): MutantOf[] => {
  return mutantsOf(readFileSync(join(ROOT, file), "utf8")).map((mutant) => ({ file, ...mutant }));
});
const fates = new Map<MutantOf, Fate>();
const waiting = [...mutants];

function describe({ file, line, before, after }: MutantOf): string {
  const change =
    after === "" ? `without "${before.trim()}"` : `"${before.trim()}" -> "${after.trim()}"`;
  return `${file}:${line} ${change}`;
}

const worker = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const fate = await fateOf(next);
    fates.set(next, fate);
    const counted = `${fates.size}/${mutants.length}`;
    if (fate === "survived") console.error(`${counted} survived: ${describe(next)}`);
    else if (fates.size % 50 === 0) console.error(counted);
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, worker));

const countOf = (fate: Fate) => [...fates.values()].filter((each) => each === fate).length;
const survivors = mutants.filter((mutant) => fates.get(mutant) === "survived");
const unexplained = survivors.filter((mutant) => explanationOf(mutant) === undefined);
console.log(
  `${mutants.length} changes of ${FOLDER}: ${countOf("tests")} noticed by its tests, ` +
    `${countOf("simulator")} by ${SEEDS} seeds of the simulator, ${survivors.length} by nobody, ` +
    `of which ${unexplained.length} are not explained`,
);
for (const mutant of survivors) {
  console.log(`${describe(mutant)}: ${explanationOf(mutant) ?? "NOT EXPLAINED"}`);
}
process.exit(unexplained.length === 0 ? 0 : 1);
