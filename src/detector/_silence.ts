/**
 * The frame of every detector: it turns moments into silences and gaps, and leaves what they mean to a
 * suspicion model. It has no clock and schedules nothing: every question brings the time along, and
 * the answer rises with it, so that a scrape between two probes sees a silence grow.
 */
import { LONGEST_GAP_MS } from "./_window.ts";
import type { SuspicionModel } from "./suspicion_model.ts";

/**
 * All moments are milliseconds of one clock that the caller chooses, monotonic, with any origin. The
 * watch begins at `start`, or else at the first moment that any method is told. A clock that goes back
 * counts as one that stands still.
 */
export class SilenceWatch<Model extends SuspicionModel = SuspicionModel> {
  /** Also for whoever extends this and knows more of it: a field in each of a hundred thousand. */
  protected readonly model: Model;
  #threshold = NaN;
  /** Just below the surprise at which φ reaches the threshold: up to here it is surely lower. */
  #sureSurprise = NaN;
  /** Where the running silence began; NaN before the watch did. */
  #silenceStartMs = NaN;
  /** By how much discounts have moved the start of the running silence. */
  #discountedMs = 0;
  /** Of the silences that ended since `takePeakPhi`, the one that was the most surprising: φ rises with it. */
  #peakSurprise = -Infinity;

  /** φ from `threshold`, > 0, makes an outage of a gap. */
  constructor(model: Model, threshold: number) {
    this.model = model;
    this.judgeFrom(threshold);
  }

  /**
   * Where the running silence began: at the last heartbeat or the start of the watch, and later by
   * what was discounted since. NaN before the watch began.
   */
  get silenceStartMs(): number {
    return this.#silenceStartMs;
  }

  /** When the last heartbeat came; NaN before the first. */
  get lastHeartbeatMs(): number {
    return this.model.sampleCount === 0 ? NaN : this.#silenceStartMs - this.#discountedMs;
  }

  /** Mean gap of the history; the first estimate before the first heartbeat. */
  get meanMs(): number {
    return this.model.meanMs;
  }

  /**
   * Standard deviation of the history's gaps (of the population, before it is raised to the least
   * one allowed); a quarter of the first estimate before the first heartbeat.
   */
  get stdDevMs(): number {
    return this.model.stdDevMs;
  }

  /** How many gaps the history holds, those that stand for the first estimate included. */
  get sampleCount(): number {
    return this.model.sampleCount;
  }

  /** How many of them were heard. 0 after the first heartbeat, when all that is known is the first estimate. */
  get gapCount(): number {
    return this.model.gapCount;
  }

  /** The watch begins. Only the first call counts, and none after another method told the time. */
  start(nowMs: number): void {
    requireMoment(nowMs);
    if (Number.isNaN(this.#silenceStartMs)) this.#silenceStartMs = nowMs;
  }

  /**
   * A heartbeat came. The first one begins the history; each later one adds the gap before it, as an
   * outage's if φ had reached the threshold in it.
   */
  heartbeat(nowMs: number): void {
    requireMoment(nowMs);
    const model = this.model;
    // Before the last heartbeat moves, or every outage would look available.
    const gapMs = this.#silenceMs(nowMs);
    const surprise = model.surprise(gapMs);
    this.#notePeak(surprise);
    if (model.sampleCount === 0) model.begin();
    else if (this.#isAvailableAt(surprise)) model.add(gapMs);
    else model.addAtLeast(gapMs);
    this.#endSilence(nowMs);
  }

  /**
   * A heartbeat came after an outage, of which all that is known is that the server was alive for
   * `aliveMs` of the silence: 0 up to all of it.
   */
  heartbeatAfterOutage(nowMs: number, aliveMs: number): void {
    requireMoment(nowMs);
    const model = this.model;
    this.#notePeak(model.surprise(this.#silenceMs(nowMs)));
    if (model.sampleCount === 0) model.begin();
    else model.addAtLeast(aliveMs);
    this.#endSilence(nowMs);
  }

  /**
   * The target is alive, but when it said so means nothing: the second answer of a burst. The
   * silence ends, and the history stays as it is. Nothing happens before the first heartbeat.
   */
  touch(nowMs: number): void {
    requireMoment(nowMs);
    if (this.model.sampleCount === 0) return;
    this.#notePeak(this.model.surprise(this.#silenceMs(nowMs)));
    this.#endSilence(nowMs);
  }

  /** The suspicion at `nowMs`: 0..Number.MAX_VALUE, never falling while nothing arrives. */
  phi(nowMs: number): number {
    this.start(nowMs);
    const model = this.model;
    return model.phiOfSurprise(model.surprise(this.#silenceMs(nowMs)));
  }

  /**
   * φ after a silence of this length, whatever goes on. Below 0 it is as after none.
   *
   * @throws {RangeError} If `silenceMs` is NaN.
   */
  phiAfter(silenceMs: number): number {
    if (Number.isNaN(silenceMs)) {
      throw new RangeError('Cannot compute phi: "silenceMs" must be a number, received NaN');
    }
    return this.model.phiOfSurprise(this.model.surprise(inRange(silenceMs)));
  }

  /** Whether the history is long enough to know φ at `nowMs`, rather than to extrapolate to it. */
  isConfident(nowMs: number): boolean {
    return this.model.isConfidentAt(this.#silenceMs(nowMs));
  }

  /**
   * The highest that φ was since this was asked last, up to and including `nowMs`: for whoever looks only now
   * and then, and would miss what a heartbeat has ended.
   */
  takePeakPhi(nowMs: number): number {
    this.start(nowMs);
    this.#notePeak(this.model.surprise(this.#silenceMs(nowMs)));
    const phi = this.model.phiOfSurprise(this.#peakSurprise);
    this.#peakSurprise = -Infinity;
    return phi;
  }

  /** Whether φ is below the threshold at `nowMs`. */
  isAvailable(nowMs: number): boolean {
    this.start(nowMs);
    return this.#isAvailableAt(this.model.surprise(this.#silenceMs(nowMs)));
  }

  /**
   * The silence, in ms, at which φ reaches `level` if nothing arrives: φ is at least `level` there,
   * and below it anywhere earlier that is not within rounding. 0 if φ starts no lower; Infinity if
   * no silence gets there. In constant time, and the part that depends on the level alone is
   * remembered, so nobody need cache anything. Added to `silenceStartMs` it is the moment, which
   * has then been rounded once.
   *
   * @throws {RangeError} If `level` is NaN.
   */
  elapsedAtPhi(level: number): number {
    if (Number.isNaN(level)) {
      throw new RangeError('Cannot invert phi: "level" must be a number, received NaN');
    }
    return this.model.silenceAtPhi(level);
  }

  /**
   * Takes the caller's own pause out of the running silence, as if the clock had stood still: time
   * in which nobody listened is not silence. More than the silence so far puts its beginning off, for
   * a caller who knows that nothing can be heard before then: up to there φ is that of no silence.
   * Before the watch began it does nothing.
   *
   * @throws {RangeError} If `pauseMs` is negative or not finite.
   */
  discount(pauseMs: number): void {
    if (!(pauseMs >= 0 && pauseMs < Infinity)) {
      throw new RangeError(
        `Cannot discount a pause: "pauseMs" must be finite and >= 0, received ${pauseMs}`,
      );
    }
    if (Number.isNaN(this.#silenceStartMs)) return;
    this.#silenceStartMs += pauseMs;
    this.#discountedMs += pauseMs;
  }

  /** Makes an outage of a gap from another φ on. */
  judgeFrom(threshold: number): void {
    this.#threshold = threshold;
    const surprise = this.model.surpriseAtPhi(threshold);
    // Far more than anything rounds off, and far less than anybody notices.
    const slack = surprise === Infinity ? 0 : 1e-9 * Math.max(1, Math.abs(surprise));
    this.#sureSurprise = surprise - slack;
  }

  /** Goes on where another watch ended; `lastHeartbeatMs` is NaN if it had heard nothing. */
  protected resume(lastHeartbeatMs: number, silenceStartMs: number): void {
    this.#silenceStartMs = silenceStartMs;
    this.#discountedMs = Number.isNaN(lastHeartbeatMs) ? 0 : silenceStartMs - lastHeartbeatMs;
  }

  #silenceMs(nowMs: number): number {
    return inRange(nowMs - this.#silenceStartMs);
  }

  #notePeak(surprise: number): void {
    if (surprise > this.#peakSurprise) this.#peakSurprise = surprise;
  }

  /** The same as φ < #threshold, but most often without φ. */
  #isAvailableAt(surprise: number): boolean {
    return surprise < this.#sureSurprise || this.model.phiOfSurprise(surprise) < this.#threshold;
  }

  #endSilence(nowMs: number): void {
    // Written so that NaN, which is "not begun", gives way to any moment.
    if (this.#silenceStartMs - this.#discountedMs > nowMs) return;
    this.#silenceStartMs = nowMs;
    this.#discountedMs = 0;
  }
}

/** Before the watch began, which makes it NaN, there is no silence. */
function inRange(silenceMs: number): number {
  if (silenceMs > LONGEST_GAP_MS) return LONGEST_GAP_MS;
  return silenceMs > 0 ? silenceMs : 0;
}

export function requireMoment(nowMs: number): void {
  if (!Number.isFinite(nowMs)) {
    throw new RangeError(`Cannot tell the time: "nowMs" must be finite, received ${nowMs}`);
  }
}
