/**
 * `make planted-bugs`: plants each bug in turn, runs seeds from a fixed base until one finds it, and
 * prints the table of `docs/raft.md`. Exit 1 if any is not found: then the simulator does not look
 * there, and its silence on the true code says nothing.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { PlantedBug } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";

const BASE_SEED = 1;
/** More than the hardest needs, so that a change of the product does not hide one by chance. */
const MAX_SEEDS = 4_000;

/** What `sim/world/main.ts --json` prints. */
interface Search {
  readonly seedsRun: number;
  readonly failedSeed: string | number | undefined;
  readonly invariant: string | undefined;
}

async function search({ name }: PlantedBug): Promise<Search> {
  const options = `--seeds ${MAX_SEEDS} --base ${BASE_SEED} --workers 1 --stop-at-first --json`;
  const child = Bun.spawn({
    cmd: [
      process.execPath,
      "--preload",
      join(import.meta.dir, "preload.ts"),
      join(import.meta.dir, "../main.ts"),
      ...options.split(" "),
    ],
    env: { ...process.env, PHI_PLANTED_BUG: name },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const line = output.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`The search for ${name} failed: ${errors || output}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(line) as Search;
}

function tableRow(
  { name, breaks }: PlantedBug,
  { seedsRun, failedSeed, invariant }: Search,
): string {
  const found = failedSeed === undefined ? `**not found** in ${seedsRun}` : `${seedsRun}`;
  return `| ${name} | ${breaks} | ${found} | ${invariant ?? ""} |`;
}

/** Runs the searches, as many at once as there are cores, and gives their results in order. */
async function searchAll(bugs: readonly PlantedBug[]): Promise<readonly Search[]> {
  const results: Search[] = [];
  const waiting = [...bugs.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, bug] = next;
      const result = await search(bug);
      results[place] = result;
      const seeds = result.failedSeed === undefined ? "NOT FOUND" : `${result.seedsRun} seeds`;
      console.error(`${bug.name}: ${seeds}`);
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
process.exit(results.every(({ failedSeed }) => failedSeed !== undefined) ? 0 : 1);
