/**
 * Memory and messages under way stay within what the options promise, however slow a follower is and
 * however many ask.
 */
import type { MemberStatus } from "../../../src/raft/mod.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

export interface BoundOptions {
  readonly maxInflightBatches: number;
  readonly maxUncommittedBytes: number;
  readonly maxPendingReads: number;
  /** The largest command of the workload. */
  readonly largestCommandBytes: number;
}

/** What entries that are refused by no bound may add: no-ops, membership changes, flat sums. */
const SLACK_BYTES = 4_096;

export class Bounds {
  readonly #options: BoundOptions;
  /** By the member's number. */
  readonly #lastUncommittedBytes: number[] = [];

  constructor(options: BoundOptions) {
    this.#options = options;
  }

  check({ id, number }: Subject, status: MemberStatus): void {
    const { maxInflightBatches, maxPendingReads } = this.#options;
    for (const peer of status.peers) {
      mustHold(
        peer.inflightBatches <= maxInflightBatches,
        "batches in flight are bounded",
        () => `${id} has ${peer.inflightBatches} on the way to ${peer.id}`,
      );
    }
    // Its own, and as a leader those of the others.
    mustHold(
      status.pendingReads <= 2 * maxPendingReads,
      "pending reads are bounded",
      () => `${id} has ${status.pendingReads}`,
    );
    const lastBytes = this.#lastUncommittedBytes[number] ?? 0;
    this.#lastUncommittedBytes[number] = status.uncommittedBytes;
    // What a new leader finds in its log may be more; but it may not grow beyond the bound.
    if (status.role === "leader" && status.uncommittedBytes > lastBytes) {
      this.#checkUncommitted(id, status.uncommittedBytes, lastBytes);
    }
  }

  #checkUncommitted(id: string, bytes: number, lastBytes: number): void {
    const { maxUncommittedBytes, largestCommandBytes } = this.#options;
    const mostBytes = Math.max(maxUncommittedBytes, lastBytes) + largestCommandBytes + SLACK_BYTES;
    mustHold(
      bytes <= mostBytes,
      "uncommitted bytes are bounded",
      () => `${id} has ${bytes}, and may have ${mostBytes}`,
    );
  }
}
