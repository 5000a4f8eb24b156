/** What `make bench` says of the Raft: commits beside etcd's, what they do to a timer, the simulator. */
import type { BenchRow } from "../row.ts";
import { benchCommits } from "./commits.ts";
import { benchSimulation } from "./simulation.ts";
import { benchTimerLateness } from "./timer_lateness.ts";

export async function benchRaft(): Promise<BenchRow[]> {
  // One after the other: they must not disturb each other.
  const commits = await benchCommits();
  const lateness = await benchTimerLateness();
  return [...commits, ...lateness, ...(await benchSimulation())];
}
