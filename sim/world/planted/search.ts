/**
 * Looks for a planted bug where it has to be found: a bug in, what found it out. What fails for another reason, such
 * as an edit that names what is gone from the product, or a test that is slow, has found nothing.
 */
import { join } from "node:path";
import { endWithUs } from "../../own_children.ts";
import { atOnce } from "./at_once.ts";
import { NO_BUG, type PlantedBug, type TestCase } from "./bug.ts";

/** More than the hardest needs, so that a change of the product does not hide one by chance. */
const MAX_SEEDS = 4_000;
/** So many that none of them hits a narrow window by bad luck alone: the first that does ends it. */
const MAX_POWER_CUTS = 5_000;
/** How much has to pass without a bug. */
const SOUND_SEEDS = 100;
const SOUND_POWER_CUTS = 100;

const ROOT = join(import.meta.dir, "../../..");
const PRELOAD = join(import.meta.dir, "preload.ts");
const SIMULATOR = join(import.meta.dir, "../main.ts");

export interface Found {
  /** How many seeds it took, or that it was a test. */
  readonly after: string;
  /** The invariant that broke, or the test that failed; undefined if all went well. */
  readonly by: string | undefined;
  readonly isExpected: boolean;
}

/** What `sim/world/main.ts --json` prints. */
interface Search {
  readonly seedsRun: number;
  readonly invariant?: string;
}

export async function search(bug: PlantedBug): Promise<Found> {
  const { foundBy } = bug;
  if ("file" in foundBy) return testWith(bug, foundBy, MAX_POWER_CUTS);
  const { seedsRun, invariant } = await simulateWith(bug, MAX_SEEDS);
  const isExpected = invariant !== undefined && foundBy.includes(invariant);
  return { after: `${seedsRun}`, by: invariant, isExpected };
}

/** What fails of the first of these seeds, and of the tests, with no bug at all: it would find anything. */
export async function failuresWithoutBug(tests: readonly TestCase[]): Promise<readonly string[]> {
  const unique = new Map(tests.map((each) => [`${each.file} ${each.test}`, each]));
  const failures = await atOnce([undefined, ...unique.values()], async (each) =>
    each === undefined
      ? (await simulateWith(NO_BUG, SOUND_SEEDS)).invariant
      : (await testWith(NO_BUG, each, SOUND_POWER_CUTS)).by,
  );
  return failures.filter((failure) => failure !== undefined);
}

async function simulateWith(bug: PlantedBug, seeds: number): Promise<Search> {
  const options = `--seeds ${seeds} --base 1 --workers 1 --stop-at-first --json`;
  const { text } = await runWith(bug, [SIMULATOR, ...options.split(" ")], 0);
  const line = text.split("\n").findLast((each) => each.startsWith("{"));
  if (line === undefined) throw new Error(`The search for ${bug.name} failed: ${text}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(line) as Search;
}

async function testWith(bug: PlantedBug, { file, test }: TestCase, cuts: number): Promise<Found> {
  const pattern = `--test-name-pattern=${RegExp.escape(test)}`;
  const run = await runWith(
    bug,
    ["test", "--timeout=300000", "--bail=1", pattern, `./${file}`],
    cuts,
  );
  return { after: "its test", ...judgeTest(run, test) };
}

/** Of the run of one test, in which no other can fail: whether it did, and for what it was to look at. */
export function judgeTest({ exitCode, text }: Run, test: string): Omit<Found, "after"> {
  const unsound = /^.*(?:\b(?:ReferenceError|SyntaxError): |\btimed out after ).*$/mu.exec(
    text,
  )?.[0];
  const failed = /^\(fail\) (.*?)(?: \[[\d.]+ms\])?$/mu.exec(text)?.[1];
  if (exitCode === 0) return { by: undefined, isExpected: false };
  const by = unsound?.trim() ?? failed ?? `exit code ${exitCode}: ${text.slice(-500)}`;
  return { by, isExpected: unsound === undefined && failed?.includes(test) === true };
}

interface Run {
  readonly exitCode: number;
  /** All that it printed. */
  readonly text: string;
}

/** Runs a command of Bun's with the bug in it. */
async function runWith(bug: PlantedBug, command: readonly string[], cuts: number): Promise<Run> {
  const child = Bun.spawn({
    cmd: [process.execPath, ...command],
    cwd: ROOT,
    detached: true,
    // By the environment, so that it is in what a test runs as well.
    env: {
      ...process.env,
      PHI_PLANTED_BUG: bug.name,
      BUN_OPTIONS: `--preload=${PRELOAD}`,
      POWER_CUTS: `${cuts}`,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  endWithUs(child);
  const [errors, output] = await Promise.all([
    new Response(child.stderr).text(),
    new Response(child.stdout).text(),
  ]);
  return { exitCode: await child.exited, text: `${errors}\n${output}` };
}
