/** The sum of many runs: what a batch of seeds went through, and which of them failed. */
import { Coverage, PATHS } from "./coverage.ts";
import type { RunResult } from "./run.ts";

/** Some 0.5 % are too tangled to be judged. When it is far more, the judge is at fault, and nothing else would tell. */
const MAX_UNJUDGED_SHARE = 0.02;
/** Of fewer seeds, that many may be unjudged by chance. */
const MIN_JUDGED_SEEDS = 500;

export interface FailedSeed {
  readonly seed: number;
  readonly invariant: string;
  readonly report: string;
}

/** A tally as it crosses between threads. */
export interface TallyData {
  readonly seeds: number;
  readonly events: number;
  readonly virtualUs: number;
  readonly operations: number;
  readonly unknownOutcomes: number;
  readonly unjudged: number;
  /** The longest of all runs. */
  readonly recoveryTicks: number;
  readonly failures: readonly FailedSeed[];
  /** By place in `PATHS`. */
  readonly paths: readonly number[];
}

export class Tally {
  #sum: TallyData = {
    seeds: 0,
    events: 0,
    virtualUs: 0,
    operations: 0,
    unknownOutcomes: 0,
    unjudged: 0,
    recoveryTicks: 0,
    failures: [],
    paths: PATHS.map(() => 0),
  };

  get data(): TallyData {
    return this.#sum;
  }

  get coverage(): Coverage {
    return Coverage.of(this.#sum.paths);
  }

  /** The failed seeds, in ascending order. */
  get failures(): readonly FailedSeed[] {
    return this.#sum.failures.toSorted((left, right) => left.seed - right.seed);
  }

  addRun({ seed, failure, coverage, ...run }: RunResult): void {
    const failures = failure === undefined ? [] : [{ seed, ...failure }];
    this.add({ ...run, seeds: 1, failures, paths: coverage.counts });
  }

  add(other: TallyData): void {
    const sum = this.#sum;
    this.#sum = {
      seeds: sum.seeds + other.seeds,
      events: sum.events + other.events,
      virtualUs: sum.virtualUs + other.virtualUs,
      operations: sum.operations + other.operations,
      unknownOutcomes: sum.unknownOutcomes + other.unknownOutcomes,
      unjudged: sum.unjudged + other.unjudged,
      recoveryTicks: Math.max(sum.recoveryTicks, other.recoveryTicks),
      failures: [...sum.failures, ...other.failures],
      paths: sum.paths.map((count, place) => count + (other.paths[place] ?? 0)),
    };
  }
}

/** A batch in a few lines, for people. */
export function summaryOf(tally: Tally, seconds: number): string {
  const { seeds, events, virtualUs, operations, unknownOutcomes, unjudged } = tally.data;
  const { recoveryTicks } = tally.data;
  const { coverage } = tally;
  const changes =
    coverage.count("learner added") +
    coverage.count("learner promoted") +
    coverage.count("member removed") +
    coverage.count("member moved");
  const installed =
    coverage.count("snapshot installed on a follower with a log") +
    coverage.count("snapshot installed on a new member");
  const rows: readonly (readonly [string, number])[] = [
    ["seeds", seeds],
    ["seeds a minute", (seeds * 60) / seconds],
    ["events", events],
    ["events a second", events / seconds],
    ["virtual hours", virtualUs / 3.6e9],
    ["elections", coverage.count("election")],
    ["crashes", coverage.count("crash")],
    ["snapshots installed", installed],
    ["membership changes", changes],
    ["transfers", coverage.count("transfer completed")],
    ["client operations", operations],
    ["unknown outcomes", unknownOutcomes],
    ["histories not judged", unjudged],
    ["slowest recovery, ticks", recoveryTicks],
    ["failed seeds", tally.failures.length],
  ];
  return rows.map(([name, count]) => `${name.padEnd(24)} ${numeral(count)}`).join("\n");
}

/** How often each path was taken. */
export function coverageOf({ coverage }: Tally): string {
  return PATHS.map((path) => `${numeral(coverage.count(path))}  ${path}`).join("\n");
}

/** A line for each invariant that was broken, with the seeds, as far as they fit; and one if too little was judged. */
export function failuresOf({ failures, data }: Tally): readonly string[] {
  const most = 20;
  const broken = [...Map.groupBy(failures, ({ invariant }) => invariant)].map(
    ([invariant, failed]) => {
      const seeds = failed.slice(0, most).map(({ seed }) => seed);
      const rest = failed.length > most ? ` and ${failed.length - most} more` : "";
      return `FAILED ${invariant}: seed ${seeds.join(", ")}${rest}`;
    },
  );
  const { seeds, unjudged } = data;
  const isTooLittle = seeds >= MIN_JUDGED_SEEDS && unjudged > MAX_UNJUDGED_SHARE * seeds;
  const line = `FAILED histories are judged: ${unjudged} of ${seeds} were not`;
  return isTooLittle ? [...broken, line] : broken;
}

function numeral(count: number): string {
  return Math.round(count).toLocaleString("en").padStart(14);
}
