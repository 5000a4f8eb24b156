/**
 * `make mutants`: makes each small change of the Raft core in turn and has it judged: its tests and the simulator
 * have to notice. What nobody notices is either nothing that matters, and then stands in
 * `explained.ts` with why, or a hole in the tests. Prints the survivors; exit 1 if any is not explained, or if one could
 * not be judged, 2 if misused. The files are to be left alone while it runs.
 * Arguments name some of the files, or lines of them (`log`, `log:88`), for who wants no more; `--resume` takes
 * from the journal what was judged before.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { endChildrenAtExit } from "../own_children.ts";
import { coreMutants, isMeantBy, type Named } from "./core_mutants.ts";
import { explanationOf, staleAmong } from "./explained.ts";
import { commitNow, type Judged, note, readJournal } from "./journal.ts";
import { FOLDER, type Outcome, runAllTests, runSimulator, runTests, SEEDS } from "./judge.ts";
import type { MutantOf } from "./preload.ts";

function refuse(why: string): never {
  console.error(`${why}\nusage: bun sim/mutants/main.ts [--resume] [FILE | FILE:LINE]...`);
  process.exit(2);
}

function readArguments() {
  try {
    const options = { resume: { type: "boolean", default: false } } as const;
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals: wanted } = readArguments();
const all = coreMutants();
for (const one of wanted) {
  if (!all.some((mutant) => isMeantBy(one, mutant))) {
    refuse(
      `No change of ${FOLDER} is in ${JSON.stringify(one)}: name a file as "log", or a line of it as "log:88"`,
    );
  }
}
const mutants = all.filter(
  (mutant) => wanted.length === 0 || wanted.some((one) => isMeantBy(one, mutant)),
);
endChildrenAtExit();

const journal = values.resume ? readJournal() : new Map<string, Judged>();
const verdicts = new Map<Named, Judged>();
for (const mutant of mutants) {
  const judged = journal.get(mutant.name);
  if (judged !== undefined && judged.fate !== "unknown") verdicts.set(mutant, judged);
}

function describe({ file, line, before, after }: MutantOf): string {
  const change =
    after === "" ? `without "${before.trim()}"` : `"${before.trim()}" -> "${after.trim()}"`;
  return `${file}:${line} ${change}`;
}

/** Judges all that wait for it, so many at a time as there are processors. */
async function judgeAll(
  waits: (fate: Judged["fate"] | undefined) => boolean,
  run: (mutant: MutantOf) => Promise<Outcome>,
  fates: { quiet: Judged["fate"]; noticed: Judged["fate"] },
): Promise<void> {
  const waiting = mutants.filter((mutant) => waits(verdicts.get(mutant)?.fate));
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const by = await run(next);
      const fate = by === "quiet" ? fates.quiet : by === "unknown" ? by : fates.noticed;
      const judged = { change: next.name, commit: commitNow(), fate, by };
      note(judged);
      verdicts.set(next, judged);
      if (by === "quiet" || by === "unknown") console.error(`${fate}: ${describe(next)}`);
      if (waiting.length % 50 === 0) console.error(`${waiting.length} to go`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** No change at all: who notices that would notice anything. */
const none = { file: `${FOLDER}/core.ts`, line: 1, place: 0, before: "", after: "" };
for (const run of [runAllTests, runSimulator]) {
  if ((await run(none)) === "quiet") continue;
  console.error("Cannot judge any change: the tests or the simulator fail without one");
  process.exit(1);
}

// The quick ones first: most is noticed by the tests.
const isNew = (fate?: string) => fate === undefined;
await judgeAll(isNew, runTests, { quiet: "untold", noticed: "tests" });
const isUntold = (fate?: string) => fate === "untold";
await judgeAll(isUntold, runSimulator, { quiet: "survived", noticed: "simulator" });

const count = (matches: (judged: Judged) => boolean) =>
  [...verdicts.values()].filter(matches).length;
const survivors = mutants.filter((mutant) => verdicts.get(mutant)!.fate === "survived");
const unknown = mutants.filter((mutant) => verdicts.get(mutant)!.fate === "unknown");
const stale = staleAmong(all);
const unexplained = survivors.filter((mutant) => explanationOf(mutant) === undefined);
console.log(
  `${mutants.length} changes of ${FOLDER}: ${count(({ fate }) => fate === "tests")} noticed by its tests, ` +
    `${count(({ fate }) => fate === "simulator")} by ${SEEDS} seeds of the simulator, ${survivors.length} by nobody, ` +
    `of which ${unexplained.length} are not explained`,
);
console.log(
  `${count(({ by }) => by === "cpu")} of those noticed computed without end; ` +
    `${count(({ by }) => by === "wall")} were given up by the wall clock, which may mean nothing`,
);
for (const commit of new Set([...verdicts.values()].map((judged) => judged.commit))) {
  console.log(`${count((judged) => judged.commit === commit)} judged at ${commit}`);
}
for (const mutant of survivors) {
  console.log(`${describe(mutant)}: ${explanationOf(mutant) ?? "NOT EXPLAINED"}`);
}
for (const mutant of unknown) {
  console.log(`${describe(mutant)}: UNKNOWN, it was killed from outside; --resume judges it again`);
}
for (const { file, line } of stale) {
  console.log(`explained.ts speaks of a change that is not there: ${file}: ${line}`);
}
process.exit(unexplained.length + unknown.length + stale.length === 0 ? 0 : 1);
