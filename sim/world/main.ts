/**
 * `make sim`: runs seeds of the simulated world, or replays one and tells its story. Progress and
 * failures go to stderr, the story and the summary to stdout; exit 1 if a seed failed, or too few could be judged, 2 if
 * misused.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { freshBase, wholeNumber } from "../arguments.ts";
import { type BatchOptions, runBatch } from "./batch.ts";
import { runSeed } from "./run.ts";
import { coverageOf, failuresOf, summaryOf, type Tally } from "./tally.ts";

const USAGE = `usage: bun sim/world/main.ts [--seed S | --seeds N | --seconds T] [options]
  --seed S         replay one seed and tell its story
  --seeds N        run N seeds (1000 if nothing is given)
  --seconds T      run seeds for so long
  --base B         the first seed; fresh if not given
  --workers W      threads, 1 for none; as many as cores if not given
  --stop-at-first  end at the first failure
  --coverage       print how often each path was taken
  --json           print one line for programs`;

function main(args: readonly string[]): Promise<number> | number {
  let values: Arguments;
  try {
    values = readArguments(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { seed, seconds, json } = values;
  if (seed !== undefined) return replay(seed);
  const options: BatchOptions = {
    base: values.base ?? freshBase(),
    seeds: values.seeds ?? (seconds === undefined ? 1_000 : Infinity),
    seconds: seconds ?? Infinity,
    workers: values.workers ?? availableParallelism(),
    stopsAtFirst: values["stop-at-first"],
    onProgress: progressTo(json),
  };
  return run(options, json, values.coverage);
}

type Arguments = ReturnType<typeof readArguments>;

/** Throws an error whose message says what is wrong with them. */
function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      seconds: { type: "string" },
      base: { type: "string" },
      workers: { type: "string" },
      "stop-at-first": { type: "boolean", default: false },
      coverage: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    ...values,
    seed: wholeNumber("seed", values.seed, 0),
    seeds: wholeNumber("seeds", values.seeds, 1),
    seconds: wholeNumber("seconds", values.seconds, 1),
    base: wholeNumber("base", values.base, 0),
    workers: wholeNumber("workers", values.workers, 1),
  };
}

/** Tells the story of one seed, twice if it has to: a seed that differs from itself is a failure. */
function replay(seed: number): number {
  const result = runSeed(seed, { tell: (line) => console.log(line) });
  const { events, virtualUs, traceHash, operations, unknownOutcomes, failure } = result;
  if (failure !== undefined) console.log(`\n${failure.report}\n`);
  console.log(
    `seed ${seed}: ${failure === undefined ? "passed" : "FAILED"}; ${events} events in ` +
      `${(virtualUs / 1_000).toFixed(0)} virtual ms, ${operations} operations, ` +
      `${unknownOutcomes} of unknown outcome; trace ${traceHash}`,
  );
  return failure === undefined ? 0 : 1;
}

async function run(options: BatchOptions, isJson: boolean, showsPaths: boolean): Promise<number> {
  console.error(`base seed ${options.base}`);
  const startedMs = performance.now();
  const tally = await runBatch(options);
  const seconds = (performance.now() - startedMs) / 1_000;
  const [first] = tally.failures;
  for (const { report, seed } of tally.failures.slice(0, 5)) {
    console.error(`\n${report}\n  replay: make sim SEED=${seed}`);
  }
  const failures = failuresOf(tally);
  if (isJson) {
    const { seeds: seedsRun } = tally.data;
    console.log(JSON.stringify({ seedsRun, failedSeed: first?.seed, invariant: first?.invariant }));
  } else {
    console.log(summaryOf(tally, seconds));
    if (showsPaths) console.log(`\n${coverageOf(tally)}`);
    for (const line of failures) console.log(line);
  }
  return failures.length === 0 ? 0 : 1;
}

/** A line every few seconds. */
function progressTo(isQuiet: boolean): (tally: Tally) => void {
  let nextMs = performance.now() + 5_000;
  return (tally) => {
    const nowMs = performance.now();
    if (isQuiet || nowMs < nextMs) return;
    nextMs = nowMs + 5_000;
    const { seeds, events } = tally.data;
    console.error(`${seeds} seeds, ${events} events, ${tally.failures.length} failed`);
  };
}

process.exitCode = await main(process.argv.slice(2));
