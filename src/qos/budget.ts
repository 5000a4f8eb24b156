/**
 * A budget instead of a threshold: how soon a crash is to be noticed, how many false alarms a month may
 * cost, or both go in, with the gaps of a live server as they come; the threshold for φ comes out, and where that
 * is allowed the interval at which to ask. Both follow the history slowly, at rates stated here, and only that of
 * a server that was alive: an outage moves neither. A pair that cannot be kept is told by a bound that
 * holds whatever the link's distribution is, with numbers that could be.
 */
import {
  longestIntervalMs,
  MONTH_MS,
  mostFalseAlarmsPerMonth,
  shortestDetectionMs,
} from "./configuration.ts";
import { LinkEstimate } from "./link_estimate.ts";
import { Recalibration } from "./recalibration.ts";

export interface Budget {
  /** A crash is noticed within this, counted from the last heartbeat before it; null if nobody asked for that. */
  readonly detectWithinMs: number | null;
  /** Per 30 days; null if nobody asked for that. */
  readonly falseAlarmsPerMonth: number | null;
}

export interface BudgetOptions extends Budget {
  /** How often a heartbeat comes. */
  readonly intervalMs: number;
  /** How short the interval may be made for the budget's sake; the interval itself if it is not to be changed. */
  readonly leastIntervalMs: number;
}

/** The part of a suspicion model that a threshold is derived from. */
export interface SuspicionCurve {
  /** φ after so long a silence. */
  phiAfter(silenceMs: number): number;
  /** The shortest silence at which φ reaches this. */
  silenceAtPhi(phi: number): number;
}

/** A threshold and an interval are looked at again after so many intervals. */
export const REDERIVED_EVERY = 64;
/** For false alarms the threshold moves by no more than this at a time: a quarter more, or fewer, alarms. */
export const MOST_STEP = 0.1;
/** Nor does it move for less. */
const LEAST_STEP = 0.02;
/** In a tenth of all intervals would be too often for any verdict. */
export const LEAST_THRESHOLD = 1;
/** Beyond it nothing can be told apart. */
const MOST_THRESHOLD = 1e6;

/** Where within the time allowed a detection is aimed at, and from where on it is early enough to be left alone. */
const AIM = 0.95;
const EARLY = 0.9;

/** With no other wish there is time for so many questions before a verdict: two of them may be lost. */
const QUESTIONS_IN_TIME = 3;
/** An interval that is this near to the wanted one is left alone; it is lengthened by no more at a time. */
const INTERVAL_STEP = 1.25;
/** Before so many gaps nobody judges a link. */
const JUDGED_FROM_GAPS = 100;
/** The shortest interval that a config takes. */
const SHORTEST_INTERVAL_MS = 10;
const LONGEST_DETECTION_MS = 30 * 86_400_000;

export interface BudgetReading extends Budget {
  /** In force now. */
  readonly threshold: number;
  readonly intervalMs: number;
  /** Whether the bound lets the budget pass; null while too little is known, or where there is nothing to be refused. */
  readonly isFeasible: boolean | null;
  /** The most false alarms a month by the bound, with the detection time that was asked for. */
  readonly mostFalseAlarmsPerMonth: number | null;
}

/** What would be feasible, each with the other numbers left as they are; null where that alone cannot help. */
export interface FeasibleNumbers {
  readonly detectWithinMs: number | null;
  readonly falseAlarmsPerMonth: number | null;
  readonly intervalMs: number | null;
}

export class BudgetKeeper {
  readonly #options: BudgetOptions;
  readonly #recalibration = new Recalibration();
  readonly #link: LinkEstimate;
  #threshold: number;
  #intervalMs: number;
  #meanGapMs: number;
  #gapsUntilDerived = REDERIVED_EVERY;

  /** `curve` is the model's before its first heartbeat. */
  constructor(options: BudgetOptions, curve: SuspicionCurve) {
    this.#options = options;
    this.#intervalMs = this.#firstIntervalMs();
    this.#meanGapMs = this.#intervalMs;
    this.#link = new LinkEstimate(this.#intervalMs);
    this.#threshold = this.#wantedThreshold(curve);
  }

  /** φ from which the target is down. */
  get threshold(): number {
    return this.#threshold;
  }

  /** How often the target is to be asked. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /**
   * A heartbeat ended a gap of a live server, in which φ had risen to `phi`, and the model has learnt it. `isCounted`
   * is false for one that cannot have been an alarm of its own. True if threshold or interval is another now.
   */
  gapEnded(gapMs: number, phi: number, isCounted: boolean, curve: SuspicionCurve): boolean {
    this.#recalibration.add(phi, isCounted);
    this.#link.add(gapMs);
    this.#meanGapMs += (gapMs - this.#meanGapMs) / Math.min(this.#link.gapCount + 1, 1_000);
    if (--this.#gapsUntilDerived > 0) return this.#keepInTime(curve);
    this.#gapsUntilDerived = REDERIVED_EVERY;
    const before = this.#intervalMs;
    this.#deriveInterval();
    return this.#deriveThreshold(curve) || this.#intervalMs !== before;
  }

  /** The time allowed is a promise: what is later is not left until the next look. */
  #keepInTime(curve: SuspicionCurve): boolean {
    const { detectWithinMs } = this.#options;
    if (detectWithinMs === null || this.#threshold === LEAST_THRESHOLD) return false;
    if (curve.silenceAtPhi(this.#threshold) <= detectWithinMs) return false;
    return this.#deriveThreshold(curve);
  }

  #deriveThreshold(curve: SuspicionCurve): boolean {
    const { detectWithinMs } = this.#options;
    const before = this.#threshold;
    if (detectWithinMs !== null) {
      const silenceMs = curve.silenceAtPhi(before);
      if (silenceMs >= EARLY * detectWithinMs && silenceMs <= detectWithinMs) return false;
      this.#threshold = this.#wantedThreshold(curve);
      return this.#threshold !== before;
    }
    const step = this.#wantedThreshold(curve) - before;
    if (Math.abs(step) < LEAST_STEP) return false;
    this.#threshold = before + Math.min(Math.max(step, -MOST_STEP), MOST_STEP);
    return true;
  }

  /** With both promises the time is used up: a later verdict is less often a wrong one. */
  #wantedThreshold(curve: SuspicionCurve): number {
    const { detectWithinMs, falseAlarmsPerMonth } = this.#options;
    const wanted =
      detectWithinMs === null
        ? this.#recalibration.levelOf(((falseAlarmsPerMonth ?? 1) * this.#meanGapMs) / MONTH_MS)
        : curve.phiAfter(AIM * detectWithinMs);
    return Math.min(Math.max(wanted, LEAST_THRESHOLD), MOST_THRESHOLD);
  }

  #firstIntervalMs(): number {
    const { detectWithinMs, intervalMs, leastIntervalMs } = this.#options;
    if (detectWithinMs === null) return intervalMs;
    return clamp(Math.floor(detectWithinMs / QUESTIONS_IN_TIME), leastIntervalMs, intervalMs);
  }

  #deriveInterval(): void {
    const { leastIntervalMs, intervalMs } = this.#options;
    if (leastIntervalMs >= intervalMs || this.#link.gapCount < JUDGED_FROM_GAPS) return;
    const wantedMs = this.#wantedIntervalMs();
    const ratio = wantedMs / this.#intervalMs;
    if (ratio < INTERVAL_STEP && ratio > 1 / INTERVAL_STEP) return;
    // A longer one is a silence that the model has to learn first.
    this.#intervalMs = Math.floor(Math.min(wantedMs, this.#intervalMs * INTERVAL_STEP));
    this.#link.changeInterval(this.#intervalMs);
  }

  #wantedIntervalMs(): number {
    const { detectWithinMs, falseAlarmsPerMonth, leastIntervalMs, intervalMs } = this.#options;
    if (detectWithinMs === null) return intervalMs;
    if (falseAlarmsPerMonth === null) return this.#firstIntervalMs();
    const promise = { detectMs: detectWithinMs, falseAlarmsPerMonth };
    const range = { leastMs: leastIntervalMs, mostMs: intervalMs };
    return longestIntervalMs(this.#link.facts(), promise, range) ?? leastIntervalMs;
  }

  reading(): BudgetReading {
    const { detectWithinMs, falseAlarmsPerMonth } = this.#options;
    const stated = { detectWithinMs, falseAlarmsPerMonth };
    const inForce = { threshold: this.#threshold, intervalMs: this.#intervalMs };
    if (detectWithinMs === null || this.#link.gapCount < JUDGED_FROM_GAPS) {
      return { ...stated, ...inForce, isFeasible: null, mostFalseAlarmsPerMonth: null };
    }
    const most = mostFalseAlarmsPerMonth(this.#link.facts(), this.#intervalMs, detectWithinMs);
    const isFeasible =
      falseAlarmsPerMonth === null
        ? detectWithinMs > this.#intervalMs
        : most <= falseAlarmsPerMonth;
    return { ...stated, ...inForce, isFeasible, mostFalseAlarmsPerMonth: most };
  }

  /** Null unless the budget is known not to be feasible. Takes a while, for whoever asks for one target. */
  feasibleInstead(): FeasibleNumbers | null {
    const { detectWithinMs: detectMs, falseAlarmsPerMonth } = this.#options;
    const { isFeasible, mostFalseAlarmsPerMonth: most } = this.reading();
    if (isFeasible !== false || detectMs === null) return null;
    if (falseAlarmsPerMonth === null) {
      const detectWithinMs = QUESTIONS_IN_TIME * this.#intervalMs;
      const intervalMs = Math.floor(detectMs / QUESTIONS_IN_TIME);
      return { detectWithinMs, falseAlarmsPerMonth: null, intervalMs };
    }
    const link = this.#link.facts();
    const shortestMs = shortestDetectionMs(
      link,
      this.#intervalMs,
      falseAlarmsPerMonth,
      LONGEST_DETECTION_MS,
    );
    const intervalMs = longestIntervalMs(
      link,
      { detectMs, falseAlarmsPerMonth },
      { leastMs: SHORTEST_INTERVAL_MS, mostMs: this.#intervalMs },
    );
    return {
      detectWithinMs: Number.isFinite(shortestMs) ? Math.ceil(shortestMs) : null,
      falseAlarmsPerMonth: most,
      intervalMs: intervalMs === null ? null : Math.floor(intervalMs),
    };
  }

  /** For `restore`. */
  save(): number[] {
    return [this.#threshold, this.#meanGapMs, ...this.#recalibration.save()];
  }

  /** Goes on where another keeper of the same budget ended; false, and nothing has changed, if that is not what it left. */
  restore(saved: readonly number[]): boolean {
    const [threshold, meanGapMs, ...counts] = saved;
    if (threshold === undefined || meanGapMs === undefined) return false;
    if (!(threshold >= LEAST_THRESHOLD && threshold <= MOST_THRESHOLD)) return false;
    if (!(meanGapMs > 0 && meanGapMs < Infinity)) return false;
    if (!this.#recalibration.restore(counts)) return false;
    this.#threshold = threshold;
    this.#meanGapMs = meanGapMs;
    return true;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
