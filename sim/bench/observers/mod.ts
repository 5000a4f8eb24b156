/**
 * What `make bench` says of the observers: what comparing costs at rest, how long it holds the loop, and whom it
 * wakes while one of three is in trouble.
 */
import { runScript } from "../child.ts";
import type { BenchRow } from "../row.ts";
import { benchTroubles } from "./troubles.ts";

const TARGETS = 10_000;
const SECONDS = 20;
const MANY_TARGETS = 100_000;

interface AtRest {
  readonly coreShare: number;
  readonly fullViewBytes: number;
}

interface LongestHold {
  readonly telling: number;
  readonly hearing: number;
  readonly judging: number;
}

export async function benchObservers(): Promise<BenchRow[]> {
  const rest = await run<AtRest>("at_rest.ts", TARGETS, SECONDS);
  const hold = await run<LongestHold>("longest_hold.ts", MANY_TARGETS);
  return [
    {
      what: `combined verdicts of ${TARGETS} targets by 5 observers at rest, each`,
      measured: `${(rest.coreShare * 100).toFixed(2)} % of a core`,
      toReach: "<= 2.00 %",
      isReached: rest.coreShare <= 0.02,
    },
    {
      what: `full view of ${TARGETS} targets`,
      measured: `${(rest.fullViewBytes / 1_000).toFixed(1)} KB`,
      toReach: "<= 300.0 KB",
      isReached: rest.fullViewBytes > 0 && rest.fullViewBytes <= 300_000,
    },
    holdRow("tells all it sees", hold.telling),
    holdRow("hears all that four others see", hold.hearing),
    holdRow("judges all of them anew", hold.judging),
    ...(await benchTroubles()),
  ];
}

function holdRow(what: string, ms: number): BenchRow {
  return {
    what: `longest turn of the loop, ${MANY_TARGETS} targets: it ${what}`,
    measured: `${ms.toFixed(1)} ms`,
    toReach: "<= 5.0 ms",
    isReached: ms <= 5,
  };
}

async function run<Result>(script: string, ...args: readonly number[]): Promise<Result> {
  return JSON.parse(await runScript(`observers/${script}`, ...args.map(String))) as Result;
}
