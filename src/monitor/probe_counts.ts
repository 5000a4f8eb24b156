/**
 * What one target's probes and intervals came to: counts that only grow, for a scraper that takes differences, and the
 * last failure. A watch is one of these, and the many small counts are cells of one array: an object
 * beside each of a hundred thousand watches would cost more than what is in it. Nothing is held before anything
 * happened. A cell wraps at 2^32, which to a scraper is a counter that started again.
 */
import {
  Alarm,
  PROBE_FAILURE_REASONS,
  type ProbeFailureReason,
  type ProbeOutcome,
} from "../probe/mod.ts";
import {
  CALIBRATION_CELLS,
  calibrationOf,
  countInterval,
  type CalibrationReading,
} from "../qos/mod.ts";
import type { JudgementRecord } from "./judgement_record.ts";
import { isOutageEvidence } from "./outage_evidence.ts";
import { PROBE_DURATION_BUCKETS_SECONDS, type ProbeError } from "./reading.ts";

const BUCKETS_MS = PROBE_DURATION_BUCKETS_SECONDS.map((seconds) => seconds * 1_000);

const FIRST_FAILURE = BUCKETS_MS.length + 1;
const FIRST_CALIBRATION = FIRST_FAILURE + PROBE_FAILURE_REASONS.length;
const CELLS = FIRST_CALIBRATION + CALIBRATION_CELLS;

const NOTHING = new Uint32Array(CELLS);

type Failure = Extract<ProbeOutcome, { ok: false }>;

export abstract class ProbeCounts extends Alarm {
  probeCount = 0;
  skippedCount = 0;
  durationSumMs = 0;
  /** What the last valid answer took; 0 before the first. */
  protected answerMs = 0;
  #cells: Uint32Array | null = null;
  /** What is only kept of a target that went down once, or has a budget. */
  protected record: JudgementRecord | null = null;

  #failedReason: ProbeFailureReason | null = null;
  #failedDetail = "";
  #failedWallMs = Number.NaN;
  /** When the first evidence of an outage came in the silence of the last failure; NaN if none did. */
  #evidenceMs = Number.NaN;

  protected countProbe(durationMs: number): void {
    this.probeCount++;
    this.durationSumMs += durationMs;
    let bucket = 0;
    while (bucket < BUCKETS_MS.length && durationMs > BUCKETS_MS[bucket]!) bucket++;
    this.#made()[bucket]!++;
  }

  /** A probe failed in the silence since `lastHeartbeatMs`. */
  protected noteFailure(
    { reason, detail }: Failure,
    at: { readonly nowMs: number; readonly wallMs: number; readonly lastHeartbeatMs: number },
  ): void {
    this.#made()[FIRST_FAILURE + PROBE_FAILURE_REASONS.indexOf(reason)]!++;
    this.#failedReason = reason;
    this.#failedDetail = detail;
    this.#failedWallMs = at.wallMs;
    this.#evidenceMs = this.evidenceSince(at.lastHeartbeatMs);
    if (Number.isNaN(this.#evidenceMs) && isOutageEvidence(reason)) this.#evidenceMs = at.nowMs;
  }

  /** When the first evidence of an outage came in the silence since then; NaN if there was none. */
  protected evidenceSince(lastHeartbeatMs: number): number {
    return this.#evidenceMs < lastHeartbeatMs ? Number.NaN : this.#evidenceMs;
  }

  get lastError(): ProbeError | null {
    if (this.#failedReason === null) return null;
    const [reason, detail] = [this.#failedReason, this.#failedDetail];
    return { reason, detail, atWallMs: this.#failedWallMs };
  }

  /** Another server is asked from now on. */
  protected forgetFailure(): void {
    this.#failedReason = null;
    this.#evidenceMs = Number.NaN;
  }

  /** A heartbeat of a live server ended an interval in which φ had risen to `phi`. */
  protected countInterval(phi: number): void {
    countInterval(this.#made(), FIRST_CALIBRATION, phi);
  }

  /** By the index of the bucket, one more for all above. */
  get durationBucketCounts(): ArrayLike<number> {
    return (this.#cells ?? NOTHING).slice(0, FIRST_FAILURE);
  }

  /** By the index of the reason; null while nothing ever failed. */
  get failureCounts(): ArrayLike<number> | null {
    const cells = this.#cells ?? NOTHING;
    for (let index = FIRST_FAILURE; index < FIRST_CALIBRATION; index++) {
      if (cells[index] !== 0) return cells.slice(FIRST_FAILURE, FIRST_CALIBRATION);
    }
    return null;
  }

  /** Intervals that were counted by how far φ had risen. */
  get judgedIntervalCount(): number {
    return this.#cells?.[FIRST_CALIBRATION] ?? 0;
  }

  calibration(): CalibrationReading[] {
    return calibrationOf(this.#cells, FIRST_CALIBRATION);
  }

  /** Of the level at this index of CALIBRATION_LEVELS. */
  reachedCountOf(levelIndex: number): number {
    return this.#cells?.[FIRST_CALIBRATION + 1 + levelIndex] ?? 0;
  }

  /** Another question, or another way to judge: what was counted of the old one says nothing of it. */
  protected forgetCalibration(): void {
    this.#cells?.fill(0, FIRST_CALIBRATION);
  }

  #made(): Uint32Array {
    return (this.#cells ??= new Uint32Array(CELLS));
  }
}
