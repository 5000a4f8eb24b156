/**
 * The model whose φ means what it says: φ = k is reached in about one of 10^k live gaps. It assumes no distribution. φ is the
 * rank of this silence among the past, by how much later than the running median it is: what j of n gaps exceeded, the
 * next one exceeds with probability j / (n + 1), whatever the law (if only the order of gaps tells nothing). Beyond the
 * ranks it is extrapolated, and says so. Two things stand beside the long memory. The first 16 gaps, and those after a lasting change of
 * rhythm, are a history of their own: twelve gaps in a row that only one in ten should reach, or thirty-two as early, are such a change. And a gap that is later
 * than anything known may be the first of many: for the next 16 heartbeats silences like it are no great surprise.
 */
import { LatenessHistogram, MEMORY_SAMPLES } from "./_lateness_histogram.ts";
import { fitTail, type Tail } from "./_tail_fit.ts";
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

/** So many gaps in a row that only `UNUSUAL_SHARE` should be as late as, or as early as, are another rhythm. */
const LATE_RUN = 12;
const EARLY_RUN = 32;
const UNUSUAL_SHARE = 0.1;
/** A backlog that is delivered at once is no rhythm: the early ones have to last as long as so many of before. */
const EARLY_RUN_MEDIANS = 16;

/** The median moves by this share of the upper quartile's distance at each gap. */
const MEDIAN_STEP = 1 / 256;
/** Deviations below this share of the median are not told apart beyond the ranks: clocks are no better. */
const RESOLUTION_SHARE = 1e-3;

/** After a gap that was later than anything known: φ of silences like it, and a quarter more, for how many heartbeats. */
const ECHO_PHI = 2.5;
const ECHO_GAPS = 16;
const ECHO_SPREAD = 1.25;
/** From here on, in lateness of that gap, φ is what it would be. */
const ECHO_END = 1.5;
/** What is longer than so many medians is more likely an outage than a rhythm. */
const ECHO_LONGEST_MEDIANS = 10;

/** Heartbeats between two fits of the tail: an eighth of the history, at most so many. */
const LONGEST_FIT_AGE = 64;

const SAVED_VERSION = 1;
const SAVED_HEAD = 5;

/** The golden section, whose multiples fill an interval evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export class CalibratedModel implements SuspicionModel {
  readonly #histogram = new LatenessHistogram();
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
  #tail: Tail = { bucket: 0, exponent: 1 };
  #fitAge = 0;
  /** Distance of the median from the deviation that one in four gaps exceeds, and one in ten; as of the last fit. */
  #quartileUs = 0;
  #unusualUs = 0;
  /** Gaps in a row that were unusually late, or early if negative. */
  #run = 0;
  #runUs = 0;
  #echoUs = 0;
  #echoGaps = 0;
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
    let silenceMs = this.#pauseMs + (this.#medianUs + lateUs) / 1000;
    let stepMs = 4 * Number.EPSILON * silenceMs + Number.MIN_VALUE;
    while (silenceMs <= LONGEST_GAP_MS && this.surprise(silenceMs) < phi) {
      silenceMs += stepMs;
      stepMs *= 2;
    }
    return silenceMs <= LONGEST_GAP_MS ? silenceMs : Infinity;
  }

  isConfidentAt(silenceMs: number): boolean {
    return (
      this.#age >= RECENT_GAPS &&
      this.#latenessOf(silenceMs) <= this.#histogram.leastUs(this.#tail.bucket)
    );
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
    const lateUs = gapMs * 1000 - this.#medianUs;
    if (this.#age < RECENT_GAPS) {
      // With so little known, only the length tells what may be the rhythm from a stump of it, or from an outage.
      const longestUs = ECHO_LONGEST_MEDIANS * this.#medianUs;
      if (lateUs >= 0 && gapMs * 1000 <= longestUs) this.add(gapMs);
    } else if (lateUs > this.#histogram.leastUs(this.#tail.bucket)) {
      this.#notice(gapMs * 1000);
    } else {
      this.#imputation = (this.#imputation + GOLDEN) % 1;
      const phi = this.#phiOfLateness(lateUs) - Math.log10(1 - this.#imputation);
      // What is early is all alike to the ranks, and the median moves by no more.
      const drawnUs = Math.max(this.#latenessAt(phi), -this.#quartileUs);
      this.add(Math.max(this.#medianUs + drawnUs, 0) / 1000);
    }
  }

  /** Whole numbers >= 0, for `restore`: eight and one for each bucket that is not empty, or all gaps if they are few. */
  save(): number[] {
    if (this.#age < RECENT_GAPS) {
      const gapsUs = this.#recentGapsUs().slice(ESTIMATE_GAPS);
      return [SAVED_VERSION, this.#count < 0 ? 0 : 1, ...gapsUs.map(wholeNs)];
    }
    const stdDevUs = Math.sqrt(this.#varianceUs);
    const sizes = [this.#medianUs, this.#meanUs, stdDevUs].map(wholeNs);
    return [SAVED_VERSION, this.#age, ...sizes, ...this.#histogram.save()];
  }

  /** For a model that has heard nothing: becomes what was saved. False, and as it was, if `save` never gave that. */
  restore(saved: ArrayLike<number>): boolean {
    const numbers = Array.from(saved);
    const [version, age] = numbers;
    if (version !== SAVED_VERSION || !numbers.every(isWhole)) return false;
    if (age! < RECENT_GAPS) return this.#restoreGaps(age! > 0, numbers.slice(2));
    const [medianUs, meanUs, stdDevUs] = numbers
      .slice(2, SAVED_HEAD)
      .map((sizeNs) => sizeNs / 1000);
    if (!this.#histogram.restore(numbers.slice(SAVED_HEAD)) || !(medianUs! > 0)) {
      this.#relearn();
      return false;
    }
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
    const phi = this.#phiOfLateness(lateUs);
    return phi > ECHO_PHI && this.#echoGaps > 0 ? this.#echoed(phi, lateUs) : phi;
  }

  phiOfSurprise(surprise: number): number {
    return Math.max(surprise, 0);
  }

  surpriseAtPhi(phi: number): number {
    return phi;
  }

  #latenessOf(silenceMs: number): number {
    return (silenceMs - this.#pauseMs) * 1000 - this.#medianUs;
  }

  #phiOfLateness(lateUs: number): number {
    const histogram = this.#histogram;
    const all = histogram.total + histogram.unit;
    if (lateUs < 0) {
      const share = Math.max(1 + lateUs / this.#medianUs, 0);
      return share * Math.log10(all / histogram.weightFrom(0));
    }
    const { bucket: tailBucket, exponent } = this.#tail;
    const bucket = histogram.bucketOf(lateUs);
    if (bucket >= tailBucket) {
      const phi = Math.log10(all / histogram.weightFrom(tailBucket));
      const startUs = this.#tailStartUs();
      return lateUs > startUs ? phi + exponent * Math.log10(lateUs / startUs) : phi;
    }
    // Within a bucket all gaps are alike to it, so that φ is continuous.
    const after = histogram.weightFrom(bucket + 1);
    const from = after + histogram.weightOf(bucket);
    const share =
      (lateUs - histogram.leastUs(bucket)) /
      (histogram.leastUs(bucket + 1) - histogram.leastUs(bucket));
    return Math.log10(all / (from - share * (from - after)));
  }

  /** How much later than the median a silence is when φ is `phi`, above 0; negative for earlier. */
  #latenessAt(phi: number): number {
    const histogram = this.#histogram;
    const all = histogram.total + histogram.unit;
    const weight = all * probabilityOf(phi);
    const late = histogram.weightFrom(0);
    if (weight >= late) return (phi / Math.log10(all / late) - 1) * this.#medianUs;
    const lateUs = this.#rankedLatenessAt(weight);
    return phi > ECHO_PHI && this.#echoGaps > 0 ? this.#latenessBeyondEcho(phi, lateUs) : lateUs;
  }

  /** How much later than the median `weight` of all gaps were, or would be if the tail had any. */
  #rankedLatenessAt(weight: number): number {
    const histogram = this.#histogram;
    const { bucket: tailBucket, exponent } = this.#tail;
    const fromTail = histogram.weightFrom(tailBucket);
    if (weight < fromTail) return this.#tailStartUs() * (fromTail / weight) ** (1 / exponent);
    const bucket = Math.min(Math.max(histogram.bucketFrom(weight), 0), tailBucket);
    if (bucket === tailBucket) return histogram.leastUs(bucket);
    const share = (histogram.weightFrom(bucket) - weight) / histogram.weightOf(bucket);
    const width = histogram.leastUs(bucket + 1) - histogram.leastUs(bucket);
    return histogram.leastUs(bucket) + Math.min(Math.max(share, 0), 1) * width;
  }

  /** φ is no more than ECHO_PHI up to a quarter beyond the late gap, and from there it catches up. */
  #echoed(phi: number, lateUs: number): number {
    const start = ECHO_SPREAD * this.#echoUs;
    const end = ECHO_END * this.#echoUs;
    const share = Math.min(Math.max((lateUs - start) / (end - start), 0), 1);
    return ECHO_PHI + share * (phi - ECHO_PHI);
  }

  #latenessBeyondEcho(phi: number, withoutUs: number): number {
    let highUs = ECHO_END * this.#echoUs;
    if (withoutUs >= highUs) return withoutUs;
    let lowUs = ECHO_SPREAD * this.#echoUs;
    // Rare, and two products that rise: halving is soon at the end of what a double can tell.
    for (let step = 0; step < 50; step++) {
      const middleUs = (lowUs + highUs) / 2;
      if (this.#echoed(this.#phiOfLateness(middleUs), middleUs) < phi) lowUs = middleUs;
      else highUs = middleUs;
    }
    return highUs;
  }

  #tailStartUs(): number {
    return Math.max(this.#histogram.leastUs(this.#tail.bucket), this.#resolutionUs());
  }

  #resolutionUs(): number {
    return Math.max(this.#medianUs * RESOLUTION_SHARE, 1);
  }

  /** What is to be seen of one gap beside its rank; false if the history began anew with it. */
  #notice(gapUs: number): boolean {
    this.#recentUs[++this.#count % RECENT_GAPS] = gapUs;
    const lateUs = gapUs - this.#medianUs;
    if (this.#echoGaps > 0) this.#echoGaps--;
    const isUnheardOf = lateUs > ECHO_SPREAD * this.#histogram.leastUs(this.#tail.bucket);
    if (isUnheardOf && gapUs <= ECHO_LONGEST_MEDIANS * this.#medianUs) {
      this.#echoUs = this.#echoGaps > 0 ? Math.max(this.#echoUs, lateUs) : lateUs;
      this.#echoGaps = ECHO_GAPS;
    }
    if (this.#age >= RECENT_GAPS && !this.#isAnotherRhythm(gapUs, lateUs)) return true;
    this.#age = this.#age < RECENT_GAPS ? this.#age + 1 : RECENT_GAPS;
    this.#relearn();
    return false;
  }

  #isAnotherRhythm(gapUs: number, lateUs: number): boolean {
    if (lateUs > this.#unusualUs) {
      this.#run = this.#run > 0 ? this.#run + 1 : 1;
      return this.#run >= LATE_RUN;
    }
    if (lateUs >= -this.#unusualUs) {
      this.#run = 0;
      return false;
    }
    this.#runUs = this.#run < 0 ? this.#runUs + gapUs : gapUs;
    this.#run = this.#run < 0 ? this.#run - 1 : -1;
    return this.#run <= -EARLY_RUN && this.#runUs >= EARLY_RUN_MEDIANS * this.#medianUs;
  }

  #learn(gapUs: number): void {
    const lateUs = gapUs - this.#medianUs;
    this.#histogram.add(lateUs);
    const stepUs = MEDIAN_STEP * this.#quartileUs;
    this.#medianUs += Math.min(Math.max(lateUs, -stepUs), stepUs);
    if (this.#age < 2 * MEMORY_SAMPLES) this.#age++;
    const rate = 1 / Math.min(this.#age, MEMORY_SAMPLES);
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
    this.#histogram.clear(Math.max(this.#medianUs, 1));
    for (const gapUs of gapsUs) this.#histogram.add(gapUs - this.#medianUs);
    this.#run = 0;
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
    const histogram = this.#histogram;
    this.#tail = fitTail(histogram, this.#resolutionUs());
    this.#quartileUs = histogram.leastUs(
      Math.max(histogram.bucketFrom(histogram.total / 4), 0) + 1,
    );
    const unusual = histogram.bucketFrom(histogram.total * UNUSUAL_SHARE);
    this.#unusualUs = histogram.leastUs(Math.max(unusual, 0) + 1);
    this.#fitAge = 0;
  }
}

/** The last answer of `probabilityOf`: most targets are asked about the same few levels. */
let lastPhi = 0;
let lastProbability = 1;

function probabilityOf(phi: number): number {
  if (phi !== lastPhi) {
    lastProbability = 10 ** -phi;
    lastPhi = phi;
  }
  return lastProbability;
}

function wholeNs(sizeUs: number): number {
  return Math.min(Math.round(sizeUs * 1000), Number.MAX_SAFE_INTEGER);
}

function isWhole(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}
