/**
 * Memory and messages under way stay within what the options promise, however slow a follower is and
 * however many ask.
 */
import { entryBytes, type MemberStatus } from "../../../src/raft/mod.ts";
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

  /** Those under way, as `FROM (LIFE) to TO`. */
  readonly #snapshots = new Set<string>();

  constructor(options: BoundOptions) {
    this.#options = options;
  }

  /** A leader sends a snapshot; what this gives is called when the leader is told how that went. */
  beginSnapshot({ id, life }: Subject, to: string): () => void {
    const key = `${id} (${life}) to ${to}`;
    mustHold(
      !this.#snapshots.has(key),
      "one snapshot at a time goes to a member",
      () => `${id} sends ${to} another`,
    );
    this.#snapshots.add(key);
    return () => this.#snapshots.delete(key);
  }

  /** The counts on which the bounds stand, against the entries themselves. */
  checkCounts({ id, written }: Subject, status: MemberStatus): void {
    const { commitIndex, logBytes, uncommittedBytes, halted } = status;
    let [allBytes, waitingBytes] = [0, 0];
    for (const entry of written.entries) {
      allBytes += entryBytes(entry);
      if (entry.index > commitIndex) waitingBytes += entryBytes(entry);
    }
    mustHold(
      halted !== undefined || (logBytes === allBytes && uncommittedBytes === waitingBytes),
      "bytes are counted",
      () => `${id} counts ${logBytes}/${uncommittedBytes}; there are ${allBytes}/${waitingBytes}`,
    );
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
