/**
 * Who notices a change: the tests of the Raft core are run with it, the nearest and quickest first, or so many
 * seeds of the simulator, until one of them fails. A change that hangs is noticed too. What is bounded is
 * the processor's time, so that a machine busy with other things makes no difference; the wall clock only ends
 * what neither computes nor ends, and whoever reads the fate is told.
 */
import { Glob } from "bun";
import { endWithUs } from "../own_children.ts";
import { basename, join, resolve } from "node:path";
import { loadedBy } from "./imports.ts";
import type { MutantOf } from "./preload.ts";

export const ROOT = resolve(import.meta.dir, "../..");
export const FOLDER = "src/raft";
export const SEEDS = 150;

/** Some four times what they take unchanged. */
const TESTS_CPU_S = 20;
const SEEDS_CPU_S = 60;
const WALL_MS = 30 * 60_000;
const PRELOAD = join(import.meta.dir, "preload.ts");
const SIMULATOR = "sim/world/main.ts";
const SIMULATED = `--seeds ${SEEDS} --base 1 --workers 1 --stop-at-first --json`.split(" ");

/** Properties of many cases, which take longer than all the others together. */
const SLOW = ["codec", "check_message", "sessions_twin", "hostile_messages"].map(
  (name) => `${FOLDER}/${name}_test.ts`,
);
const TESTS = [...new Glob(`${FOLDER}/**/*_test.ts`).scanSync(ROOT)].toSorted();
/** By program: the files that it loads. A change of any other cannot be noticed by it. */
const LOADED = new Map([...TESTS, SIMULATOR].map((file) => [file, loadedBy(join(ROOT, file))]));

/**
 * `quiet`: nothing was noticed. `unknown`: it was killed from outside, as where memory runs out, which says nothing.
 * The others say how it was noticed: by a failure, or by what ended it.
 */
export type Outcome = "quiet" | "unknown" | "failed" | "cpu" | "wall";

export async function runTests(mutant: MutantOf): Promise<Outcome> {
  return runEach(mutant, testsOf(mutant));
}

/** All the tests, whatever they load. */
export async function runAllTests(mutant: MutantOf): Promise<Outcome> {
  return runEach(mutant, [TESTS.filter((file) => !isSlow(file)), TESTS.filter(isSlow)]);
}

async function runEach(mutant: MutantOf, parts: readonly string[][]): Promise<Outcome> {
  for (const files of parts) {
    if (files.length === 0) continue;
    // A test that waits for ever computes meanwhile: the limit ends it.
    const tests = ["test", `--timeout=${WALL_MS}`, "--bail=1", ...files.map((file) => `./${file}`)];
    const outcome = await run(mutant, tests, TESTS_CPU_S);
    if (outcome !== "quiet") return outcome;
  }
  return "quiet";
}

export async function runSimulator(mutant: MutantOf): Promise<Outcome> {
  if (!isLoadedBy(SIMULATOR, mutant)) return "quiet";
  return run(mutant, [SIMULATOR, ...SIMULATED], SEEDS_CPU_S);
}

/** The tests that load it: those of the same name, the quick ones, the slow ones. */
function testsOf(mutant: MutantOf): readonly string[][] {
  const name = `${basename(mutant.file, ".ts")}_test.ts`;
  const tests = TESTS.filter((file) => isLoadedBy(file, mutant));
  const near = tests.filter((file) => basename(file) === name);
  const others = tests.filter((file) => !near.includes(file));
  return [near, others.filter((file) => !isSlow(file)), others.filter(isSlow)];
}

const isSlow = (file: string) => SLOW.includes(file);

function isLoadedBy(program: string, { file }: MutantOf): boolean {
  return LOADED.get(program)!.has(join(ROOT, file));
}

/** A command of Bun's with the change in it. Of all that runs it is the first to go where memory runs out. */
async function run(mutant: MutantOf, command: readonly string[], cpuS: number): Promise<Outcome> {
  const limited = `ulimit -c 0; ulimit -S -t ${cpuS}; echo 1000 2>/dev/null >/proc/self/oom_score_adj; exec "$@"`;
  const child = Bun.spawn({
    cmd: ["sh", "-c", limited, "sh", process.execPath, ...command],
    cwd: ROOT,
    detached: true,
    env: {
      ...process.env,
      PHI_MUTANT: JSON.stringify(mutant),
      BUN_OPTIONS: `--preload=${PRELOAD}`,
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    timeout: WALL_MS,
    killSignal: "SIGALRM",
  });
  endWithUs(child);
  const code = await child.exited;
  return outcomeOf(code, child.signalCode);
}

export function outcomeOf(code: number, signal: string | number | null): Outcome {
  if (signal === "SIGXCPU") return "cpu";
  if (signal === "SIGALRM") return "wall";
  if (signal === "SIGKILL") return "unknown";
  return code === 0 ? "quiet" : "failed";
}
