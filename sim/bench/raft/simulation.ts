/**
 * How much of the simulated world fits into a time: events, with all invariants looked at after each, and
 * whole seeds. Always the same seeds, so that runs of the bench can be compared.
 */
import { availableParallelism } from "node:os";
import { runBatch } from "../../world/batch.ts";
import type { BenchRow } from "../row.ts";

const BASE = 1;
const SEEDS_PER_CORE = 100;
const TO_REACH_PER_MINUTE_AND_CORE = 1_000;

export async function benchSimulation(): Promise<BenchRow[]> {
  const cores = availableParallelism();
  const one = await measure(1);
  const all = cores === 1 ? one : await measure(cores);
  return [
    {
      what: "simulated events/s on one core, all invariants looked at after each",
      measured: `${one.eventsPerSecond.toFixed(0)}${one.failures}`,
      toReach: "",
    },
    {
      what: `seeds/minute on ${cores} ${cores === 1 ? "core" : "cores"}`,
      measured: `${all.seedsPerMinute.toFixed(0)}${all.failures}`,
      toReach: `>= ${TO_REACH_PER_MINUTE_AND_CORE * cores}`,
      isReached: all.seedsPerMinute >= TO_REACH_PER_MINUTE_AND_CORE * cores,
    },
  ];
}

async function measure(workers: number) {
  const seeds = SEEDS_PER_CORE * workers;
  const startMs = performance.now();
  const batch = { base: BASE, seeds, seconds: Infinity, workers, stopsAtFirst: false };
  const { data, failures } = await runBatch(batch);
  const seconds = (performance.now() - startMs) / 1_000;
  return {
    eventsPerSecond: data.events / seconds,
    seedsPerMinute: (60 * seeds) / seconds,
    failures: failures.length === 0 ? "" : `, ${failures.length} of ${seeds} FAILED`,
  };
}
