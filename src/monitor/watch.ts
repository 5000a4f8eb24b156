/**
 * One target under watch: outcomes and heartbeats in, suspicion and a verdict out. A watch has no clock
 * and no timer. It knows the moment at which its verdict will change if nothing arrives (`nextChangeMs`),
 * and whoever owns it calls `settle` then, or whenever somebody asks: the change is dated to the
 * moment it happened either way.
 */
import type { Target } from "../config/mod.ts";
import { PhiAccrualDetector } from "../detector/mod.ts";
import { Alarm, type ProbeOutcome, type ProbeSchedule } from "../probe/mod.ts";
import { VerdictMachine, type Verdict } from "../verdict/mod.ts";
import { ProbeCounts } from "./probe_counts.ts";
import { questionDigest } from "./question.ts";
import type { ProbeError } from "./reading.ts";
import { isRestorable, type RememberedWatch, type SavedWatch } from "./saved_watch.ts";
import { detectorOptions, isPushed, verdictOptions } from "./translate.ts";

/** A beat that comes sooner after the last regular one than this share of the interval is one of a burst. */
const BURST_SHARE = 0.5;

/** After a pause of the monitor's own, a target has this many intervals to be heard, or asked, again. */
const INTERVALS_AFTER_WAKING = 2;

/** What all watches of one set share. */
export interface WatchOwner {
  /** When the monitor last went on after a pause, by its own clock. */
  readonly wokeMs: number;
  /** Up to when such pauses excuse a target that is not heard. */
  readonly excusedUntilMs: number;
  wallMsOf(monitorMs: number): number;
  /** The verdict has just become what it is now; it was `from`. */
  verdictChanged(watch: Watch, from: Verdict, atMs: number, phi: number, reason: string): void;
  /** `nextChangeMs` may have moved. */
  moved(watch: Watch): void;
  /** The watch's own alarm rang. */
  rang(watch: Watch, nowMs: number): void;
}

export class Watch extends Alarm implements RememberedWatch {
  #target: Target;
  readonly #owner: WatchOwner;
  readonly #detector: PhiAccrualDetector;
  readonly #machine: VerdictMachine;
  /** For the owner, where the target is asked: when. */
  schedule: ProbeSchedule<Watch> | null = null;
  readonly counts = new ProbeCounts();
  readonly watchedSinceMs: number;
  verdictSinceMs: number;
  heartbeatCount = 0;
  lastError: ProbeError | null = null;
  certificateExpiresWallMs = Number.NaN;
  /** Of the last heartbeat that was not one of a burst; NaN before the first. */
  #lastRegularMs = Number.NaN;
  /** Of the last accepted pushed heartbeat. */
  #sequence = -1;
  /** When it was first asked since the monitor last went on after a pause; -Infinity before it ever was. */
  #askedSinceWakingMs = Number.NEGATIVE_INFINITY;
  /** Up to here the verdict is settled: no change is dated before it. */
  #settledMs: number;

  /** `saved` is where a watch of an earlier process ended; it counts for nothing if it does not fit. */
  constructor(target: Target, nowMs: number, owner: WatchOwner, saved?: SavedWatch) {
    super();
    const nowWallMs = owner.wallMsOf(nowMs);
    const past = saved && isRestorable(saved, target, nowWallMs) ? saved : undefined;
    this.#target = target;
    this.#owner = owner;
    this.#detector = new PhiAccrualDetector(detectorOptions(target));
    this.#machine = new VerdictMachine(verdictOptions(target), past?.verdict);
    this.watchedSinceMs = nowMs;
    this.verdictSinceMs = nowMs;
    this.#settledMs = nowMs;
    if (past !== undefined) this.#goOn(past, nowMs, nowWallMs);
    this.#detector.start(nowMs);
  }

  /**
   * The silence begins now, since nobody listened before; and as much later as an answer takes, because a
   * target that is asked now cannot be heard sooner.
   */
  #goOn(saved: SavedWatch, nowMs: number, nowWallMs: number): void {
    const momentOf = (wallMs: number) => nowMs - Math.max(nowWallMs - wallMs, 0);
    this.verdictSinceMs = momentOf(saved.verdictSinceWallMs);
    const { windowUs } = saved;
    if (windowUs.length === 0) return;
    const answerMs = Math.min(saved.answerMs, this.#target.timeoutMillis);
    this.counts.answerMs = answerMs;
    const lastHeartbeatMs = momentOf(saved.lastHeartbeatWallMs);
    this.#detector.restore({ windowUs, lastHeartbeatMs }, nowMs + answerMs);
    this.#requireBearableInterval();
  }

  save(nowMs: number): SavedWatch {
    const wallMsOf = (monitorMs: number) => this.#owner.wallMsOf(monitorMs);
    return {
      target: this.#target.name,
      question: questionDigest(this.#target),
      verdict: this.verdict,
      verdictSinceWallMs: wallMsOf(this.verdictSinceMs),
      lastHeartbeatWallMs: wallMsOf(this.lastHeartbeatMs),
      answerMs: this.counts.answerMs,
      windowUs: this.#detector.windowUs(),
      savedWallMs: wallMsOf(nowMs),
    };
  }

  /** As an alarm it is its owner's, who may set it for `nextChangeMs`. */
  ring(nowMs: number): void {
    this.#owner.rang(this, nowMs);
  }

  get target(): Target {
    return this.#target;
  }

  get verdict(): Verdict {
    return this.#machine.verdict;
  }

  phi(nowMs: number): number {
    return this.#detector.phi(nowMs);
  }

  takePeakPhi(nowMs: number): number {
    return this.#detector.takePeakPhi(nowMs);
  }

  get lastHeartbeatMs(): number {
    return this.#detector.lastHeartbeatMs;
  }

  get intervalMeanMs(): number {
    return this.#detector.meanMs;
  }

  get intervalStdDevMs(): number {
    return this.#detector.stdDevMs;
  }

  get sampleCount(): number {
    return this.#detector.sampleCount;
  }

  get recoveryCount(): number {
    return this.#machine.recoveryCount;
  }

  get probeCount(): number {
    return this.counts.probeCount;
  }

  get skippedCount(): number {
    return this.counts.skippedCount;
  }

  get failureCounts(): readonly number[] | null {
    return this.counts.failures;
  }

  get durationBucketCounts(): readonly number[] {
    return this.counts.durationBuckets;
  }

  get durationSumMs(): number {
    return this.counts.durationSumMs;
  }

  /** New settings. The history stays, if it can. */
  update(target: Target, nowMs: number): void {
    this.settle(nowMs);
    if (this.#target.url !== target.url) this.#forgetServer();
    this.#target = target;
    this.#detector.reconfigure(detectorOptions(target));
    this.#machine.reconfigure(verdictOptions(target));
    this.#requireBearableInterval();
    this.settle(nowMs);
    this.#owner.moved(this);
  }

  /**
   * Forgets a history under which the interval itself would be suspicious: no gap would ever enter it again,
   * and the target would be down for good.
   */
  #requireBearableInterval(): void {
    const { suspectPhi } = verdictOptions(this.#target);
    if (this.#detector.elapsedAtPhi(suspectPhi) > this.#target.intervalMillis) return;
    this.#detector.restart(detectorOptions(this.#target));
  }

  /** What was said of, or by, another server. */
  #forgetServer(): void {
    this.certificateExpiresWallMs = Number.NaN;
    this.lastError = null;
    this.#sequence = -1;
  }

  /** A probe ended. A valid answer is a heartbeat. */
  probed(outcome: ProbeOutcome, nowMs: number): void {
    this.counts.add(outcome.timings.totalMs);
    this.certificateExpiresWallMs =
      outcome.certificateExpiresWallMs ?? this.certificateExpiresWallMs;
    if (outcome.ok) {
      this.counts.answerMs = outcome.timings.totalMs;
      this.heartbeat(nowMs);
      return;
    }
    this.settle(nowMs);
    this.counts.addFailure(outcome.reason);
    this.lastError = {
      reason: outcome.reason,
      detail: outcome.detail,
      atWallMs: this.#owner.wallMsOf(nowMs),
    };
    this.#machine.failedProbe();
  }

  /** False if `sequence` is not above the last one, which then changes nothing. */
  pushed(nowMs: number, sequence: number | undefined): boolean {
    if (sequence !== undefined) {
      if (sequence <= this.#sequence) return false;
      this.#sequence = sequence;
    }
    this.heartbeat(nowMs);
    return true;
  }

  heartbeat(nowMs: number): void {
    this.settle(nowMs);
    const detector = this.#detector;
    this.heartbeatCount++;
    if (nowMs - this.#lastRegularMs < this.#target.intervalMillis * BURST_SHARE) {
      // The second answer of a burst shows life, but its gap is not the server's rhythm.
      detector.touch(nowMs);
    } else {
      // An earlier process heard how the first gap began, if anybody did.
      const isGapKnown = !Number.isNaN(this.#lastRegularMs) || detector.sampleCount === 0;
      this.#lastRegularMs = nowMs;
      const silenceMs = this.silenceMs(nowMs);
      if (isGapKnown) detector.heartbeat(nowMs);
      else detector.touch(nowMs);
      this.#applyHeartbeat(nowMs, silenceMs);
    }
    this.#owner.moved(this);
  }

  /** The moment at which the verdict changes if nothing arrives; Infinity if it would not. */
  nextChangeMs(): number {
    const level = this.#machine.nextLevel;
    return level === null ? Number.POSITIVE_INFINITY : this.#reachesMs(level);
  }

  worsensMs(to: "suspect" | "down"): number {
    const { verdict } = this.#machine;
    if (verdict === "down" || verdict === to) return Number.POSITIVE_INFINITY;
    const { suspectPhi, downPhi } = verdictOptions(this.#target);
    return this.#reachesMs(to === "down" ? downPhi : suspectPhi);
  }

  /** When φ gets to `level` in silence and counts, which after a pause of the monitor's own is later. */
  #reachesMs(level: number): number {
    const crossingMs = this.#detector.silenceStartMs + this.#detector.elapsedAtPhi(level);
    return Math.max(crossingMs, this.#heardAgainMs(), this.#settledMs);
  }

  /** A probe of it has left. */
  asked(nowMs: number): void {
    const isKnown = this.#askedSinceWakingMs > Number.NEGATIVE_INFINITY;
    if (isKnown && this.#askedSinceWakingMs >= this.#owner.wokeMs) return;
    this.#askedSinceWakingMs = nowMs;
    this.#owner.moved(this);
  }

  /**
   * Until when no verdict worsens at the start, or after a pause of the monitor's own: until the target was
   * asked. After a pause it also has an interval to answer, but the pause itself excuses no longer than it was.
   */
  #heardAgainMs(): number {
    const { wokeMs, excusedUntilMs } = this.#owner;
    const { intervalMillis } = this.#target;
    if (isPushed(this.#target)) {
      return Math.min(wokeMs + INTERVALS_AFTER_WAKING * intervalMillis, excusedUntilMs);
    }
    if (this.#askedSinceWakingMs === Number.NEGATIVE_INFINITY) {
      return Math.max(
        this.watchedSinceMs + INTERVALS_AFTER_WAKING * intervalMillis,
        excusedUntilMs,
      );
    }
    if (this.#askedSinceWakingMs < wokeMs) return excusedUntilMs;
    return Math.min(this.#askedSinceWakingMs + intervalMillis, excusedUntilMs);
  }

  /** Makes every change of verdict that was due by `nowMs`, each dated to its own moment. */
  settle(nowMs: number): void {
    for (let atMs = this.nextChangeMs(); atMs <= nowMs; atMs = this.nextChangeMs()) {
      const from = this.#machine.verdict;
      const level = this.#machine.nextLevel!;
      // Rounding may leave φ at its own crossing a hair below the level.
      const phi = Math.max(this.#detector.phi(atMs), level);
      this.#machine.suspicion(phi);
      this.#report(from, atMs, phi, this.#silenceReason(atMs, level));
    }
    this.#settledMs = nowMs;
  }

  #applyHeartbeat(nowMs: number, silenceMs: number): void {
    const from = this.#machine.verdict;
    this.#machine.heartbeat();
    // Nearly always, and then a sentence would be made for nobody.
    if (this.#machine.verdict === from) return;
    const reason =
      from === "unknown" ? "first heartbeat" : `heartbeat after ${seconds(silenceMs)} s of silence`;
    this.#report(from, nowMs, this.#detector.phi(nowMs), reason);
  }

  #report(from: Verdict, atMs: number, phi: number, reason: string): void {
    if (this.#machine.verdict === from) return;
    this.verdictSinceMs = atMs;
    this.#owner.verdictChanged(this, from, atMs, phi, reason);
  }

  #silenceReason(atMs: number, level: number): string {
    const { lastHeartbeatMs, meanMs, stdDevMs } = this.#detector;
    const what = Number.isNaN(lastHeartbeatMs) ? "never a heartbeat in" : "no heartbeat for";
    const since = lastHeartbeatMs < this.watchedSinceMs ? " since this monitor started" : "";
    return (
      `${what} ${seconds(this.silenceMs(atMs))} s${since}: phi reached ${Number(level.toFixed(2))} ` +
      `(intervals: mean ${seconds(meanMs)} s, standard deviation ${seconds(stdDevMs)} s)`
    );
  }

  /** Silence so far; none where it has yet to begin. */
  silenceMs(nowMs: number): number {
    return Math.max(nowMs - this.#detector.silenceStartMs, 0);
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
