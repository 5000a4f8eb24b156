/** What a member of the cluster is told once, and the bounds it keeps. All times are counts of ticks. */
import type { Random } from "../port.ts";
import type { NodeId } from "./entry.ts";

export interface RaftOptions {
  /** Messages of another cluster are refused. */
  readonly clusterId: string;
  readonly id: NodeId;
  /** Spreads election timeouts, so that split votes are rare (Raft §5.2). */
  readonly random: Random;
  /**
   * A follower that hears nothing for this long, and up to as much again, asks for an election; a
   * leader that no quorum answered for this long steps down. Fewer: quicker recovery, and more needless
   * elections on a slow network. > heartbeatTicks. Default 10.
   */
  readonly electionTicks?: number;
  /** How often a leader shows that it lives. Default 1. */
  readonly heartbeatTicks?: number;
  /** How much one append message, or one apply effect, carries; one entry may be larger. Default 64 KiB. */
  readonly maxBatchBytes?: number;
  /**
   * Append messages under way to one follower. More: throughput over long distances; fewer: entries
   * that wait gather into larger batches. Default 8.
   */
  readonly maxInflightBatches?: number;
  /** New proposals are refused while this much waits to be committed. Default 32 MiB. */
  readonly maxUncommittedBytes?: number;
  /** The largest command that is taken. Default 16 MiB. */
  readonly maxCommandBytes?: number;
  /** Reads that wait for their confirmation; more are refused. Default 1024. */
  readonly maxPendingReads?: number;
  /** How far behind the leader's log a learner may be when it is made a voter. Default 64. */
  readonly maxPromotionLagEntries?: number;
}

/** All options, with the defaults filled in. Throws `RangeError` for what cannot work. */
export function completeOptions(options: RaftOptions): Required<RaftOptions> {
  const complete = {
    electionTicks: 10,
    heartbeatTicks: 1,
    maxBatchBytes: 65_536,
    maxInflightBatches: 8,
    maxUncommittedBytes: 33_554_432,
    maxCommandBytes: 16_777_216,
    maxPendingReads: 1_024,
    maxPromotionLagEntries: 64,
    ...options,
  };
  for (const [name, value] of Object.entries(complete)) {
    if (typeof value === "number" && !(Number.isSafeInteger(value) && value >= 1)) {
      throw new RangeError(`Cannot create RaftCore: "${name}" must be >= 1, received ${value}`);
    }
  }
  if (complete.heartbeatTicks >= complete.electionTicks) {
    throw new RangeError(
      `Cannot create RaftCore: "electionTicks" must be > "heartbeatTicks", received ` +
        `${complete.electionTicks} and ${complete.heartbeatTicks}`,
    );
  }
  return complete;
}
