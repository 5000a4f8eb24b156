/**
 * What φ has been worth so far. A model says that φ = x is exceeded in a share of 10^-x of intervals; here
 * it is counted how often it was, and the level is looked up that is exceeded in any wanted share. The
 * idea: where much was seen the counts decide, where little was seen the model does, corrected as at the
 * level below, and in between both are weighed (a gamma prior of so many exceedances).
 */

/** Edges of the bins: 0.5, 0.75, ... 16. What lies beyond the last one is counted there. */
const FIRST_LEVEL = 0.5;
const LEVEL_STEP = 0.25;
const LEVELS = 63;

/** How many numbers `save` gives. */
export const SAVED_COUNTS = 1 + LEVELS;

/** Exceedances that the expectation is worth. More trusts the model for longer. */
const PRIOR_COUNT = 3;

/** That a model was far too careful where much was seen is no reason to be as bold where nothing was. */
const LEAST_PRIOR = 1 / 2;

/** After so many intervals what was counted counts half: 48 days at one a second. */
const HALVED_AFTER = 2 ** 22;

/** No correction goes further. A model whose φ is twice what it should be needs one of 10^8 where φ is 16. */
const MOST_RATIO = 1e9;

export class Recalibration {
  /** How many intervals ended between one level and the next. */
  readonly #counts = new Uint32Array(LEVELS);
  #intervalCount = 0;

  get intervalCount(): number {
    return this.#intervalCount;
  }

  /**
   * An interval ended in which φ had risen to `phi`. With `isCounted` false it belongs to an alarm that had
   * been counted already.
   */
  add(phi: number, isCounted: boolean): void {
    if (this.#intervalCount >= HALVED_AFTER) this.#halve();
    this.#intervalCount++;
    if (!isCounted || phi < FIRST_LEVEL) return;
    const index = Math.floor((phi - FIRST_LEVEL) / LEVEL_STEP);
    this.#counts[Math.min(index, LEVELS - 1)]!++;
  }

  /** The φ that is exceeded in a share of `share` of intervals, (0, 1). >= FIRST_LEVEL where that is rarer than one in three. */
  levelOf(share: number): number {
    const wantedLog = Math.log10(share);
    const reached = this.#reached();
    let ratio = 1;
    let [levelBelow, logBelow] = [0, 0];
    for (let index = 0; index < LEVELS; index++) {
      const level = FIRST_LEVEL + index * LEVEL_STEP;
      // By the model, corrected as at the level below.
      const prior = Math.max(ratio, LEAST_PRIOR);
      const expected = this.#intervalCount * prior * 10 ** -level;
      ratio = (prior * (reached[index]! + PRIOR_COUNT)) / (expected + PRIOR_COUNT);
      ratio = Math.min(Math.max(ratio, 1 / MOST_RATIO), MOST_RATIO);
      // What is further out is not exceeded more often.
      const log = Math.min(Math.log10(ratio) - level, logBelow);
      if (log <= wantedLog) {
        const part = log < logBelow ? (logBelow - wantedLog) / (logBelow - log) : 1;
        return levelBelow + part * (level - levelBelow);
      }
      [levelBelow, logBelow] = [level, log];
    }
    return levelBelow + (logBelow - wantedLog);
  }

  /** By level: in how many intervals φ got there. */
  #reached(): number[] {
    const reached: number[] = Array.from(this.#counts);
    for (let index = LEVELS - 2; index >= 0; index--) reached[index]! += reached[index + 1]!;
    return reached;
  }

  #halve(): void {
    this.#intervalCount = Math.floor(this.#intervalCount / 2);
    for (let index = 0; index < LEVELS; index++) this.#counts[index]! >>>= 1;
  }

  /** For `restore`: the intervals, then a count for each level. */
  save(): number[] {
    return [this.#intervalCount, ...this.#counts];
  }

  /** Goes on where `save` had ended; false, and nothing has changed, if it is not what that gave. */
  restore(saved: readonly number[]): boolean {
    const [intervalCount, ...counts] = saved;
    if (intervalCount === undefined || counts.length !== LEVELS) return false;
    if (!saved.every(isCount)) return false;
    if (counts.reduce((sum, count) => sum + count, 0) > intervalCount) return false;
    this.#intervalCount = intervalCount;
    this.#counts.set(counts);
    return true;
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}
