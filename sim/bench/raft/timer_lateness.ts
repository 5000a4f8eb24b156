/**
 * How late a 5 ms timer is beside a member that is under full write load, with the storage in a Worker
 * and without. A cluster of one, so that all there is to wait for is its own disk.
 */
import type { BenchRow } from "../row.ts";
import { withDirectory } from "./cluster.ts";
import type { Lateness } from "./lateness.ts";
import { startPhiCluster } from "./phi_cluster.ts";

const SECONDS = 3;
const PROPOSERS = 64;

export async function benchTimerLateness(): Promise<BenchRow[]> {
  const inWorker = await measure({ inThread: false, proposers: PROPOSERS });
  const inThread = await measure({ inThread: true, proposers: PROPOSERS });
  const idle = await measure({ inThread: false, proposers: 0 });
  return [
    row(
      `5 ms timer beside ${rateOf(inWorker)} commits/s, storage in its Worker: late by`,
      inWorker,
    ),
    row(`the same beside ${rateOf(inThread)} commits/s, storage in the timer's thread`, inThread),
    row("the same beside no commits", idle),
  ];
}

async function measure(how: { inThread: boolean; proposers: number }): Promise<Lateness> {
  const { inThread, proposers } = how;
  return withDirectory(async (directory) => {
    const cluster = await startPhiCluster({ directory, members: ["a"], inThread });
    try {
      const response = await fetch(`http://127.0.0.1:${await cluster.leaderPort()}/lateness`, {
        method: "POST",
        body: JSON.stringify({ proposers, seconds: SECONDS }),
      });
      return (await response.json()) as Lateness;
    } finally {
      await cluster.stop();
    }
  });
}

function row(what: string, { p50Ms, p99Ms, maxMs }: Lateness): BenchRow {
  const measured = `p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)}, max ${maxMs.toFixed(1)} ms`;
  return { what, measured, toReach: "" };
}

function rateOf({ commitsPerSecond }: Lateness): string {
  return commitsPerSecond.toFixed(0);
}
