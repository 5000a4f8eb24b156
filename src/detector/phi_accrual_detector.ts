/**
 * One target's failure detector: the moments of its heartbeats go in, the suspicion φ that it has
 * failed comes out. It has no clock and schedules nothing: every question brings the time along,
 * and the answer rises with it, so that a scrape between two probes sees a silence grow. The idea
 * of an accrual detector (φ accrual, Hayashibara et al. 2004) is to say how surprising the present
 * silence is after the gaps of the past, and to leave what is too surprising to whoever asks.
 */
import { LONGEST_GAP_MS, SamplingWindow } from "./_window.ts";
import { deviationAtPhi, phiAtDeviation } from "./suspicion.ts";

/** Times are in milliseconds and may have a fraction. */
export interface PhiAccrualDetectorOptions {
  /**
   * φ from which the target counts as failed; > 0. Higher takes longer to notice a failure, lower
   * takes more hiccups for one.
   */
  readonly threshold: number;
  /**
   * How many gaps the history holds; an integer >= 1. More is steadier, fewer follow a new rhythm
   * sooner and take less memory: 4 bytes a gap, or 8 once one was longer than 71 minutes.
   */
  readonly maxSampleSize: number;
  /**
   * The standard deviation is taken for no less than this; > 0. Higher forgives a very regular
   * target its small delays, and makes every detection later (with a threshold of 16 by seven
   * times as much).
   */
  readonly minStdDeviationMs: number;
  /**
   * Silence that is nobody's fault, on top of the mean; >= 0. Higher bridges garbage collections
   * and restarts, and makes every detection later by as much.
   */
  readonly acceptableHeartbeatPauseMs: number;
  /**
   * The gap to expect before any was seen, with a standard deviation of a quarter of it; > 0.
   * Higher is slower to call a target failed that never answers. Lower, if the first real gap then
   * reaches the threshold, lets no gap into the history, ever: the target stays suspicious for
   * good. So check a config for it; a new detector's `elapsedAtPhi` says how long a gap may be.
   */
  readonly firstHeartbeatEstimateMs: number;
}

/** What a detector leaves to one that goes on in its place. */
export interface DetectorMemory {
  /** The history's gaps in whole microseconds, 0..LONGEST_GAP_MS, oldest first. */
  readonly windowUs: ArrayLike<number>;
  /** When the last heartbeat came. Means nothing, and may be NaN, with an empty window. */
  readonly lastHeartbeatMs: number;
}

/** The share of the first estimate that stands for its standard deviation. */
const ESTIMATE_STD_DEV = 1 / 4;

/**
 * Detects one target's failure from its heartbeats, as Akka's `PhiAccrualFailureDetector` does:
 * y = (t - (mean + acceptable pause)) / max(sd, least sd), φ = log10(1 + e^(y (1.5976 +
 * 0.070566 y²))), t the silence so far. All moments are milliseconds of one clock that the caller
 * chooses, monotonic, with any origin; gaps are kept to the microsecond.
 *
 * The watch begins at `start`, or else at the first moment that any method is told. From there φ
 * rises on the first estimate, so that a target that never answers is not one without suspicion.
 * A clock that goes back counts as one that stands still.
 *
 * ```ts
 * const detector = new PhiAccrualDetector({
 *   threshold: 8,
 *   maxSampleSize: 200,
 *   minStdDeviationMs: 100,
 *   acceptableHeartbeatPauseMs: 0,
 *   firstHeartbeatEstimateMs: 1000,
 * });
 * detector.heartbeat(0);
 * detector.phi(1000); // 0.3
 * detector.phi(3000); // 21.2
 * ```
 */
export class PhiAccrualDetector {
  #window: SamplingWindow;
  #threshold = NaN;
  /** Just below the deviation at which φ reaches the threshold: up to here it is surely lower. */
  #sureDeviation = NaN;
  #minStdDevMs = NaN;
  #pauseMs = NaN;
  /** Where the running silence began; NaN before the watch did. */
  #silenceStartMs = NaN;
  /** By how much discounts have moved the start of the running silence. */
  #discountedMs = 0;
  /** Of the silences that ended since `takePeakPhi`, the one that was the least expected: φ rises with it. */
  #peakDeviation = -Infinity;

  /** @throws {RangeError} If an option is out of its range. */
  constructor(options: PhiAccrualDetectorOptions) {
    requireOptions("create", options);
    this.#window = new SamplingWindow(options.maxSampleSize);
    this.#configure(options);
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
    return this.#window.count === 0 ? NaN : this.#silenceStartMs - this.#discountedMs;
  }

  /** Mean gap of the history; the first estimate before the first heartbeat. */
  get meanMs(): number {
    return this.#window.meanMs;
  }

  /**
   * Standard deviation of the history's gaps (of the population, before it is raised to the least
   * one allowed); a quarter of the first estimate before the first heartbeat.
   */
  get stdDevMs(): number {
    return this.#window.stdDevMs;
  }

  /** How many gaps the history holds, the two that stand for the first estimate included. */
  get sampleCount(): number {
    return this.#window.count;
  }

  /** The history's gaps in whole microseconds, oldest first: for `restore`. */
  windowUs(): Float64Array<ArrayBuffer> {
    return this.#window.samplesUs();
  }

  /**
   * Goes on with the history of another detector, of which the newest gaps that fit are kept. The running
   * silence begins at `silenceStartMs`, for nobody listened before; that may be later than now, if
   * nothing can be heard before then. All else is as if it had come to that history by itself.
   *
   * @throws {RangeError} If it has a history already, a gap or a moment is none, or the last heartbeat is
   * later than the start of the silence; then nothing has changed.
   */
  restore({ windowUs, lastHeartbeatMs }: DetectorMemory, silenceStartMs: number): void {
    if (this.#window.count > 0) {
      throw new RangeError("Cannot restore PhiAccrualDetector: it has a history already");
    }
    requireMoment(silenceStartMs);
    requireGaps(windowUs);
    if (windowUs.length > 0) requireMoment(lastHeartbeatMs);
    if (lastHeartbeatMs > silenceStartMs) {
      throw new RangeError(
        `Cannot restore PhiAccrualDetector: "lastHeartbeatMs" must be <= "silenceStartMs" ` +
          `(${silenceStartMs}), received ${lastHeartbeatMs}`,
      );
    }
    this.#window.restore(windowUs);
    this.#silenceStartMs = silenceStartMs;
    this.#discountedMs = windowUs.length === 0 ? 0 : silenceStartMs - lastHeartbeatMs;
  }

  /** The watch begins. Only the first call counts, and none after another method told the time. */
  start(nowMs: number): void {
    requireMoment(nowMs);
    if (Number.isNaN(this.#silenceStartMs)) this.#silenceStartMs = nowMs;
  }

  /**
   * A heartbeat came. The first one seeds the history with the estimate less and plus its standard
   * deviation; each later one adds the gap before it, unless φ had reached the threshold in that
   * gap: an outage says nothing about the rhythm, and would hide the next one.
   */
  heartbeat(nowMs: number): void {
    requireMoment(nowMs);
    // Before the last heartbeat moves, or every outage would look available.
    const gapMs = this.#silenceMs(nowMs);
    const deviation = this.#deviationAfter(gapMs);
    this.#notePeak(deviation);
    if (this.#window.count === 0) this.#seed();
    else if (this.#isAvailableAt(deviation)) this.#window.add(gapMs);
    this.#endSilence(nowMs);
  }

  /**
   * The target is alive, but when it said so means nothing: the second answer of a burst. The
   * silence ends, and the history stays as it is. Nothing happens before the first heartbeat.
   */
  touch(nowMs: number): void {
    requireMoment(nowMs);
    if (this.#window.count === 0) return;
    this.#notePeak(this.#deviationAfter(this.#silenceMs(nowMs)));
    this.#endSilence(nowMs);
  }

  /** The suspicion at `nowMs`: 0..Number.MAX_VALUE, never falling while nothing arrives. */
  phi(nowMs: number): number {
    this.start(nowMs);
    return this.#phiAfter(this.#silenceMs(nowMs));
  }

  /**
   * The highest that φ was since this was asked last, up to and including `nowMs`: for whoever looks only now
   * and then, and would miss what a heartbeat has ended.
   */
  takePeakPhi(nowMs: number): number {
    this.start(nowMs);
    this.#notePeak(this.#deviationAfter(this.#silenceMs(nowMs)));
    const phi = phiAtDeviation(this.#peakDeviation);
    this.#peakDeviation = -Infinity;
    return phi;
  }

  /** Whether φ is below the threshold at `nowMs`. */
  isAvailable(nowMs: number): boolean {
    this.start(nowMs);
    return this.#isAvailableAt(this.#deviationAfter(this.#silenceMs(nowMs)));
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
    if (this.#phiAfter(0) >= level) return 0;
    const expectedMs = this.#window.meanMs + this.#pauseMs;
    const lateMs = deviationAtPhi(level) * this.#flooredStdDevMs();
    // Up to here a few units in the last place may be lost to rounding; start beyond them.
    let stepMs = 4 * Number.EPSILON * Math.max(expectedMs, Math.abs(lateMs)) + Number.MIN_VALUE;
    let elapsedMs = Math.max(0, expectedMs + lateMs + stepMs);
    while (elapsedMs <= LONGEST_GAP_MS && this.#phiAfter(elapsedMs) < level) {
      elapsedMs += stepMs;
      stepMs *= 2;
    }
    return elapsedMs <= LONGEST_GAP_MS ? elapsedMs : Infinity;
  }

  /**
   * Takes the caller's own pause out of the running silence, as if the clock had stood still: time
   * in which nobody listened is not silence. No more than the silence so far; before the watch
   * began it does nothing.
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

  /**
   * Goes on with other settings and the same history, of which the newest gaps that fit are kept.
   * Another first estimate matters only before the first heartbeat.
   *
   * @throws {RangeError} If an option is out of its range; then nothing has changed.
   */
  reconfigure(options: PhiAccrualDetectorOptions): void {
    requireOptions("reconfigure", options);
    this.#window.resize(options.maxSampleSize);
    this.#configure(options);
  }

  /**
   * Goes on with other settings and none of the history, as after a first heartbeat: for a caller
   * who knows that the rhythm is another now. The running silence goes on.
   *
   * @throws {RangeError} If an option is out of its range; then nothing has changed.
   */
  restart(options: PhiAccrualDetectorOptions): void {
    requireOptions("restart", options);
    const wasHeard = this.#window.count > 0;
    this.#window = new SamplingWindow(options.maxSampleSize);
    this.#configure(options);
    if (wasHeard) this.#seed();
  }

  /** The history that stands for the first estimate. */
  #seed(): void {
    const { meanMs, stdDevMs } = this.#window;
    this.#window.add(meanMs - stdDevMs);
    this.#window.add(meanMs + stdDevMs);
  }

  #configure(options: PhiAccrualDetectorOptions): void {
    const estimateMs = options.firstHeartbeatEstimateMs;
    this.#window.expect(estimateMs, estimateMs * ESTIMATE_STD_DEV);
    this.#threshold = options.threshold;
    const deviation = deviationAtPhi(options.threshold);
    // Far more than anything rounds off, and far less than anybody notices.
    this.#sureDeviation = deviation - 1e-9 * Math.max(1, Math.abs(deviation));
    this.#minStdDevMs = options.minStdDeviationMs;
    this.#pauseMs = options.acceptableHeartbeatPauseMs;
  }

  #silenceMs(nowMs: number): number {
    const silenceMs = nowMs - this.#silenceStartMs;
    if (silenceMs > LONGEST_GAP_MS) return LONGEST_GAP_MS;
    return silenceMs > 0 ? silenceMs : 0;
  }

  #flooredStdDevMs(): number {
    const { stdDevMs } = this.#window;
    return stdDevMs > this.#minStdDevMs ? stdDevMs : this.#minStdDevMs;
  }

  #phiAfter(silenceMs: number): number {
    return phiAtDeviation(this.#deviationAfter(silenceMs));
  }

  #deviationAfter(silenceMs: number): number {
    return (silenceMs - (this.#window.meanMs + this.#pauseMs)) / this.#flooredStdDevMs();
  }

  #notePeak(deviation: number): void {
    if (deviation > this.#peakDeviation) this.#peakDeviation = deviation;
  }

  /** The same as φ < #threshold, but most often without an exponential. */
  #isAvailableAt(deviation: number): boolean {
    return deviation < this.#sureDeviation || phiAtDeviation(deviation) < this.#threshold;
  }

  #endSilence(nowMs: number): void {
    // Written so that NaN, which is "not begun", gives way to any moment.
    if (this.#silenceStartMs - this.#discountedMs > nowMs) return;
    this.#silenceStartMs = nowMs;
    this.#discountedMs = 0;
  }
}

function requireMoment(nowMs: number): void {
  if (!Number.isFinite(nowMs)) {
    throw new RangeError(`Cannot tell the time: "nowMs" must be finite, received ${nowMs}`);
  }
}

function requireGaps(windowUs: ArrayLike<number>): void {
  for (let index = 0; index < windowUs.length; index++) {
    const gapUs = windowUs[index]!;
    if (Number.isSafeInteger(gapUs) && gapUs >= 0) continue;
    throw new RangeError(
      `Cannot restore PhiAccrualDetector: "windowUs" must be whole numbers >= 0, received ${gapUs}`,
    );
  }
}

function requireOptions(
  action: "create" | "reconfigure" | "restart",
  options: PhiAccrualDetectorOptions,
): void {
  const require = (name: keyof PhiAccrualDetectorOptions, isMet: boolean, rule: string): void => {
    if (isMet) return;
    throw new RangeError(
      `Cannot ${action} PhiAccrualDetector: "${name}" must be ${rule}, received ${options[name]}`,
    );
  };
  require("threshold", options.threshold > 0, "> 0");
  require("threshold", options.threshold < Infinity, "finite");
  const isCount = Number.isSafeInteger(options.maxSampleSize) && options.maxSampleSize >= 1;
  require("maxSampleSize", isCount, "an integer >= 1");
  require("minStdDeviationMs", options.minStdDeviationMs > 0, "> 0");
  require("acceptableHeartbeatPauseMs", options.acceptableHeartbeatPauseMs >= 0, ">= 0");
  require("firstHeartbeatEstimateMs", options.firstHeartbeatEstimateMs > 0, "> 0");
  for (const name of [
    "minStdDeviationMs",
    "acceptableHeartbeatPauseMs",
    "firstHeartbeatEstimateMs",
  ] as const) {
    require(name, options[name] <= LONGEST_GAP_MS, `<= ${LONGEST_GAP_MS}`);
  }
}
