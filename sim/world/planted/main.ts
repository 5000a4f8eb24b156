/**
 * `make planted-bugs`: plants each bug in turn, runs seeds from a fixed base until one finds it, or the tests
 * that have to, and prints the table of `docs/raft.md`. Exit 1 if any is not found: then nobody looks
 * there, and the silence on the true code says nothing.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { PlantedBug } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";

const BASE_SEED = 1;
/** More than the hardest needs, so that a change of the product does not hide one by chance. */
const MAX_SEEDS = 4_000;

/** So many that none of them hits a narrow window by bad luck alone: the first that does ends it. */
const POWER_CUTS = 4_000;

const ROOT = join(import.meta.dir, "../../..");
const PRELOAD = join(import.meta.dir, "preload.ts");

interface Found {
  readonly isFound: boolean;
  /** How many seeds it took, or which tests. */
  readonly after: string;
  /** The invariant that broke, or the test that failed. */
  readonly by: string;
}

/** What `sim/world/main.ts --json` prints. */
interface Search {
  readonly seedsRun: number;
  readonly failedSeed: string | number | undefined;
  readonly invariant: string | undefined;
}

interface Output {
  readonly output: string;
  readonly errors: string;
}

/** What a command of Bun's prints with the bug in it. */
async function runWith({ name }: PlantedBug, command: readonly string[]): Promise<Output> {
  const child = Bun.spawn({
    cmd: [process.execPath, ...command],
    cwd: ROOT,
    // By the environment, so that it is in what a test runs as well.
    env: {
      ...process.env,
      PHI_PLANTED_BUG: name,
      BUN_OPTIONS: `--preload=${PRELOAD}`,
      POWER_CUTS: String(POWER_CUTS),
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { output, errors };
}

async function search(bug: PlantedBug): Promise<Found> {
  if (bug.test !== undefined) return await searchByTests(bug, bug.test);
  const { name } = bug;
  const options = `--seeds ${MAX_SEEDS} --base ${BASE_SEED} --workers 1 --stop-at-first --json`;
  const script = join(import.meta.dir, "../main.ts");
  const { output, errors } = await runWith(bug, [script, ...options.split(" ")]);
  const line = output.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`The search for ${name} failed: ${errors || output}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { seedsRun, failedSeed, invariant } = JSON.parse(line) as Search;
  return { isFound: failedSeed !== undefined, after: `${seedsRun}`, by: invariant ?? "" };
}

/** The first test that fails. One that cannot be loaded finds nothing. */
async function searchByTests(bug: PlantedBug, path: string): Promise<Found> {
  const options = ["test", "--timeout=60000", "--bail=1", `./${path}`];
  const { output, errors } = await runWith(bug, options);
  const failed = /^\(fail\) (.*?)(?: \[[\d.]+ms\])?$/mu.exec(errors + output)?.[1];
  const isFound = failed !== undefined && failed !== "(unnamed)";
  return { isFound, after: "its tests", by: failed ?? "" };
}

function tableRow({ name, breaks }: PlantedBug, { isFound, after, by }: Found): string {
  return `| ${name} | ${breaks} | ${isFound ? after : `**not found** by ${after}`} | ${by} |`;
}

/** Runs the searches, as many at once as there are cores, and gives their results in order. */
async function searchAll(bugs: readonly PlantedBug[]): Promise<readonly Found[]> {
  const results: Found[] = [];
  const waiting = [...bugs.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, bug] = next;
      const result = await search(bug);
      results[place] = result;
      console.error(`${bug.name}: ${result.isFound ? result.after : "NOT FOUND"}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PLANTED_BUGS.some((bug) => bug.name === name));
if (unknown.length > 0) {
  console.error(`There is no planted bug ${unknown.join(", ")}. There are:`);
  for (const { name } of PLANTED_BUGS) console.error(`  ${name}`);
  process.exit(2);
}
const bugs = PLANTED_BUGS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const results = await searchAll(bugs);
console.log("| bug | what goes wrong | seeds until found | found by |\n|---|---|---|---|");
for (const [place, bug] of bugs.entries()) console.log(tableRow(bug, results[place]!));
process.exit(results.every(({ isFound }) => isFound) ? 0 : 1);
