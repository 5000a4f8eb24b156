/**
 * The model whose φ means what it says: φ = k is reached in about one of 10^k live gaps. It assumes no distribution. φ is the
 * rank of this silence among the past, by how much later than expected it is: what j of n gaps exceeded, the
 * next one exceeds with probability j / (n + 1), whatever the law (if only the order of gaps tells nothing). Beyond the
 * ranks it is extrapolated, and says so. A lasting change of rhythm costs one false alarm: a gap that is later than anything known
 * has an echo, and when the next ones are like it the history begins anew with the newest sixteen, as it did with the first.
 */
import { ECHO_LEAST_PHI, ECHO_LONGEST_MEDIANS, LateEcho } from "./_late_echo.ts";
import { LatenessCurve } from "./_lateness_curve.ts";
import { MEMORY_SAMPLES } from "./_lateness_histogram.ts";
import { RhythmWatch, UNUSUAL_SHARE } from "./_rhythm_watch.ts";
import { Swing } from "./_swing.ts";
import { LONGEST_GAP_MS } from "./_window.ts";
import { ESTIMATE_STD_DEV_SHARE, type SuspicionModel } from "./suspicion_model.ts";

/** Times are in milliseconds and may have a fraction, up to LONGEST_GAP_MS. */
export interface CalibratedModelOptions {
  /** Silence that is nobody's fault, before the rest is judged; >= 0. With any, φ is lower than the probability it stands for. */
  readonly acceptableHeartbeatPauseMs: number;
  /** The gap to expect before any was seen, with a standard deviation of a quarter of it; > 0. */
  readonly firstHeartbeatEstimateMs: number;
}

export const CALIBRATED_MODEL_OPTIONS = [
  "acceptableHeartbeatPauseMs",
  "firstHeartbeatEstimateMs",
] as const;

/** The newest gaps, of which a history begins. */
const RECENT_GAPS = 16;
/** The gaps that stand for the first estimate until there are `RECENT_GAPS`. */
const ESTIMATE_GAPS = 2;

/** The median moves by this share of the upper quartile's distance at each gap. */
const MEDIAN_STEP = 1 / 256;
const QUARTILE_SHARE = 1 / 4;

/** Heartbeats between two fits of the tail: an eighth of the history, at most so many. */
const LONGEST_FIT_AGE = 128;

const SAVED_VERSION = 1;
const SAVED_HEAD = 6;
/** A share is saved in so many parts. */
const SAVED_SHARE = 1e6;

/** The golden section, whose multiples fill an interval evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export class CalibratedModel implements SuspicionModel {
  readonly #curve = new LatenessCurve();
  readonly #echo = new LateEcho();
  readonly #rhythm = new RhythmWatch();
  readonly #swing = new Swing();
  /** Ring of the newest gaps in microseconds. */
  readonly #recentUs = new Float64Array(RECENT_GAPS);
  readonly #pauseMs: number;
  readonly #estimateUs: number;
  /** Gaps heard; -1 before the first heartbeat. */
  #count = -1;
  /** Gaps since the history began, up to what the memory holds. */
  #age = 0;
  #medianUs: number;
  #meanUs: number;
  #varianceUs: number;
  #fitAge = 0;
  /** Distance of the median from the lateness that one in four gaps exceeds, and that is unusual; as of the last fit. */
  #quartileUs = 0;
  #unusualUs = 0;
  #imputation = GOLDEN;

  /** The options are checked by whoever took them from somebody. */
  constructor(options: CalibratedModelOptions) {
    this.#pauseMs = options.acceptableHeartbeatPauseMs;
    this.#estimateUs = options.firstHeartbeatEstimateMs * 1000;
    this.#medianUs = this.#estimateUs;
    this.#meanUs = this.#estimateUs;
    this.#varianceUs = (this.#estimateUs * ESTIMATE_STD_DEV_SHARE) ** 2;
    this.#relearn();
  }

  get sampleCount(): number {
    if (this.#count < 0) return 0;
    return this.#age < RECENT_GAPS ? this.#age + ESTIMATE_GAPS : this.#age;
  }

  get gapCount(): number {
    return this.#age;
  }

  get meanMs(): number {
    return this.#meanUs / 1000;
  }

  get stdDevMs(): number {
    return Math.sqrt(this.#varianceUs) / 1000;
  }

  log10Survival(silenceMs: number): number {
    return -this.surprise(silenceMs);
  }

  silenceAtPhi(phi: number): number {
    if (phi <= 0) return 0;
    const lateUs = this.#latenessAt(phi);
    let silenceMs = this.#pauseMs + (this.#expectedUs + lateUs) / 1000;
    let stepMs = 4 * Number.EPSILON * silenceMs + Number.MIN_VALUE;
    while (silenceMs <= LONGEST_GAP_MS && this.surprise(silenceMs) < phi) {
      silenceMs += stepMs;
      stepMs *= 2;
    }
    return silenceMs <= LONGEST_GAP_MS ? silenceMs : Infinity;
  }

  isConfidentAt(silenceMs: number): boolean {
    return this.#age >= RECENT_GAPS && this.#latenessOf(silenceMs) <= this.#curve.knownUs;
  }

  begin(): void {
    if (this.#count < 0) this.#count = 0;
  }

  add(gapMs: number): void {
    this.begin();
    const gapUs = gapMs * 1000;
    if (this.#notice(gapUs)) this.#learn(gapUs);
  }

  /**
   * A gap that was cut short counts for one that was not, drawn evenly from what the model knows of gaps that are at least as
   * long: so it takes no side (Efron's redistribution to the right, one draw at a time). If it is longer than all that is known it says
   * nothing of live gaps that an outage would not say as well, and nothing is learnt of it, unless it goes on like this.
   */
  addAtLeast(gapMs: number): void {
    this.begin();
    const lateUs = gapMs * 1000 - this.#expectedUs;
    if (this.#age < RECENT_GAPS) {
      // With so little known, only the length tells what may be the rhythm from a stump of it, or from an outage.
      const longestUs = ECHO_LONGEST_MEDIANS * this.#medianUs;
      if (lateUs >= 0 && gapMs * 1000 <= longestUs) this.add(gapMs);
    } else if (lateUs > this.#curve.knownUs) {
      this.#notice(gapMs * 1000);
    } else {
      this.#imputation = (this.#imputation + GOLDEN) % 1;
      const phi = this.#curve.phiAt(lateUs, this.#expectedUs) - Math.log10(1 - this.#imputation);
      // What is early is all alike to the ranks, and the median moves by no more.
      const drawnUs = Math.max(this.#latenessAt(phi), -this.#quartileUs);
      this.add(Math.max(this.#expectedUs + drawnUs, 0) / 1000);
    }
  }

  /** Whole numbers >= 0, for `restore`: nine and one for each bucket that is not empty, or all gaps if they are few. */
  save(): number[] {
    if (this.#age < RECENT_GAPS) {
      const gapsUs = this.#recentGapsUs().slice(ESTIMATE_GAPS);
      return [SAVED_VERSION, this.#count < 0 ? 0 : 1, ...gapsUs.map(wholeNs)];
    }
    const stdDevUs = Math.sqrt(this.#varianceUs);
    const sizes = [this.#medianUs, this.#meanUs, stdDevUs].map(wholeNs);
    const share = Math.round(this.#swing.share * SAVED_SHARE);
    return [SAVED_VERSION, this.#age, ...sizes, share, ...this.#curve.histogram.save()];
  }

  /** For a model that has heard nothing: becomes what was saved. False, and as it was, if `save` never gave that. */
  restore(saved: ArrayLike<number>): boolean {
    const numbers = Array.from(saved);
    const [version, age] = numbers;
    if (version !== SAVED_VERSION || !numbers.every(isWhole)) return false;
    if (age! < RECENT_GAPS) return this.#restoreGaps(age! > 0, numbers.slice(2));
    const [medianUs, meanUs, stdDevUs] = numbers
      .slice(2, SAVED_HEAD - 1)
      .map((sizeNs) => sizeNs / 1000);
    if (!this.#curve.histogram.restore(numbers.slice(SAVED_HEAD)) || !(medianUs! > 0)) {
      this.#relearn();
      return false;
    }
    this.#swing.restart(numbers[SAVED_HEAD - 1]! / SAVED_SHARE);
    this.#count = 0;
    this.#age = Math.min(age!, 2 * MEMORY_SAMPLES);
    this.#medianUs = medianUs!;
    this.#meanUs = meanUs!;
    this.#varianceUs = stdDevUs! ** 2;
    this.#fit();
    return true;
  }

  #restoreGaps(hadBegun: boolean, gapsNs: readonly number[]): boolean {
    if (gapsNs.length >= RECENT_GAPS || (!hadBegun && gapsNs.length > 0)) return false;
    if (hadBegun) this.begin();
    for (const gapNs of gapsNs) this.add(gapNs / 1e6);
    return true;
  }

  /** φ itself. */
  surprise(silenceMs: number): number {
    const lateUs = this.#latenessOf(silenceMs);
    const phi = this.#curve.phiAt(lateUs, this.#expectedUs);
    return phi > ECHO_LEAST_PHI && this.#echo.isHeard ? this.#echo.soften(phi, lateUs) : phi;
  }

  phiOfSurprise(surprise: number): number {
    return Math.max(surprise, 0);
  }

  surpriseAtPhi(phi: number): number {
    return phi;
  }

  /** The length of the next gap that is neither early nor late. */
  get #expectedUs(): number {
    return this.#medianUs + this.#swing.expectedOffUs;
  }

  #latenessOf(silenceMs: number): number {
    return (silenceMs - this.#pauseMs) * 1000 - this.#expectedUs;
  }

  #latenessAt(phi: number): number {
    const expectedUs = this.#expectedUs;
    const lateUs = this.#curve.latenessAt(phi, expectedUs);
    if (phi <= ECHO_LEAST_PHI || !this.#echo.isHeard) return lateUs;
    return this.#echo.latenessAt(phi, lateUs, (atUs) => this.#curve.phiAt(atUs, expectedUs));
  }

  /** What is to be seen of one gap beside its rank; false if the history begins anew with it. */
  #notice(gapUs: number): boolean {
    const medianUs = this.#medianUs;
    this.#recentUs[++this.#count % RECENT_GAPS] = gapUs;
    this.#echo.notice(gapUs - this.#expectedUs, this.#curve.knownUs, medianUs);
    if (this.#age < RECENT_GAPS) {
      this.#age++;
    } else {
      if (!this.#rhythm.isAnother(gapUs, medianUs, this.#unusualUs)) return true;
      // After a restore not all of them are known.
      this.#age = Math.min(RECENT_GAPS, this.#count);
    }
    this.#relearn();
    return false;
  }

  #learn(gapUs: number): void {
    const lateUs = gapUs - this.#expectedUs;
    this.#curve.histogram.add(lateUs);
    this.#swing.notice(gapUs - this.#medianUs, lateUs, this.#quartileUs, this.#medianUs);
    const stepUs = MEDIAN_STEP * this.#quartileUs;
    this.#medianUs += Math.min(Math.max(lateUs, -stepUs), stepUs);
    if (this.#age < 2 * MEMORY_SAMPLES) this.#age++;
    const rate = this.#age < MEMORY_SAMPLES ? 1 / this.#age : 1 / MEMORY_SAMPLES;
    const fromMeanUs = gapUs - this.#meanUs;
    this.#meanUs += rate * fromMeanUs;
    this.#varianceUs = (1 - rate) * (this.#varianceUs + rate * fromMeanUs * fromMeanUs);
    if (++this.#fitAge >= Math.min(this.#age / 8, LONGEST_FIT_AGE)) this.#fit();
  }

  /** Begins a history of the newest gaps alone, and of the first estimate where those are too few. */
  #relearn(): void {
    const gapsUs = this.#recentGapsUs();
    const sorted = gapsUs.toSorted((a, b) => a - b);
    const middle = sorted.length / 2;
    this.#medianUs = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
    this.#meanUs = gapsUs.reduce((sum, gapUs) => sum + gapUs, 0) / gapsUs.length;
    const squares = gapsUs.reduce((sum, gapUs) => sum + (gapUs - this.#meanUs) ** 2, 0);
    this.#varianceUs = squares / gapsUs.length;
    const { histogram } = this.#curve;
    histogram.clear(Math.max(this.#medianUs, 1));
    for (const gapUs of gapsUs) histogram.add(gapUs - this.#medianUs);
    this.#rhythm.restart();
    this.#swing.restart();
    this.#fit();
  }

  /** Oldest first. */
  #recentGapsUs(): number[] {
    const gapsUs: number[] = [];
    if (this.#age < RECENT_GAPS) {
      const deviationUs = this.#estimateUs * ESTIMATE_STD_DEV_SHARE;
      gapsUs.push(this.#estimateUs - deviationUs, this.#estimateUs + deviationUs);
    }
    for (let back = this.#age - 1; back >= 0; back--) {
      gapsUs.push(this.#recentUs[(this.#count - back) % RECENT_GAPS]!);
    }
    return gapsUs;
  }

  #fit(): void {
    this.#curve.fit(this.#medianUs);
    this.#swing.fit();
    this.#quartileUs = this.#curve.latenessOfShare(QUARTILE_SHARE);
    this.#unusualUs = this.#curve.latenessOfShare(UNUSUAL_SHARE);
    this.#fitAge = 0;
  }
}

function wholeNs(sizeUs: number): number {
  return Math.min(Math.round(sizeUs * 1000), Number.MAX_SAFE_INTEGER);
}

function isWhole(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}
