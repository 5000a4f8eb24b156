/**
 * What a leader knows of one follower, and how freely it may send to it. `probe`: where the logs agree
 * is not known, so one append at a time. `replicate`: it follows, so appends are sent ahead of their
 * answers, up to a bound. `snapshot`: it is behind the log's first entry, and waits for a snapshot.
 */
import { assert } from "./assert.ts";

export type ProgressState = "probe" | "replicate" | "snapshot";

export class Progress {
  state: ProgressState = "probe";
  /** The follower's log is the leader's, durably, up to here. Invariant: never falls. */
  #matchIndex = 0;
  /** The next entry to send. Invariant: > matchIndex. */
  #nextIndex: number;
  /** In `probe`: an append is out, and no other goes before an answer or a heartbeat's answer. */
  #isProbing = false;
  /** In `replicate`: the last index of each append that is out, in order. */
  #inflight: number[] = [];
  /** When it was last heard of, in the leader's ticks. */
  lastHeardTick: number;
  /** The snapshot that it waits for; in `snapshot` only. */
  snapshotIndex = 0;
  /** No snapshot goes to it before this tick: the last one did not get through. */
  nextSnapshotTick = 0;
  /** The latest heartbeat round that it answered. */
  ackedRound = 0;
  /** The commit index that it was last told with an append; a heartbeat may have told it more. */
  toldCommit = 0;

  constructor(nextIndex: number, nowTick: number) {
    this.#nextIndex = nextIndex;
    this.lastHeardTick = nowTick;
  }

  get matchIndex(): number {
    return this.#matchIndex;
  }
  get nextIndex(): number {
    return this.#nextIndex;
  }
  get inflightBatches(): number {
    return this.#inflight.length;
  }

  /** Whether nothing more may be sent for now. */
  isPaused(maxInflightBatches: number): boolean {
    switch (this.state) {
      case "probe":
        return this.#isProbing;
      case "replicate":
        return this.#inflight.length >= maxInflightBatches;
      case "snapshot":
        return true;
    }
  }

  /** An append that ends at `lastIndex` is out; `isEmpty` if it carries no entries. */
  sent(lastIndex: number, isEmpty: boolean): void {
    if (this.state === "probe") this.#isProbing = true;
    if (this.state !== "replicate" || isEmpty) return;
    assert(lastIndex >= this.#nextIndex, "entries are sent in order");
    this.#nextIndex = lastIndex + 1;
    this.#inflight.push(lastIndex);
  }

  /** The follower agrees up to `index`. */
  matched(index: number): void {
    this.#inflight = this.#inflight.filter((lastIndex) => lastIndex > index);
    this.#nextIndex = Math.max(this.#nextIndex, index + 1);
    this.#matchIndex = Math.max(this.#matchIndex, index);
  }

  /**
   * The follower does not agree at `rejectedIndex`, but may at `hintIndex`. Whether that is news: an
   * answer to an append that was overtaken since is not.
   */
  rejected(rejectedIndex: number, hintIndex: number): boolean {
    if (this.state === "snapshot" || rejectedIndex <= this.#matchIndex) return false;
    if (this.state === "replicate") {
      this.probeFrom();
      return true;
    }
    if (rejectedIndex !== this.#nextIndex - 1) return false;
    this.probeFrom(Math.min(rejectedIndex, hintIndex + 1));
    return true;
  }

  /** Starts looking for where the logs agree, at `nextIndex`, and never before what is known to match. */
  probeFrom(nextIndex = 0): void {
    this.state = "probe";
    this.#nextIndex = Math.max(nextIndex, this.#matchIndex + 1);
    this.#isProbing = false;
    this.#inflight = [];
  }

  /** Follows from what matches on. */
  replicate(): void {
    this.state = "replicate";
    this.#nextIndex = this.#matchIndex + 1;
    this.#inflight = [];
  }

  awaitSnapshot(index: number): void {
    this.state = "snapshot";
    this.snapshotIndex = index;
    this.#inflight = [];
  }

  /** Waits for a sign of life before the next append. */
  holdProbe(): void {
    if (this.state === "probe") this.#isProbing = true;
  }

  /** It lives: a probe that was held back may be tried again. */
  resume(): void {
    this.#isProbing = false;
  }
}
