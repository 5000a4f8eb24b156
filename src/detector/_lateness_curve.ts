/**
 * φ over lateness, and the way back: a histogram of how late gaps were and the tail beyond it make one
 * curve. It starts at 0 where the silence does, passes the median with the rank of what is late, goes on by ranks, in straight lines of
 * probability within a bucket and over stretches where no gap ever ended, and ends in the tail's power law. It never falls, has no
 * jumps, and rises everywhere but in the last such stretch before the tail, which is no wider than clocks can tell.
 */
import { LatenessHistogram } from "./_lateness_histogram.ts";
import { fitTail, type Tail } from "./_tail_fit.ts";

/** Lateness below this share of the median is not told apart beyond the ranks: clocks are no better. */
const RESOLUTION_SHARE = 1e-3;
const LEAST_RESOLUTION_US = 1;

/** Of a sample's weight. */
const SPARED_SHARE = 1 / 8;

export class LatenessCurve {
  readonly histogram = new LatenessHistogram();
  #tail: Tail = { bucket: 0, exponent: 1 };
  /** Where the ranks end: the least lateness of the tail's bucket. */
  #knownUs = 0;
  /** Where the tail's law begins: the same, or what can be told apart, if that is later. */
  #tailStartUs = LEAST_RESOLUTION_US;

  /** What is later is the tail's word alone. */
  get knownUs(): number {
    return this.#knownUs;
  }

  /** The least lateness that `share` of all gaps do not exceed, and a bucket more. */
  latenessOfShare(share: number): number {
    const { histogram } = this;
    return histogram.leastUs(Math.max(histogram.bucketFrom(histogram.total * share), 0) + 1);
  }

  /** Has the tail follow the histogram. What was added since the last time is in the ranks, but not in the tail's form. */
  fit(medianUs: number): void {
    const resolutionUs = Math.max(medianUs * RESOLUTION_SHARE, LEAST_RESOLUTION_US);
    this.#tail = fitTail(this.histogram, resolutionUs);
    this.#knownUs = this.histogram.leastUs(this.#tail.bucket);
    this.#tailStartUs = Math.max(this.#knownUs, resolutionUs);
  }

  phiAt(lateUs: number, medianUs: number): number {
    const { histogram } = this;
    const all = histogram.total + histogram.unit;
    if (lateUs < 0) {
      const share = Math.max(1 + lateUs / medianUs, 0);
      return share * Math.log10(all / this.#weightAtMedian());
    }
    const { bucket: tailBucket, exponent } = this.#tail;
    const bucket = histogram.bucketOf(lateUs);
    if (bucket >= tailBucket) {
      const phi = Math.log10(all / this.#weightFrom(tailBucket));
      const startUs = this.#tailStartUs;
      return lateUs > startUs ? phi + exponent * Math.log10(lateUs / startUs) : phi;
    }
    const own = histogram.weightOf(bucket);
    const after = histogram.weightFrom(bucket + 1);
    if (own === 0) return Math.log10(all / this.#weightInStretch(lateUs, after));
    const leastUs = histogram.leastUs(bucket);
    const share = (lateUs - leastUs) / (histogram.leastUs(bucket + 1) - leastUs);
    const spared = this.#sparedBy(bucket, own);
    return Math.log10(all / (after + spared + (1 - share) * (own - spared)));
  }

  /** How much later than the median a silence is when φ is `phi`, above 0; negative for earlier. */
  latenessAt(phi: number, medianUs: number): number {
    const { histogram } = this;
    const all = histogram.total + histogram.unit;
    const weight = all * probabilityOf(phi);
    const late = this.#weightAtMedian();
    if (weight >= late) return (phi / Math.log10(all / late) - 1) * medianUs;
    const { bucket: tailBucket, exponent } = this.#tail;
    const fromTail = this.#weightFrom(tailBucket);
    if (weight < fromTail) return this.#tailStartUs * (fromTail / weight) ** (1 / exponent);
    const bucket = Math.min(histogram.bucketFrom(weight), tailBucket);
    if (bucket === tailBucket) return histogram.leastUs(bucket);
    const after = histogram.weightFrom(bucket + 1);
    const own = bucket < 0 ? this.#early : histogram.weightOf(bucket);
    const spared = this.#sparedBy(bucket, own);
    const endUs = this.#leastFrom(bucket + 1);
    if (weight < after + spared) {
      const share = (after + spared - weight) / spared;
      return endUs + share * (this.#leastFrom(histogram.bucketFrom(after)) - endUs);
    }
    const leastUs = histogram.leastUs(bucket);
    const share = (after + own - weight) / (own - spared);
    return leastUs + share * (endUs - leastUs);
  }

  /** Where no gap ever ended: between what ended before, and what did after. */
  #weightInStretch(lateUs: number, after: number): number {
    const { histogram } = this;
    const before = histogram.bucketFrom(after + 1);
    const own = before < 0 ? this.#early : histogram.weightOf(before);
    const startUs = this.#leastFrom(before + 1);
    const endUs = this.#leastFrom(histogram.bucketFrom(after));
    return after + this.#sparedBy(before, own) * (1 - (lateUs - startUs) / (endUs - startUs));
  }

  /**
   * The part of a bucket's weight, -1 for all that is early, that is left for the empty stretch behind it, so that φ rises there too:
   * little, because nothing is known of it.
   */
  #sparedBy(bucket: number, own: number): number {
    const next = bucket + 1;
    if (next >= this.#tail.bucket || this.histogram.weightOf(next) > 0) return 0;
    return Math.min(own, this.histogram.unit) * SPARED_SHARE;
  }

  get #early(): number {
    return this.histogram.total - this.histogram.late;
  }

  /** What is later than the median, and what is spared for a stretch right behind it. */
  #weightAtMedian(): number {
    return this.#weightFrom(0) + this.#sparedBy(-1, this.#early);
  }

  /** The least lateness of a bucket, but where the tail begins at the latest. */
  #leastFrom(bucket: number): number {
    return this.histogram.leastUs(Math.min(bucket, this.#tail.bucket));
  }

  /** Never 0, whatever was rounded off. */
  #weightFrom(bucket: number): number {
    return Math.max(this.histogram.weightFrom(bucket), 1);
  }
}

/** The last answer of `probabilityOf`: most targets are asked about the same few levels. */
let lastPhi = 0;
let lastProbability = 1;

/** No smaller than what a double can tell from 0, so that what is divided by it is finite. */
function probabilityOf(phi: number): number {
  if (phi !== lastPhi) {
    lastProbability = Math.max(10 ** -phi, Number.MIN_VALUE);
    lastPhi = phi;
  }
  return lastProbability;
}
