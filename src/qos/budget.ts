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
import { LearntGaps } from "./_learnt_gaps.ts";
import { requireNumbers } from "./_number_rules.ts";

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
  /** The target is suspect from this share of the threshold; or, where there is a time, of that past a usual gap. */
  readonly suspectRatio: number;
  /** φ from which the target is down where neither is stated. */
  readonly threshold: number;
  /**
   * However far a tail has to be extrapolated, no silence is waited for any longer: what little history there is may
   * say that it would take a day to be sure.
   */
  readonly longestSilenceMs: number;
  /**
   * A number that stands for what φ follows from beside the gaps: the model, and its settings. What a process before counted
   * under another one is not gone on with. 0 where there is only one.
   */
  readonly phiDigest?: number;
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
/**
 * Of the time past a usual gap: what is earlier is put right at once, because the model has just learnt a great
 * deal, and what it learnt makes alarms of silences that are none.
 */
const FAR_TOO_EARLY = 0.5;

/** With no other wish the time is so many intervals: three questions are answered before it ends, and two may be lost. */
const INTERVALS_IN_TIME = 4;
/** A longer one than that part of the time leaves no answer to be lost. */
const LEAST_INTERVALS_IN_TIME = 2;
/** An interval that is this near to the wanted one is left alone; it is lengthened by no more at a time. */
const INTERVAL_STEP = 1.25;
/** An interval is chosen for so many times fewer alarms, or what is learnt next would make it infeasible again. */
const INTERVAL_MARGIN = 4;
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
  readonly #learnt: LearntGaps;
  /** Where the threshold is to be for false alarms' sake, which moves slowly; what is in force may be lower. */
  #aim: number;
  #threshold: number;
  #suspectThreshold: number;
  #intervalMs: number;
  #gapsUntilDerived = REDERIVED_EVERY;

  /**
   * `curve` is the model's before its first heartbeat.
   *
   * @throws {RangeError} If an option is out of its range.
   */
  constructor(options: BudgetOptions, curve: SuspicionCurve) {
    requireOptions(options);
    this.#options = options;
    this.#intervalMs = firstIntervalMs(options);
    this.#learnt = new LearntGaps(this.#intervalMs, options.phiDigest ?? 0);
    this.#aim = this.#wantedAim();
    this.#threshold = this.#wantedThreshold(curve);
    this.#suspectThreshold = this.#wantedSuspectThreshold(curve);
  }

  /** φ from which the target is down. */
  get threshold(): number {
    return this.#threshold;
  }

  /** φ from which it is suspect: above 0, at most `threshold`. */
  get suspectThreshold(): number {
    return this.#suspectThreshold;
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
    this.#learnt.add(gapMs, phi, isCounted);
    if (--this.#gapsUntilDerived > 0) return this.#keepInTime(curve);
    this.#gapsUntilDerived = REDERIVED_EVERY;
    const before = this.#intervalMs;
    this.#deriveInterval();
    const hasMoved = this.#deriveThreshold(curve);
    return this.#deriveSuspectThreshold(curve) || hasMoved || this.#intervalMs !== before;
  }

  /** The time allowed is a promise: what is later, or far too early, is not left until the next look. */
  #keepInTime(curve: SuspicionCurve): boolean {
    const { detectWithinMs, longestSilenceMs } = this.#options;
    const silenceMs = curve.silenceAtPhi(this.#threshold);
    if (silenceMs <= (detectWithinMs ?? longestSilenceMs)) {
      // What was lowered for want of history rises again as soon as there is some.
      if (detectWithinMs === null && this.#threshold >= this.#aim) return false;
      const pastMs = (detectWithinMs ?? Infinity) - this.#learnt.meanMs;
      if (silenceMs - this.#learnt.meanMs >= FAR_TOO_EARLY * pastMs) return false;
    }
    const before = this.#threshold;
    this.#threshold = this.#wantedThreshold(curve);
    return this.#deriveSuspectThreshold(curve) || this.#threshold !== before;
  }

  #deriveSuspectThreshold(curve: SuspicionCurve): boolean {
    const before = this.#suspectThreshold;
    this.#suspectThreshold = this.#wantedSuspectThreshold(curve);
    return this.#suspectThreshold !== before;
  }

  /** Far out φ rises with the logarithm of the time, and half of it would be reached right after the usual gap. */
  #wantedSuspectThreshold(curve: SuspicionCurve): number {
    const { detectWithinMs, suspectRatio } = this.#options;
    const isTimed = detectWithinMs !== null || this.#threshold < this.#aim;
    const share = suspectRatio * (detectWithinMs === null ? this.#aim : this.#threshold);
    if (!isTimed) return share;
    const pastMs = curve.silenceAtPhi(this.#threshold) - this.#learnt.meanMs;
    if (!(pastMs > 0 && pastMs < Infinity)) return Math.min(share, this.#threshold);
    const phi = curve.phiAfter(this.#learnt.meanMs + suspectRatio * pastMs);
    const inTime = clamp(phi, LEAST_THRESHOLD * suspectRatio, this.#threshold);
    return detectWithinMs === null ? Math.min(share, inTime) : inTime;
  }

  #deriveThreshold(curve: SuspicionCurve): boolean {
    const { detectWithinMs } = this.#options;
    const before = this.#threshold;
    const step = this.#wantedAim() - this.#aim;
    if (Math.abs(step) >= LEAST_STEP) this.#aim += clamp(step, -MOST_STEP, MOST_STEP);
    if (detectWithinMs !== null) {
      const silenceMs = curve.silenceAtPhi(before);
      if (silenceMs >= EARLY * detectWithinMs && silenceMs <= detectWithinMs) return false;
    }
    this.#threshold = this.#wantedThreshold(curve);
    return this.#threshold !== before;
  }

  #wantedAim(): number {
    const { falseAlarmsPerMonth, threshold } = this.#options;
    if (falseAlarmsPerMonth === null) return threshold;
    const share = (falseAlarmsPerMonth * this.#learnt.meanMs) / MONTH_MS;
    return Math.max(this.#learnt.levelOf(share), LEAST_THRESHOLD);
  }

  /** With both promises the time is used up: a later verdict is less often a wrong one. */
  #wantedThreshold(curve: SuspicionCurve): number {
    const { detectWithinMs, longestSilenceMs } = this.#options;
    if (detectWithinMs !== null) return withinReason(curve.phiAfter(AIM * detectWithinMs));
    return Math.min(this.#aim, withinReason(curve.phiAfter(longestSilenceMs)));
  }

  #deriveInterval(): void {
    const { leastIntervalMs, intervalMs } = this.#options;
    if (leastIntervalMs >= intervalMs || this.#learnt.link.gapCount < JUDGED_FROM_GAPS) return;
    const wantedMs = this.#wantedIntervalMs();
    const ratio = wantedMs / this.#intervalMs;
    if (ratio < INTERVAL_STEP && ratio > 1 / INTERVAL_STEP) return;
    // A longer one is a silence that the model has to learn first.
    const before = this.#intervalMs;
    this.#intervalMs = Math.floor(Math.min(wantedMs, before * INTERVAL_STEP));
    this.#learnt.changeInterval(before, this.#intervalMs);
  }

  #wantedIntervalMs(): number {
    const { detectWithinMs, falseAlarmsPerMonth, leastIntervalMs, intervalMs } = this.#options;
    if (detectWithinMs === null) return intervalMs;
    if (falseAlarmsPerMonth === null) return firstIntervalMs(this.#options);
    const falseAlarms = falseAlarmsPerMonth / INTERVAL_MARGIN;
    const promise = { detectMs: EARLY * detectWithinMs, falseAlarmsPerMonth: falseAlarms };
    const range = { leastMs: leastIntervalMs, mostMs: intervalMs };
    return longestIntervalMs(this.#learnt.link.facts(), promise, range) ?? leastIntervalMs;
  }

  /** Null where no budget is stated. */
  reading(): BudgetReading | null {
    const { detectWithinMs, falseAlarmsPerMonth } = this.#options;
    if (detectWithinMs === null && falseAlarmsPerMonth === null) return null;
    const stated = { detectWithinMs, falseAlarmsPerMonth };
    const inForce = { threshold: this.#threshold, intervalMs: this.#intervalMs };
    if (detectWithinMs === null || this.#learnt.link.gapCount < JUDGED_FROM_GAPS) {
      return { ...stated, ...inForce, isFeasible: null, mostFalseAlarmsPerMonth: null };
    }
    const detectMs = EARLY * detectWithinMs;
    const most = mostFalseAlarmsPerMonth(this.#learnt.link.facts(), this.#intervalMs, detectMs);
    // A time alone can always be kept: a config in which it is no longer than the interval is refused.
    const isFeasible = falseAlarmsPerMonth === null || most <= falseAlarmsPerMonth;
    return { ...stated, ...inForce, isFeasible, mostFalseAlarmsPerMonth: most };
  }

  /** Null unless the budget is known not to be feasible. Takes a while, for whoever asks for one target. */
  feasibleInstead(): FeasibleNumbers | null {
    const { detectWithinMs, falseAlarmsPerMonth } = this.#options;
    const reading = this.reading();
    if (reading?.isFeasible !== false) return null;
    if (detectWithinMs === null || falseAlarmsPerMonth === null) return null;
    const most = reading.mostFalseAlarmsPerMonth;
    const link = this.#learnt.link.facts();
    const shortestMs = shortestDetectionMs(
      link,
      this.#intervalMs,
      falseAlarmsPerMonth,
      LONGEST_DETECTION_MS,
    );
    const intervalMs = longestIntervalMs(
      link,
      { detectMs: EARLY * detectWithinMs, falseAlarmsPerMonth },
      { leastMs: SHORTEST_INTERVAL_MS, mostMs: this.#intervalMs },
    );
    return {
      detectWithinMs: Number.isFinite(shortestMs) ? Math.ceil(shortestMs / EARLY) : null,
      falseAlarmsPerMonth: most,
      intervalMs: intervalMs === null ? null : Math.floor(intervalMs),
    };
  }

  /** For `restore`. */
  save(): number[] {
    return this.#learnt.save(this.#intervalMs);
  }

  /**
   * Goes on where another keeper ended, with the curve as that left it; the budget may be another one, and so may the model. False if
   * that is not what a keeper leaves: then it knows the curve alone.
   */
  restore(saved: readonly number[], curve: SuspicionCurve): boolean {
    const savedMs = this.#learnt.restore(saved);
    if (savedMs !== null) {
      this.#intervalMs = this.#intervalAfter(savedMs);
      this.#learnt.changeInterval(savedMs, this.#intervalMs);
      this.#aim = this.#wantedAim();
    }
    this.#threshold = this.#wantedThreshold(curve);
    this.#suspectThreshold = this.#wantedSuspectThreshold(curve);
    return savedMs !== null;
  }

  /** Another one than the model has learnt would be a silence to it; but with too long a one the time is not kept. */
  #intervalAfter(savedMs: number): number {
    const { detectWithinMs, falseAlarmsPerMonth, leastIntervalMs, intervalMs } = this.#options;
    const isInTime =
      detectWithinMs === null ||
      (falseAlarmsPerMonth !== null && savedMs <= detectWithinMs / LEAST_INTERVALS_IN_TIME);
    return isInTime ? clamp(savedMs, leastIntervalMs, intervalMs) : firstIntervalMs(this.#options);
  }
}

function requireOptions(options: BudgetOptions): void {
  const { intervalMs, leastIntervalMs, threshold, suspectRatio } = options;
  const { detectWithinMs, falseAlarmsPerMonth, longestSilenceMs } = options;
  const doing = "create BudgetKeeper";
  requireNumbers(doing, "> 0 and finite", { intervalMs, leastIntervalMs, threshold });
  requireNumbers(doing, "> 0", { detectWithinMs, falseAlarmsPerMonth, longestSilenceMs });
  requireNumbers(doing, "> 0 and <= 1", { suspectRatio });
}

/** From what `save` gave; undefined where it gave nothing. */
export function savedIntervalMs(saved: ArrayLike<number>): number | undefined {
  return saved[1];
}

/** How often it is asked while nothing is known. */
export function firstIntervalMs({
  detectWithinMs,
  intervalMs,
  leastIntervalMs,
}: BudgetOptions): number {
  if (detectWithinMs === null) return intervalMs;
  return clamp(Math.floor(detectWithinMs / INTERVALS_IN_TIME), leastIntervalMs, intervalMs);
}

function withinReason(threshold: number): number {
  return clamp(threshold, LEAST_THRESHOLD, MOST_THRESHOLD);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
